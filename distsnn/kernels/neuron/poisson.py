"""Poisson input: the number of spikes of each neuron in one step, independent of all others.

The count of neuron i at step t is the number of thresholds <= u, its uniform 32-bit word:
P(count > k) = P(u >= threshold[k]). Neurons 2j and 2j + 1 share one Threefry block,
whose counter is (j, t).

Source: inversion of the distribution function (Devroye 1986, Non-uniform random variate generation,
III.2), with the table made by ``distsnn.stimuli.poisson_thresholds``.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import threefry

COMPARE_LIMIT = 640  # thresholds; up to here comparing with all is faster than searching


@device
def fill_noise(t, index_start, n, key_low, key_high, words):
    """words[i + (index_start & 1)] = the word of neuron index_start + i at step t."""
    # Counter of a block: (neuron pair, low half of t); the high half of t is mixed into the key.
    first = index_start >> 1
    n_blocks = ((index_start + n + 1) >> 1) - first
    step = np.uint32(t & 0xFFFFFFFF)
    high = np.uint32(key_high ^ np.uint32(t >> 32 & 0xFFFFFFFF))
    for j in range(n_blocks):
        x, y = threefry(key_low, high, np.uint32(first + j), step)
        words[2 * j] = x
        words[2 * j + 1] = y


@device
def count_by_comparing(words, thresholds, n_certain, counts):
    """counts[i] = number of thresholds <= words[i]; loops over words, so that they vectorise.

    The first ``n_certain`` thresholds are 0.
    """
    for i in range(words.size):
        counts[i] = np.uint32(n_certain)
    # Single thresholds first, so that a multiple of four remains; four share one pass over counts.
    n_single = (thresholds.size - n_certain) & 3
    for k in range(n_certain, n_certain + n_single):
        a = thresholds[k]
        for i in range(words.size):
            counts[i] = np.uint32(counts[i] + np.uint32(words[i] >= a))
    for k in range(n_certain + n_single, thresholds.size, 4):
        a, b = thresholds[k], thresholds[k + 1]
        c, d = thresholds[k + 2], thresholds[k + 3]
        for i in range(words.size):
            w = words[i]
            low = np.uint32(np.uint32(w >= a) + np.uint32(w >= b))
            high = np.uint32(np.uint32(w >= c) + np.uint32(w >= d))
            counts[i] = np.uint32(counts[i] + np.uint32(low + high))


@device
def count_below(word, thresholds, first):
    """Return the number of thresholds <= word, given that the first ``first`` of them are.

    Branch-free bisection.
    """
    length = thresholds.size - first
    while length > 0:
        half = (length + 1) >> 1
        first += half * np.int64(thresholds[np.uint64(first + half - 1)] <= word)
        length -= half
    return first


@device
def count_by_searching(words, thresholds, n_certain, counts):
    """counts[i] = number of thresholds <= words[i], for many thresholds."""
    for i in range(words.size):
        counts[i] = np.uint32(count_below(words[i], thresholds, n_certain))


@device
def add_poisson(t, index_start, n, key_low, key_high, thresholds, weight, out, scratch):
    """out[i] += weight * count of neuron index_start + i at step t, for i < n.

    key_low, key_high: uint32. thresholds: uint32, ascending. weight: float32. out: float32 [n].
    scratch: uint32 [2 n + 4] at least.
    """
    fill_noise(t, index_start, n, key_low, key_high, scratch)
    odd = index_start & 1
    words = scratch[odd : odd + n]
    counts = scratch[n + 2 : 2 * n + 2]
    n_certain = count_below(np.uint32(0), thresholds, 0)
    if thresholds.size - n_certain <= COMPARE_LIMIT:
        count_by_comparing(words, thresholds, n_certain, counts)
    else:
        count_by_searching(words, thresholds, n_certain, counts)
    for i in range(n):
        out[i] += np.float32(counts[i]) * weight


@kernel("i8(i8, i8, i8, i8, u4[:], f4[:], f4[:], u4[:])")
def poisson(t, index_start, key_low, key_high, thresholds, weight, out, scratch):
    """``add_poisson`` on its own; weight: float32 [1]."""
    add_poisson(
        t,
        index_start,
        out.size,
        np.uint32(key_low),
        np.uint32(key_high),
        thresholds,
        weight[0],
        out,
        scratch,
    )
    return out.size
