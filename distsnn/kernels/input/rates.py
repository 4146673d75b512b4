"""Poisson spikes with a rate for each neuron that may change in time.

    P(k spikes in a step) = m^k exp(-m) / k!,   m = rate dt

An entry is a neuron of a stimulus, at its position among the stimulus's neurons. The entries 2j and
2j + 1 are a block with a random block of two words, whose key is the stimulus's and whose counter is
(pair of positions, t), as in ``neuron/poisson.py``: a rate that is the same for all neurons gives the
spikes that a table of thresholds gives. Entries of all stimuli lie one after the other, and loops run
over ``CHUNK`` of them, so that the time of a step depends on the number of entries alone, not on the
number of stimuli. A chunk in which all means are 0 is left out.

A row is a stimulus, see ``levels``: mean = scale * level.

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
    is_any,
)
from distsnn.kernels.numbers.exponential_f8 import exp_f8
from distsnn.kernels.numbers.threefry import threefry

LARGE = 32.0  # means above are searched from the mode on
N_WORDS = 4294967296.0
BEYOND = 2.0 * N_WORDS
N_WORK = 5  # rows of scratch, see count_some


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
def set_mean(i, m, mean, at_mode, below, quiet):
    """Set the mean of entry i and what follows: P(mode), P(count < mode), words that mean 0 spikes."""
    mean[i] = m
    if m <= LARGE:
        p = exp_f8(-m)  # the mode is taken to be 0
        at_mode[i] = p
        below[i] = 0.0
        quiet[i] = np.uint32(min(np.rint(p * N_WORDS), N_WORDS - 1.0))
    else:
        at_mode[i], below[i] = of_mode(m)
        quiet[i] = np.uint32(0)


@device
def set_level(row, edge, rows, levels, scale, mean, at_mode, below, quiet):
    """Set the means of a row's entries to scale * level of an edge; 0 before the first edge."""
    first, end = rows[row, FIRST_ENTRY], rows[row, END_ENTRY]
    width = rows[row, WIDTH]
    rows[row, NOW] = edge
    if edge < rows[row, FIRST_EDGE]:
        for i in range(first, end):
            set_mean(i, 0.0, mean, at_mode, below, quiet)
        return
    at = rows[row, FIRST_LEVEL] + (edge - rows[row, FIRST_EDGE]) * width
    step = np.int64(width > 1)
    for i in range(first, end):
        set_mean(i, scale[i] * levels[at + (i - first) * step], mean, at_mode, below, quiet)


@device
def refresh(t, rows, edges, levels, limits, scale, mean, at_mode, below, quiet, is_active):
    """Derive the means of step t and the steps for which they hold."""
    limits[0], limits[1] = BEFORE_ALL, AFTER_ALL
    for row in range(rows.shape[0]):
        edge = edge_of_row(t, row, rows, edges, limits)
        if edge == rows[row, NOW]:
            continue
        set_level(row, edge, rows, levels, scale, mean, at_mode, below, quiet)
        # Chunks of the row's entries, which it may share with its neighbours.
        last = (rows[row, END_ENTRY] + CHUNK - 1) // CHUNK
        for chunk in range(rows[row, FIRST_ENTRY] // CHUNK, last):
            is_active[chunk] = is_any(chunk, mean)


@device
def draw_maybe(t, first, n, keys, counters, quiet, words, some):
    """Draw the words of the entries first .. first + n - 1; return how many may have spikes.

    n: even. some: their places, 0 .. n - 1. keys: uint32 [2, blocks], low and high words.
    """
    block = first >> 1
    step, high = np.uint32(t & 0xFFFFFFFF), np.uint32(t >> 32 & 0xFFFFFFFF)
    low_keys, high_keys = keys[0, block:], keys[1, block:]
    own = counters[block:]
    for j in range(n >> 1):
        x, y = threefry(low_keys[j], np.uint32(high_keys[j] ^ high), own[j], step)
        words[2 * j] = x
        words[2 * j + 1] = y
    limit = quiet[first : first + n]
    n_some = 0
    for i in range(n):
        some[n_some] = np.uint32(i)
        n_some += np.int64(words[i] >= limit[i])
    return n_some


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
    "i8(i8, i8[:,:], i8[:], f8[:], i8[:], u4[:,:], u4[:], f8[:], f8[:], f8[:], f8[:], u4[:], "
    "i8[:], f4[:], u1[:], u4[:], u4[:], f8[:,:], f4[:])"
)
def drive_rates(t, rows, edges, levels, limits, keys, counters, scale, mean, at_mode, below, quiet,
                targets, weights, is_active, words, some, work, arrived):  # fmt: skip
    """arrived[target] += weight * count of every entry at step t; see above.

    targets int64, weights float32, scale, mean, at_mode, below float64 and quiet uint32 are by entry;
    keys uint32 [2, blocks] and counters uint32 by block. words, some uint32 [CHUNK] and work float64
    [N_WORK, CHUNK] are scratch. arrived: float32, flat.
    """
    if t < limits[0] or t >= limits[1]:
        refresh(t, rows, edges, levels, limits, scale, mean, at_mode, below, quiet, is_active)
    for chunk in range(is_active.size):
        if is_active[chunk] == 0:
            continue
        first = chunk * CHUNK
        n = min(CHUNK, mean.size - first)
        n_some = draw_maybe(t, first, n, keys, counters, quiet, words, some)
        count_some(first, n_some, some, words, mean, at_mode, below, work)
        for k in range(n_some):
            i = first + np.int64(some[k])
            arrived[targets[i]] += np.float32(work[4, k]) * weights[i]
    return 0
