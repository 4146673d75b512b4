"""Alias method: draws from any distribution over at most 65,536 integers, one look-up per word.

The 2^32 random words are divided among the outcomes: an outcome of probability p gets
round(2^32 p) of them. The table has 2^m columns; column c covers the 2^(32 - m) words whose high m
bits equal c and serves at most two outcomes, c itself and an alias. Its entry is
table[c] = threshold << m | alias: words whose low bits are below the threshold give c, all others
give the alias.

Source: Walker 1977, ACM Trans Math Softw 3:253; Vose 1991, IEEE Trans Softw Eng 17:972 (set-up).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import CHUNK, fill_words


@kernel("i8(i8, i8[:], i4[:], u4[:])")
def build_alias(bits, words, worklist, table):
    """Build the alias table (Vose 1991); return 0.

    bits: m. words: int64 [2^bits], words of each outcome, summing to 2^32; overwritten.
    worklist: int32 [2^bits], scratch. table: uint32 [2^bits], written.
    """
    # worklist: [outcomes with less than a column ... | ... outcomes with more than a column]
    n = words.size
    column = np.int64(1) << (32 - bits)
    n_small, first_large = 0, n
    for i in range(n):
        if words[i] < column:
            worklist[n_small] = i
            n_small += 1
        elif words[i] > column:
            first_large -= 1
            worklist[first_large] = i
        table[i] = np.uint32(i)  # threshold 0, own alias: right for exactly one column
    while n_small > 0:
        n_small -= 1
        small, large = worklist[n_small], worklist[first_large]
        # The large outcome fills what the small one leaves of its column.
        table[small] = np.uint32((words[small] << bits) | large)
        words[large] -= column - words[small]
        if words[large] <= column:
            first_large += 1
            if words[large] < column:
                worklist[n_small] = large
                n_small += 1
    return n_small


@device
def look_up(word, bits, mask, low_mask, table):
    """Return the outcome (uint32) of a random word; the inverse of ``build_alias``.

    mask: 2^bits - 1, the alias in an entry. low_mask: 2^(32 - bits) - 1, the low bits of a word.
    """
    column = np.uint32(word >> np.uint32(np.uint32(32) - bits))
    entry = table[np.uint64(column)]
    alias = np.uint32(entry & mask)
    is_own = np.uint32(np.uint32(word & low_mask) < np.uint32(entry >> bits))
    # is_own ? column : other, without a branch, which would often be mispredicted.
    return np.uint32(alias ^ np.uint32((column ^ alias) & np.uint32(-is_own)))


@device
def fill_outcomes(key_low, key_high, target_start, bits, lowest_outcome, counts, table, words, out):
    """Draw an outcome for each synapse of consecutive targets; return the number of synapses.

    Synapse j of target i takes word j of the stream of identity i. An outcome is
    ``lowest_outcome`` plus the number that the table gives.
    """
    position = np.int64(0)
    low, high, base = np.uint32(key_low), np.uint32(key_high), np.int32(lowest_outcome)
    mask, low_mask = np.uint32((1 << bits) - 1), np.uint32((1 << (32 - bits)) - 1)
    shift = np.uint32(bits)
    # Targets with more synapses than ``words`` holds are drawn in several batches.
    capacity = words.size
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        for n_done in range(0, counts[k], capacity):
            n = min(capacity, counts[k] - n_done)
            fill_words(low, high, target, n_done // CHUNK, (n + CHUNK - 1) // CHUNK, words)
            start = np.uint64(position + n_done)
            for j in range(n):
                outcome = look_up(words[np.uint64(j)], shift, mask, low_mask, table)
                out[start + np.uint64(j)] = np.int32(outcome) + base
        position += counts[k]
    return position


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], i2[:])")
def fill_quanta(key_low, key_high, target_start, bits, lowest_outcome, counts, table, words, out):
    """Draw weights in quanta into ``out``; words: scratch, a multiple of 32 words long."""
    return fill_outcomes(
        key_low, key_high, target_start, bits, lowest_outcome, counts, table, words, out
    )


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], u2[:])")
def fill_delays(key_low, key_high, target_start, bits, lowest_outcome, counts, table, words, out):
    """Draw delays in steps into ``out``; words: scratch, a multiple of 32 words long."""
    return fill_outcomes(
        key_low, key_high, target_start, bits, lowest_outcome, counts, table, words, out
    )
