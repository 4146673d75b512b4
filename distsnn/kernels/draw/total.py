"""Numbers of synapses per target, drawn at random: independent ones, and shares of a fixed total.

A fixed total is split over the targets by a binary tree: a node is a range of targets, and how much
of its number goes to its lower half is one draw that belongs to the node. So any range of targets
can be drawn alone, by visiting only the nodes that overlap it.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.counts import binomial, hypergeometric
from distsnn.kernels.numbers.threefry import threefry

STACK_ROWS = 64  # at most two nodes wait on each of 31 levels
LOW, HIGH, NUMBER, NODE = range(4)


@device
def push(stack, depth, low, high, number, node):
    """Put a node on the stack; return the new depth. Empty ones are left out."""
    if number <= 0 or low >= high:
        return depth
    stack[depth, LOW] = low
    stack[depth, HIGH] = high
    stack[depth, NUMBER] = number
    stack[depth, NODE] = node
    return depth + 1


@device
def split(key_low, key_high, number, n_lower, n_upper, places):
    """Return how many of ``number`` go to the lower ``n_lower`` targets of n_lower + n_upper.

    places: how many each target can hold, 0 for any number.
    """
    if places > 0:
        return hypergeometric(key_low, key_high, places * n_lower, places * n_upper, number)
    return binomial(key_low, key_high, number, n_lower / (n_lower + n_upper))


@kernel("i8(i8, i8, i8, i8, i8, i8, i8[:,:], i4[:])")
def share_total(key_low, key_high, total, places, n_targets, start, stack, counts):
    """counts[i] = the share of target start + i in ``total`` synapses; see ``split`` for places."""
    stop = start + counts.size
    for i in range(counts.size):
        counts[i] = 0
    depth = push(stack, 0, 0, n_targets, total, 1)
    while depth > 0:
        depth -= 1
        low, high = stack[depth, LOW], stack[depth, HIGH]
        number, node = stack[depth, NUMBER], stack[depth, NODE]
        if high <= start or low >= stop:
            continue
        if high - low == 1:
            counts[low - start] = np.int32(number)
            continue
        middle = (low + high) >> 1
        node_low, node_high = threefry(
            np.uint32(key_low), np.uint32(key_high), np.uint32(node), np.uint32(node >> 32)
        )
        lower = split(node_low, node_high, number, middle - low, high - middle, places)
        depth = push(stack, depth, low, middle, lower, 2 * node)
        depth = push(stack, depth, middle, high, number - lower, 2 * node + 1)
    return 0


@kernel("i8(i8, i8, i8, i8, f8[:], i4[:])")
def count_trials(key_low, key_high, start, n_trials, p, counts):
    """counts[i] = successes of target start + i in n_trials; p: [1]."""
    for i in range(counts.size):
        own_low, own_high = threefry(
            np.uint32(key_low), np.uint32(key_high), np.uint32(start + i), np.uint32(0)
        )
        counts[i] = np.int32(binomial(own_low, own_high, n_trials, p[0]))
    return 0
