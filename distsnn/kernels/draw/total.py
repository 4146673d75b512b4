"""Random numbers of synapses per target: independent ones, and shares of a fixed total.

A binary tree splits a fixed total over the targets. A node is a range of targets with a number of
synapses, and one draw with the node's own key says how many of them go to the lower half of the
range. Any range of targets can thus be drawn alone, by visiting only the nodes that overlap it.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.counts import binomial, hypergeometric
from distsnn.kernels.numbers.threefry import threefry

STACK_ROWS = 64  # at most two nodes wait on each of 31 levels
# Columns of the stack: the node's targets LOW .. HIGH - 1, their synapses, and the node's number; the
# root is 1, the halves of node k are 2 k and 2 k + 1.
LOW, HIGH, N_SYNAPSES, NODE = range(4)


@device
def push(stack, depth, low, high, n_synapses, node):
    """Push a node onto the stack unless it is empty; return the new depth."""
    if n_synapses <= 0 or low >= high:
        return depth
    stack[depth, LOW] = low
    stack[depth, HIGH] = high
    stack[depth, N_SYNAPSES] = n_synapses
    stack[depth, NODE] = node
    return depth + 1


@device
def split(key_low, key_high, n_synapses, n_lower, n_upper, capacity):
    """Return how many of ``n_synapses`` go to the lower ``n_lower`` of n_lower + n_upper targets.

    capacity: the most synapses that a target can have, 0 for no limit.
    """
    # Pairs are drawn without replacement (hypergeometric) or with it (binomial).
    if capacity > 0:
        return hypergeometric(key_low, key_high, capacity * n_lower, capacity * n_upper, n_synapses)
    return binomial(key_low, key_high, n_synapses, n_lower / (n_lower + n_upper))


@kernel("i8(i8, i8, i8, i8, i8, i8, i8[:,:], i4[:])")
def share_total(key_low, key_high, total, capacity, n_targets, start, stack, counts):
    """Set counts[i] to the number of synapses of target start + i, out of ``total`` over all targets.

    capacity: as in ``split``. stack: int64 [64, 4], scratch. counts: int32, written.
    """
    stop = start + counts.size
    for i in range(counts.size):
        counts[i] = 0
    depth = push(stack, 0, 0, n_targets, total, 1)
    while depth > 0:
        depth -= 1
        low, high = stack[depth, LOW], stack[depth, HIGH]
        n_synapses, node = stack[depth, N_SYNAPSES], stack[depth, NODE]
        if high <= start or low >= stop:
            continue
        if high - low == 1:
            counts[low - start] = np.int32(n_synapses)
            continue
        middle = (low + high) >> 1
        node_low, node_high = threefry(
            np.uint32(key_low), np.uint32(key_high), np.uint32(node), np.uint32(node >> 32)
        )
        n_in_lower = split(node_low, node_high, n_synapses, middle - low, high - middle, capacity)
        depth = push(stack, depth, low, middle, n_in_lower, 2 * node)
        depth = push(stack, depth, middle, high, n_synapses - n_in_lower, 2 * node + 1)
    return 0


@kernel("i8(i8, i8, i8, i8, f8[:], i4[:])")
def count_trials(key_low, key_high, start, n_trials, p, counts):
    """Set counts[i] to the successes of target start + i in n_trials, each of probability p[0]."""
    for i in range(counts.size):
        own_low, own_high = threefry(
            np.uint32(key_low), np.uint32(key_high), np.uint32(start + i), np.uint32(0)
        )
        counts[i] = np.int32(binomial(own_low, own_high, n_trials, p[0]))
    return 0
