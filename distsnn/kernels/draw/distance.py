"""Draws sources by distance, from those within reach: a coin for each, or the best of a race.

The coin of a pair is the word of the counter (target, source), so that it depends neither on the other
pairs nor on how sources are sorted. A probability is read from a table, linear between its entries:
entry j belongs to the distance j / per_length, in units of 2^-32, the last one to the reach.

A fixed number k of sources is drawn by a race: source s arrives at -log(u_s) / p_s, and the first k
win. So each next one is chosen among the rest with probability proportional to p (Efraimidis &
Spirakis 2006, Inf Process Lett 97:181).
"""

from __future__ import annotations

import math

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.neighbours import gather
from distsnn.kernels.numbers.threefry import threefry, unit_double

# Entries of ``facts``, float64.
REACH, PER_LENGTH, MAX_WORDS = range(3)
NOBODY = -1
WORDS = 2.0**32


@device
def probability(square, facts, table):
    """Return the probability of a pair at a squared distance, in units of 2^-32."""
    place = math.sqrt(square) * facts[PER_LENGTH]
    entry = min(np.int64(place), table.size - 2)
    return table[entry] + (place - np.float64(entry)) * (table[entry + 1] - table[entry])


@kernel(
    "i8(i8, i8, i8, f8[:], f8[:], i8[:], f8[:,:], f8[:,:], u4[:], i8[:], i8[:], f8[:,:], u4[:], f8[:],"
    " u4[:], i4[:], u4[:])"
)
def join_by_distance(
    key_low, key_high, start, facts, table, own, points, coordinates, ids, cells, shape, frame, near,
    squares, words, counts, out,
):  # fmt: skip
    """counts[i] = the number of sources of target start + i; ``out`` gets them, if it has room.

    own[t]: the source that is target t itself, which is left out, or -1; empty: nobody is. near,
    squares, words: room for all sources. The other arrays: see ``gather``.
    """
    low, high = np.uint32(key_low), np.uint32(key_high)
    place = np.int64(0)
    for i in range(counts.size):
        target = start + i
        itself = own[target] if own.size > 0 else np.int64(NOBODY)
        n = gather(
            points, target, facts[REACH], coordinates, ids, cells, shape, frame, near, squares
        )
        for k in range(n):
            words[k], _ = threefry(low, high, np.uint32(target), near[k])
        first = place
        for k in range(n):
            coin = np.float64(words[k])
            if coin >= facts[MAX_WORDS] or coin >= probability(squares[k], facts, table):
                continue
            if np.int64(near[k]) == itself:
                continue
            if out.size > 0:
                out[place] = near[k]
            place += 1
        counts[i] = np.int32(place - first)
    return place


@device
def sift(arrivals, runners, n, arrival, runner):
    """Replace the top of a heap, the latest of the first ``n`` arrivals, by an earlier one."""
    i = np.int64(0)
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        if child + 1 < n and arrivals[child + 1] > arrivals[child]:
            child += 1
        if arrivals[child] <= arrival:
            break
        arrivals[i], runners[i] = arrivals[child], runners[child]
        i = child
    arrivals[i], runners[i] = arrival, runner


@kernel(
    "i8(i8, i8, i8, i8, f8[:], f8[:], i8[:], f8[:,:], f8[:,:], u4[:], i8[:], i8[:], f8[:,:], u4[:],"
    " f8[:], f8[:], u4[:], u4[:])"
)
def race_by_distance(
    key_low, key_high, start, n_each, facts, table, own, points, coordinates, ids, cells, shape, frame,
    near, squares, arrivals, runners, out,
):  # fmt: skip
    """Write ``n_each`` different sources of each target; arrivals, runners: room for as many.

    Returns -1, or the first target that has fewer sources within reach.
    """
    low, high = np.uint32(key_low), np.uint32(key_high)
    for i in range(out.size // max(n_each, 1)):
        target = start + i
        itself = own[target] if own.size > 0 else np.int64(NOBODY)
        n = gather(
            points, target, facts[REACH], coordinates, ids, cells, shape, frame, near, squares
        )
        for k in range(n_each):
            arrivals[k], runners[k] = np.inf, np.uint32(0)
        for k in range(n):
            p = probability(squares[k], facts, table)
            if p <= 0.0 or np.int64(near[k]) == itself:
                continue
            x, y = threefry(low, high, np.uint32(target), near[k])
            arrival = -math.log(unit_double(x, y)) / p
            if arrival < arrivals[0]:
                sift(arrivals, runners, n_each, arrival, near[k])
        if n_each > 0 and arrivals[0] == np.inf:
            return target
        for k in range(n_each):
            out[i * n_each + k] = runners[k]
    return -1


@kernel(
    "i8(f8[:], f8[:], i8[:], f8[:,:], f8[:,:], u4[:], i8[:], i8[:], f8[:,:], u4[:], f8[:], i8[:],"
    " f8[:], f8[:], i8[:])"
)
def expect_by_distance(
    facts, table, own, points, coordinates, ids, cells, shape, frame, near, squares, targets, mean,
    variance, options,
):  # fmt: skip
    """Of chosen targets: the mean number of sources, its variance, and how many are possible."""
    for i in range(targets.size):
        target = targets[i]
        itself = own[target] if own.size > 0 else np.int64(NOBODY)
        n = gather(
            points, target, facts[REACH], coordinates, ids, cells, shape, frame, near, squares
        )
        mean[i], variance[i], options[i] = 0.0, 0.0, 0
        for k in range(n):
            p = probability(squares[k], facts, table) / WORDS
            if p <= 0.0 or np.int64(near[k]) == itself:
                continue
            mean[i] += p
            variance[i] += p * (1.0 - p)
            options[i] += 1
    return 0


@kernel(
    "i8(i8, f8[:], f8[:], i8[:], f8[:,:], f8[:,:], u4[:], i8[:], i8[:], f8[:,:], u4[:], f8[:], f8[:],"
    " i8[:], f8[:,:])"
)
def expect_none_by_distance(
    start, facts, table, own, points, coordinates, ids, cells, shape, frame, near, squares, factors,
    labels, total,
):  # fmt: skip
    """total[i, labels[b]] += -log(1 - p) for each neuron b within reach of neuron start + i.

    The sum is minus the logarithm of the probability that none of these pairs is connected. The
    probability p of a pair is multiplied by factors[b].
    """
    for i in range(total.shape[0]):
        here = start + i
        itself = own[here] if own.size > 0 else np.int64(NOBODY)
        n = gather(points, here, facts[REACH], coordinates, ids, cells, shape, frame, near, squares)
        for k in range(n):
            if np.int64(near[k]) == itself:
                continue
            other = np.int64(near[k])
            p = factors[other] * probability(squares[k], facts, table) / WORDS
            total[i, labels[other]] -= math.log1p(-min(p, 1.0 - 2.0**-53))
    return 0
