"""A fixed number of synapses from every source: finds those that reach a given range of targets.

Each source has a binary tree of its own over the targets (as in ``total.py``), which is followed only
where it overlaps the range. In a leaf, all targets are drawn and those in the range are kept.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.counts import binomial, hypergeometric
from distsnn.kernels.draw.distinct import draw_distinct
from distsnn.kernels.draw.sources import NO_GAP, draw_below
from distsnn.kernels.draw.total import HIGH, LOW, N_SYNAPSES, NODE, push
from distsnn.kernels.numbers.threefry import threefry

# A node with at most this many synapses or targets is a leaf: drawing it costs as much as a split.
LEAF_NUMBER = 128
LEAF_TARGETS = 64


@device
def n_reachable(low, high, gap):
    """Return how many of the targets low .. high - 1 the source may reach, ``gap`` left out."""
    return high - low - np.int64(low <= gap < high)


@device
def draw_leaf(
    key_low, key_high, low, high, n_synapses, gap, multapses, start, stop, table, scratch, drawn, hits,
    n_hits,
):  # fmt: skip
    """Draw the targets of a leaf and append those in start .. stop - 1 to ``hits``.

    Returns the new number of hits.
    """
    n = n_reachable(low, high, gap)
    skipped = np.uint32(NO_GAP) if n == high - low else np.uint32(gap)
    zero, n_options, lowest = np.uint32(0), np.uint32(n), np.uint32(low)
    if multapses != 0:
        draw_below(
            key_low, key_high, zero, 0, n_options, n_synapses, lowest, skipped, drawn, 0, scratch
        )
    else:
        draw_distinct(
            key_low, key_high, zero, n_options, n_synapses, lowest, skipped, table, scratch,
            drawn, 0,
        )  # fmt: skip
    for i in range(n_synapses):
        target = np.int64(drawn[i])
        # Written always, counted only if in the range: no branch.
        hits[n_hits] = np.uint32(target)
        n_hits += np.int64(start <= target < stop)
    return n_hits


@device
def find_hits(
    key_low, key_high, source, k, n_targets, gap, multapses, start, stop, stack, table, scratch, drawn,
    hits,
):  # fmt: skip
    """Write the targets of a source that are in start .. stop - 1 to ``hits``; return their number.

    k: synapses of the source. gap: the target to leave out, NO_GAP for none.
    """
    n_hits = np.int64(0)
    depth = push(stack, 0, 0, n_targets, k, 1)
    while depth > 0:
        depth -= 1
        low, high = stack[depth, LOW], stack[depth, HIGH]
        n_synapses, node = stack[depth, N_SYNAPSES], stack[depth, NODE]
        if high <= start or low >= stop:
            continue
        node_low, node_high = threefry(key_low, key_high, np.uint32(source), np.uint32(node))
        if n_synapses <= LEAF_NUMBER or high - low <= LEAF_TARGETS:
            n_hits = draw_leaf(
                node_low, node_high, low, high, n_synapses, gap, multapses, start, stop, table, scratch,
                drawn, hits, n_hits,
            )  # fmt: skip
            continue
        middle = (low + high) >> 1
        n_lower, n_upper = n_reachable(low, middle, gap), n_reachable(middle, high, gap)
        # Share of the lower half: binomial with repetition, hypergeometric without.
        if multapses != 0:
            n_in_lower = binomial(node_low, node_high, n_synapses, n_lower / (n_lower + n_upper))
        else:
            n_in_lower = hypergeometric(node_low, node_high, n_lower, n_upper, n_synapses)
        depth = push(stack, depth, low, middle, n_in_lower, 2 * node)
        depth = push(stack, depth, middle, high, n_synapses - n_in_lower, 2 * node + 1)
    return n_hits


# Entries of ``parameters`` of place_out_degree.
KEY_LOW, KEY_HIGH, K, N_SOURCES, N_TARGETS, WITHOUT_SELF, MULTAPSES, START = range(8)


@kernel("i8(i8[:], i8[:,:], u4[:], u4[:], u4[:], u4[:], i8[:], u4[:])")
def place_out_degree(parameters, stack, table, scratch, drawn, hits, positions, out):
    """Write the sources of the targets from START on, ascending for each target.

    parameters: int64 [8], the constants above. positions: int64, entry i is where the sources of
    target START + i begin in ``out``, on return where they end. out: uint32, empty to count only.
    Scratch arrays: stack [64, 4], table [512], scratch [32], drawn and hits [K + 1].
    """
    start = parameters[START]
    for source in range(parameters[N_SOURCES]):
        n_hits = find_hits(
            np.uint32(parameters[KEY_LOW]), np.uint32(parameters[KEY_HIGH]), source, parameters[K],
            parameters[N_TARGETS], source if parameters[WITHOUT_SELF] != 0 else np.int64(NO_GAP),
            parameters[MULTAPSES], start, start + positions.size, stack, table, scratch, drawn, hits,
        )  # fmt: skip
        for i in range(n_hits):
            target = np.int64(hits[i]) - start
            if out.size > 0:
                out[positions[target]] = np.uint32(source)
            positions[target] += 1
    return 0
