"""Draws integers from any distribution over at most 65,536 outcomes: one word, one look-up.

The 2^32 words are dealt out to the outcomes exactly (an outcome of probability p gets round(2^32 p)
of them). Column c of 2^m holds the 2^(32 - m) words whose high bits are c, shared by at most two
outcomes; table[c] = threshold << m | other: words with low bits below the threshold belong to c
itself, the rest to the other.

Source: Walker 1977, ACM Trans Math Softw 3:253; Vose 1991, IEEE Trans Softw Eng 17:972 (set-up).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import CHUNK, fill_words


@kernel("i8(i8, i8[:], i4[:], u4[:])")
def build_alias(bits, words, waiting, table):
    """Deal out the columns. words: int64 [2^bits], sum 2^32, used up; waiting: int32 [2^bits].

    Outcomes with less than a column wait at the front of ``waiting``, those with more at its end.
    """
    n = words.size
    column = np.int64(1) << (32 - bits)
    n_small, first_large = 0, n
    for i in range(n):
        if words[i] < column:
            waiting[n_small] = i
            n_small += 1
        elif words[i] > column:
            first_large -= 1
            waiting[first_large] = i
        table[i] = np.uint32(i)
    while n_small > 0:
        n_small -= 1
        small, large = waiting[n_small], waiting[first_large]
        table[small] = np.uint32((words[small] << bits) | large)
        words[large] -= column - words[small]
        if words[large] <= column:
            first_large += 1
            if words[large] < column:
                waiting[n_small] = large
                n_small += 1
    return n_small


@device
def look_up(word, bits, mask, low_mask, table):
    """Return the outcome that a word belongs to."""
    column = np.uint32(word >> np.uint32(np.uint32(32) - bits))
    entry = table[np.uint64(column)]
    other = np.uint32(entry & mask)
    is_own = np.uint32(np.uint32(word & low_mask) < np.uint32(entry >> bits))
    # A branch here would be mispredicted half of the time.
    return np.uint32(other ^ np.uint32((column ^ other) & np.uint32(-is_own)))


@device
def fill_outcomes(key_low, key_high, target_start, bits, first, counts, table, words, out):
    """Outcomes for the synapses of consecutive targets, ``first`` + the number of a column."""
    place = np.int64(0)
    low, high, lowest = np.uint32(key_low), np.uint32(key_high), np.int32(first)
    mask, low_mask = np.uint32((1 << bits) - 1), np.uint32((1 << (32 - bits)) - 1)
    shift = np.uint32(bits)
    most = words.size
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        for done in range(0, counts[k], most):
            n = min(most, counts[k] - done)
            fill_words(low, high, target, done // CHUNK, (n + CHUNK - 1) // CHUNK, words)
            start = np.uint64(place + done)
            for j in range(n):
                outcome = look_up(words[np.uint64(j)], shift, mask, low_mask, table)
                out[start + np.uint64(j)] = np.int32(outcome) + lowest
        place += counts[k]
    return place


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], i2[:])")
def fill_quanta(key_low, key_high, target_start, bits, first, counts, table, words, out):
    """Weights in quanta. words: scratch, a multiple of 32."""
    return fill_outcomes(key_low, key_high, target_start, bits, first, counts, table, words, out)


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], u2[:])")
def fill_delays(key_low, key_high, target_start, bits, first, counts, table, words, out):
    """Delays in steps. words: scratch, a multiple of 32."""
    return fill_outcomes(key_low, key_high, target_start, bits, first, counts, table, words, out)
