"""Poisson spikes with a rate for each neuron that may change in time.

    P(k spikes in a step) = m^k exp(-m) / k!,   m = rate dt

An entry is a neuron of a stimulus, at its position among the stimulus's neurons. The entries 2j and
2j + 1 are a block with a random block of two words, whose key is the stimulus's and whose counter is
(pair of positions, t), as in ``neuron/poisson.py``: a rate that is the same for all neurons gives the
spikes that a table of thresholds gives. Entries of all stimuli lie one after the other, and loops run
over ``CHUNK`` of them, so that the time of a step depends on the number of entries alone, not on the
number of stimuli. A chunk in which all means are 0 is left out.

A row is a stimulus, see ``levels``: mean = scale * level. Most counts are found by comparing the word
with the first few thresholds, 2^32 P(count <= k); what is beyond the last of them is searched.

Source: inversion of the distribution function from the mode on (Devroye 1986, Non-Uniform Random
Variate Generation, III.2 and X.3).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.input.levels import (
    AFTER_ALL,
    BEFORE_ALL,
    CHUNK,
    END_ENTRY,
    FIRST_EDGE,
    FIRST_ENTRY,
    FIRST_LEVEL,
    NOW,
    WIDTH,
    edge_of_row,
)
from distsnn.kernels.numbers.exponential_f8 import exp_f8
from distsnn.kernels.numbers.threefry import threefry

LARGE = 32.0  # means above are searched from the mode on
N_WORDS = 4294967296.0
BEYOND = 2.0 * N_WORDS
N_WORK = 5  # rows of scratch, see count_some
MAX_DEPTH = 40  # thresholds of an entry
FEW = 0.02  # of the counts, found one by one
CHANGED = -1  # as the depth of a chunk


@device
def of_mode(mean):
    """Return P(mode) and P(count < mode), by summing outwards from the mode = floor(mean)."""
    mode = np.floor(mean)
    n_terms = np.int64(64.0 + 16.0 * np.sqrt(mean))
    above, below = 1.0, 0.0
    w = 1.0
    for k in range(1, n_terms + 1):
        w *= mean / (mode + k)
        above += w
    w = 1.0
    for k in range(min(n_terms, np.int64(mode))):
        w *= (mode - k) / mean
        below += w
    total = above + below
    return 1.0 / total, below / total


@device
def set_level(row, edge, rows, levels, scale, mean, at_mode, below):
    """Set the means of a row's entries to scale * level of an edge, and what follows from them."""
    first, end, width = rows[row, FIRST_ENTRY], rows[row, END_ENTRY], rows[row, WIDTH]
    rows[row, NOW] = edge
    step = np.int64(width > 1)
    at = rows[row, FIRST_LEVEL] + (edge - rows[row, FIRST_EDGE]) * width
    is_before = edge < rows[row, FIRST_EDGE]
    for i in range(first, end):
        m = 0.0 if is_before else scale[i] * levels[at + (i - first) * step]
        mean[i] = m
        at_mode[i] = exp_f8(-m)  # the mode is taken to be 0
        below[i] = 0.0
    for i in range(first, end):
        if mean[i] > LARGE:
            at_mode[i], below[i] = of_mode(mean[i])


@device
def set_thresholds(first, n, mean, at_mode, thresholds):
    """Set the thresholds of n entries; return how many, 0 if all means are 0.

    As many as leave less than ``FEW`` of the counts, but one alone if all are not enough.
    """
    most = 0.0
    for i in range(first, first + n):
        most = max(most, mean[i])
    if most == 0.0:
        return 0
    p = exp_f8(-most)
    cumulated, depth = p, 1
    while 1.0 - cumulated > FEW and depth <= MAX_DEPTH:
        p *= most / np.float64(depth)
        cumulated += p
        depth += 1
    depth = 1 if depth > MAX_DEPTH else depth
    for i in range(first, first + n):
        p = at_mode[i] * N_WORDS if mean[i] <= LARGE else 0.0
        cumulated = p
        thresholds[0, i] = np.uint32(min(np.rint(cumulated), N_WORDS - 1.0))
        for k in range(1, depth):
            p *= mean[i] / np.float64(k)
            cumulated += p
            thresholds[k, i] = np.uint32(min(np.rint(cumulated), N_WORDS - 1.0))
    return depth


