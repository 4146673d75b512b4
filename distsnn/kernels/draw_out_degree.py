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
def is_among(value, values, n):
    """Return whether the value is one of values[:n]."""
    n_equal = 0
    for i in range(n):
        n_equal += values[i] == value
    return n_equal > 0


@device
def draw_leaf(
    key_low, key_high, low, high, number, gap, multapses, start, stop, spare, hits, n_hits
):
    """Draw the targets of a leaf and keep those in start .. stop - 1.

    Without multapses, values that came before are passed over: they are marked in one word, or
    listed in spare[32:64] where there are more places than bits. Where more than half of the places
    are wanted, those to leave out are drawn.
    """
    n = n_places(low, high, gap)
    if n == high - low:
        gap = np.int64(NO_GAP)
    zero, places = np.uint32(0), np.uint32(n)
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    has_marks = multapses == 0 and n <= LEAF_TARGETS
    has_list = multapses == 0 and n > LEAF_TARGETS
    is_rest = has_marks and 2 * number > n
    n_wanted = n - number if is_rest else number
    marks = np.uint64(0)
    n_drawn, chunk, j = np.int64(0), np.int64(0), np.int64(CHUNK)
    while n_drawn < n_wanted:
        if j == CHUNK:
            draw_chunk(
                key_low, key_high, zero, chunk, places, limit, zero, np.uint32(NO_GAP), spare, 0
            )
            chunk += 1
            j = 0
        value = spare[j]
        j += 1
        if has_marks:
            mark = np.uint64(1) << np.uint64(value)
            if (marks & mark) != np.uint64(0):
                continue
            marks |= mark
        elif has_list:
            if is_among(value, spare[CHUNK : 2 * CHUNK], n_drawn):
                continue
            spare[CHUNK + n_drawn] = value
        n_drawn += 1
        if not is_rest:
            n_hits = keep(value, low, gap, start, stop, hits, n_hits)
    if is_rest:
        for i in range(n):
            if ((marks >> np.uint64(i)) & np.uint64(1)) == np.uint64(0):
                n_hits = keep(np.uint32(i), low, gap, start, stop, hits, n_hits)
    return n_hits


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


# Entries of the ``facts`` of place_out_degree.
KEY_LOW, KEY_HIGH, K, N_SOURCES, N_TARGETS, WITHOUT_SELF, MULTAPSES, START = range(8)


@kernel("i8(i8[:], i8[:,:], u4[:], u4[:], i8[:], u4[:])")
def place_out_degree(facts, stack, spare, hits, places, out):
    """Write the sources of the targets from START on, ascending for each target.

    places[i]: where those of target START + i begin, afterwards where they end. Where ``out`` is
    empty they are only counted. stack: [64, 4]; spare: [64]; hits: [K].
    """
    start = facts[START]
    for source in range(facts[N_SOURCES]):
        n_hits = find_hits(
            np.uint32(facts[KEY_LOW]), np.uint32(facts[KEY_HIGH]), source, facts[K],
            facts[N_TARGETS], source if facts[WITHOUT_SELF] != 0 else np.int64(NO_GAP),
            facts[MULTAPSES], start, start + places.size, stack, spare, hits,
        )  # fmt: skip
        for i in range(n_hits):
            target = np.int64(hits[i]) - start
            if out.size > 0:
                out[places[target]] = np.uint32(source)
            places[target] += 1
    return 0
