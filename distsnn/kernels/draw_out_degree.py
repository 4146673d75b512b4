"""The same number of synapses from every source: which of them reach a given range of targets.

Each source has its own binary tree over the targets (see ``draw_total.py``), followed only where it
overlaps the wanted range, down to leaves whose few targets are drawn and then looked through.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.declare import device, kernel
from distsnn.kernels.draw import NO_GAP, close_gap, draw_chunk
from distsnn.kernels.draw_counts import binomial, hypergeometric
from distsnn.kernels.draw_total import HIGH, LOW, NODE, NUMBER, push
from distsnn.kernels.threefry import CHUNK, threefry

LEAF_NUMBER = 32  # a node with so few synapses is a leaf: one chunk draws them all
LEAF_TARGETS = 64  # so is one with so few targets: one word marks them


@device
def n_places(low, high, gap):
    """Return how many targets low .. high - 1 the source may reach."""
    return high - low - np.int64(low <= gap < high)


@device
def keep(value, low, gap, start, stop, hits, n_hits):
    """Add the target to the hits if it is in start .. stop - 1; return their new number."""
    target = np.int64(close_gap(np.uint32(value + np.uint32(low)), np.uint32(gap)))
    if start <= target < stop:
        hits[n_hits] = np.uint32(target)
        n_hits += 1
    return n_hits


@device
def draw_repeating(key_low, key_high, low, n, number, gap, start, stop, spare, hits, n_hits):
    """A leaf where targets may repeat."""
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    zero, places = np.uint32(0), np.uint32(n)
    for chunk in range((number + CHUNK - 1) // CHUNK):
        draw_chunk(
            key_low, key_high, zero, chunk, places, limit, zero, np.uint32(NO_GAP), spare, 0
        )
        for j in range(min(CHUNK, number - chunk * CHUNK)):
            n_hits = keep(spare[j], low, gap, start, stop, hits, n_hits)
    return n_hits


@device
def is_among(value, values, n):
    """Return whether the value is one of values[:n]."""
    n_equal = 0
    for i in range(n):
        n_equal += values[i] == value
    return n_equal > 0


@device
def draw_few(key_low, key_high, low, n, number, gap, start, stop, spare, hits, n_hits):
    """A leaf of many targets, few of which are drawn, each once. spare[32:64] holds them."""
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    zero, places = np.uint32(0), np.uint32(n)
    drawn = spare[CHUNK : 2 * CHUNK]
    n_drawn, chunk, j = np.int64(0), np.int64(0), np.int64(CHUNK)
    while n_drawn < number:
        if j == CHUNK:
            draw_chunk(
                key_low, key_high, zero, chunk, places, limit, zero, np.uint32(NO_GAP), spare, 0
            )
            chunk += 1
            j = 0
        if not is_among(spare[j], drawn, n_drawn):
            drawn[n_drawn] = spare[j]
            n_drawn += 1
            n_hits = keep(spare[j], low, gap, start, stop, hits, n_hits)
        j += 1
    return n_hits


@device
def draw_marked(key_low, key_high, low, n, number, gap, start, stop, spare, hits, n_hits):
    """A leaf of at most 64 targets, each drawn once; those to leave out where they are fewer."""
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    zero, places = np.uint32(0), np.uint32(n)
    is_rest = 2 * number > n
    n_wanted = n - number if is_rest else number
    marks = np.uint64(0)
    n_marked, chunk, j = np.int64(0), np.int64(0), np.int64(CHUNK)
    while n_marked < n_wanted:
        if j == CHUNK:
            draw_chunk(
                key_low, key_high, zero, chunk, places, limit, zero, np.uint32(NO_GAP), spare, 0
            )
            chunk += 1
            j = 0
        mark = np.uint64(1) << np.uint64(spare[j])
        n_marked += np.int64((marks & mark) == np.uint64(0))
        marks |= mark
        j += 1
    for i in range(n):
        is_marked = ((marks >> np.uint64(i)) & np.uint64(1)) != np.uint64(0)
        if is_marked != is_rest:
            n_hits = keep(np.uint32(i), low, gap, start, stop, hits, n_hits)
    return n_hits


@device
def draw_leaf(
    key_low, key_high, low, high, number, gap, multapses, start, stop, spare, hits, n_hits
):
    """Draw the targets of a leaf and keep those in start .. stop - 1."""
    n = n_places(low, high, gap)
    if multapses != 0:
        return draw_repeating(
            key_low, key_high, low, n, number, gap, start, stop, spare, hits, n_hits
        )
    if high - low <= LEAF_TARGETS:
        return draw_marked(key_low, key_high, low, n, number, gap, start, stop, spare, hits, n_hits)
    return draw_few(key_low, key_high, low, n, number, gap, start, stop, spare, hits, n_hits)


@device
def find_hits(
    key_low, key_high, source, k, n_targets, gap, multapses, start, stop, stack, spare, hits
):
    """hits = the targets of a source in start .. stop - 1; return their number.

    gap: the target to leave out, NO_GAP for none.
    """
    n_hits = np.int64(0)
    depth = push(stack, 0, 0, n_targets, k, 1)
    while depth > 0:
        depth -= 1
        low, high = stack[depth, LOW], stack[depth, HIGH]
        number, node = stack[depth, NUMBER], stack[depth, NODE]
        if high <= start or low >= stop:
            continue
        node_low, node_high = threefry(key_low, key_high, np.uint32(source), np.uint32(node))
        if number <= LEAF_NUMBER or high - low <= LEAF_TARGETS:
            n_hits = draw_leaf(
                node_low, node_high, low, high, number, gap, multapses, start, stop, spare, hits,
                n_hits,
            )  # fmt: skip
            continue
        middle = (low + high) >> 1
        n_lower, n_upper = n_places(low, middle, gap), n_places(middle, high, gap)
        if multapses != 0:
            lower = binomial(node_low, node_high, number, n_lower / (n_lower + n_upper))
        else:
            lower = hypergeometric(node_low, node_high, n_lower, n_upper, number)
        depth = push(stack, depth, low, middle, lower, 2 * node)
        depth = push(stack, depth, middle, high, number - lower, 2 * node + 1)
    return n_hits


# Entries of the ``facts`` of both kernels.
KEY_LOW, KEY_HIGH, K, N_SOURCES, N_TARGETS, WITHOUT_SELF, MULTAPSES, START = range(8)


@device
def hits_of(source, facts, stop, stack, spare, hits):
    """``find_hits`` with its arguments from ``facts``."""
    gap = source if facts[WITHOUT_SELF] != 0 else np.int64(NO_GAP)
    return find_hits(
        np.uint32(facts[KEY_LOW]), np.uint32(facts[KEY_HIGH]), source, facts[K],
        facts[N_TARGETS], gap, facts[MULTAPSES], facts[START], stop, stack, spare, hits,
    )  # fmt: skip


@kernel("i8(i8[:], i8[:,:], u4[:], u4[:], i4[:])")
def count_out_degree(facts, stack, spare, hits, counts):
    """counts[i] = synapses onto target START + i. stack: [64, 4]; spare: [64]; hits: [K]."""
    for i in range(counts.size):
        counts[i] = 0
    for source in range(facts[N_SOURCES]):
        n_hits = hits_of(source, facts, facts[START] + counts.size, stack, spare, hits)
        for i in range(n_hits):
            counts[np.int64(hits[i]) - facts[START]] += np.int32(1)
    return 0


@kernel("i8(i8[:], i8[:,:], u4[:], u4[:], i8[:], u4[:])")
def fill_out_degree(facts, stack, spare, hits, places, out):
    """Write sources, ascending for each target. places[i]: where those of target START + i go."""
    for source in range(facts[N_SOURCES]):
        n_hits = hits_of(source, facts, facts[START] + places.size, stack, spare, hits)
        for i in range(n_hits):
            target = np.int64(hits[i]) - facts[START]
            out[places[target]] = np.uint32(source)
            places[target] += 1
    return 0