@device
def refresh(t, rows, edges, levels, limits, scale, mean, at_mode, below, thresholds, depths):
    """Derive the means of step t and the steps for which they hold."""
    limits[0], limits[1] = BEFORE_ALL, AFTER_ALL
    for row in range(rows.shape[0]):
        edge = edge_of_row(t, row, rows, edges, limits)
        if edge == rows[row, NOW]:
            continue
        set_level(row, edge, rows, levels, scale, mean, at_mode, below)
        # Chunks of the row's entries, which it may share with its neighbours.
        last = (rows[row, END_ENTRY] + CHUNK - 1) // CHUNK
        for chunk in range(rows[row, FIRST_ENTRY] // CHUNK, last):
            depths[chunk] = CHANGED
    for chunk in range(depths.size):
        if depths[chunk] == CHANGED:
            n = min(CHUNK, mean.size - chunk * CHUNK)
            depths[chunk] = set_thresholds(chunk * CHUNK, n, mean, at_mode, thresholds)


@device
def draw_words(t, first, n, keys, pairs, words):
    """words[:n] = the words of the entries first .. first + n - 1; n: even.

    keys: uint32 [2, blocks], low and high words.
    """
    block = first >> 1
    step, high = np.uint32(t & 0xFFFFFFFF), np.uint32(t >> 32 & 0xFFFFFFFF)
    low_keys, high_keys = keys[0, block:], keys[1, block:]
    own = pairs[block:]
    for j in range(n >> 1):
        x, y = threefry(low_keys[j], np.uint32(high_keys[j] ^ high), own[j], step)
        words[2 * j] = x
        words[2 * j + 1] = y


@device
def count_few(first, n, depth, words, thresholds, counts):
    """counts[:n] = the number of thresholds at most the word, of ``depth`` of them."""
    own = thresholds[0, first : first + n]
    for i in range(n):
        counts[i] = np.uint32(words[i] >= own[i])
    for k in range(1, depth):
        own = thresholds[k, first : first + n]
        for i in range(n):
            counts[i] = np.uint32(counts[i] + np.uint32(words[i] >= own[i]))


@device
def chosen(n, depth, counts, some):
    """Write the places whose count may be larger than ``depth`` - 1 to some; return their number."""
    n_some = 0
    for i in range(n):
        some[n_some] = np.uint32(i)
        n_some += np.int64(counts[i] == np.uint32(depth))
    return n_some


@device
def add_counts(first, n, counts, weights, targets, arrived):
    """arrived[target] += weight * count of the entries first .. first + n - 1.

    Mostly the targets follow each other, so that the loop over them vectorises.
    """
    at, is_run = targets[first], True
    for i in range(n):
        is_run &= targets[first + i] == at + i
    own = weights[first : first + n]
    if is_run:
        sums = arrived[at : at + n]
        for i in range(n):
            sums[i] += np.float32(counts[i]) * own[i]
    else:
        for i in range(n):
            if counts[i] != np.uint32(0):
                arrived[targets[first + i]] += np.float32(counts[i]) * own[i]


@device
def count_from_mode(u, mean, at_mode, below):
    """Return the count for the word u + 1/2, by a search from the mode on; at_mode, below: shares."""
    k = np.floor(mean)
    p = at_mode * N_WORDS
    cumulated = below * N_WORDS
    if u >= cumulated:
        cumulated += p  # = 2^32 F(k)
        while u >= cumulated:
            k += 1.0
            p *= mean / k
            cumulated += p
        return k
    while k > 0.0 and u < cumulated:  # cumulated = 2^32 F(k - 1)
        p *= k / mean
        k -= 1.0
        cumulated -= p
    return k


@device
def count_some(first, n_some, some, words, mean, at_mode, below, work):
    """work[COUNT, :n_some] = the counts of some entries; loops over entries, so that they vectorise.

    The count is the number of k with 2^32 F(k) <= word + 1/2.
    """
    u, m, p, cumulated, count = work[0], work[1], work[2], work[3], work[4]
    for k in range(n_some):
        i = np.int64(some[k])
        u[k] = np.float64(words[i]) + 0.5
        m[k] = mean[first + i]
        p[k] = at_mode[first + i] * N_WORDS
        cumulated[k] = p[k]
        count[k] = 0.0
        if m[k] > LARGE:
            count[k] = count_from_mode(u[k], m[k], at_mode[first + i], below[first + i])
            cumulated[k] = BEYOND
    n_above, number = n_some, 1.0
    while n_above > 0:
        n_above = 0
        inverse = 1.0 / number
        for k in range(n_some):
            is_above = u[k] >= cumulated[k]
            n_above += np.int64(is_above)
            count[k] += np.float64(is_above)
            p[k] *= m[k] * inverse  # P(k) = P(k - 1) m / k
            cumulated[k] += p[k]
        number += 1.0


@kernel(
    "i8(i8, i8[:,:], i8[:], f8[:], i8[:], u4[:,:], u4[:], f8[:], f8[:], f8[:], f8[:], u4[:,:], "
    "i8[:], f4[:], i8[:], u4[:,:], f8[:,:], f4[:])"
)
def drive_rates(t, rows, edges, levels, limits, keys, pairs, scale, mean, at_mode, below,
                thresholds, targets, weights, depths, scratch, work, arrived):  # fmt: skip
    """arrived[target] += weight * count of every entry at step t; see above.

    targets int64, weights float32, scale, mean, at_mode, below float64 and thresholds uint32
    [MAX_DEPTH, entries] are by entry; keys uint32 [2, blocks] and pairs uint32 by block; depths int64
    by chunk: number of thresholds. scratch uint32 [3, CHUNK], work float64 [N_WORK, CHUNK]. arrived:
    float32, flat.
    """
    if t < limits[0] or t >= limits[1]:
        refresh(t, rows, edges, levels, limits, scale, mean, at_mode, below, thresholds, depths)
    words, counts, some = scratch[0], scratch[1], scratch[2]
    for chunk in range(depths.size):
        depth = depths[chunk]
        if depth == 0:
            continue
        first = chunk * CHUNK
        n = min(CHUNK, mean.size - first)
        draw_words(t, first, n, keys, pairs, words)
        count_few(first, n, depth, words, thresholds, counts)
        n_some = chosen(n, depth, counts, some)
        count_some(first, n_some, some, words, mean, at_mode, below, work)
        for k in range(n_some):
            counts[some[k]] = np.uint32(work[4, k])
        add_counts(first, n, counts, weights, targets, arrived)
    return 0
