"""The same number of synapses from every source: which of them reach a given range of targets.

Each source has its own binary tree over the targets (see ``draw_total.py``), followed only where it
overlaps the wanted range, down to leaves whose few targets are drawn and then looked through.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.counts import binomial, hypergeometric
from distsnn.kernels.draw.distinct import draw_distinct
from distsnn.kernels.draw.sources import NO_GAP, draw_below
from distsnn.kernels.draw.total import HIGH, LOW, NODE, NUMBER, push
from distsnn.kernels.numbers.threefry import threefry

LEAF_NUMBER = 128  # a node with so few synapses is a leaf: drawing them costs as much as a split
LEAF_TARGETS = 64  # so is one with so few targets


@device
def n_places(low, high, gap):
    """Return how many targets low .. high - 1 the source may reach."""
    return high - low - np.int64(low <= gap < high)


@device
def draw_leaf(
    key_low, key_high, low, high, number, gap, multapses, start, stop, table, spare, drawn, hits,
    n_hits,
):  # fmt: skip
    """Draw the targets of a leaf and keep those in start .. stop - 1; return their new number."""
    n = n_places(low, high, gap)
    own = np.uint32(NO_GAP) if n == high - low else np.uint32(gap)
    zero, places, first = np.uint32(0), np.uint32(n), np.uint32(low)
    if multapses != 0:
        draw_below(key_low, key_high, zero, 0, places, number, first, own, drawn, 0, spare)
    else:
        draw_distinct(key_low, key_high, zero, places, number, first, own, table, spare, drawn, 0)
    for i in range(number):
        target = np.int64(drawn[i])
        hits[n_hits] = np.uint32(target)
        n_hits += np.int64(start <= target < stop)
    return n_hits


@device
def find_hits(
    key_low, key_high, source, k, n_targets, gap, multapses, start, stop, stack, table, spare, drawn,
    hits,
):  # fmt: skip
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
                node_low, node_high, low, high, number, gap, multapses, start, stop, table, spare,
                drawn, hits, n_hits,
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


@kernel("i8(i8[:], i8[:,:], u4[:], u4[:], u4[:], u4[:], i8[:], u4[:])")
def place_out_degree(facts, stack, table, spare, drawn, hits, places, out):
    """Write the sources of the targets from START on, ascending for each target.

    places[i]: where those of target START + i begin, afterwards where they end. Where ``out`` is
    empty they are only counted. stack: [64, 4]; table: [512]; spare: [32]; drawn, hits: [K + 1].
    """
    start = facts[START]
    for source in range(facts[N_SOURCES]):
        n_hits = find_hits(
            np.uint32(facts[KEY_LOW]), np.uint32(facts[KEY_HIGH]), source, facts[K],
            facts[N_TARGETS], source if facts[WITHOUT_SELF] != 0 else np.int64(NO_GAP),
            facts[MULTAPSES], start, start + places.size, stack, table, spare, drawn, hits,
        )  # fmt: skip
        for i in range(n_hits):
            target = np.int64(hits[i]) - start
            if out.size > 0:
                out[places[target]] = np.uint32(source)
            places[target] += 1
    return 0
