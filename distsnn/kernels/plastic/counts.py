"""Counts updates of plastic synapses per core: one for each spike of either side of a synapse."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT


@device
def arrive_axon(axon, row, core_start, core, n_learning, nodes, learning):
    """Count one update for each plastic synapse of an axon."""
    for k in range(np.int64(core_start[axon]), np.int64(core_start[axon + 1])):
        learning[row, np.int64(nodes[np.int64(core[k])])] += np.int64(n_learning[k])


@kernel("i8(i8, i8, i8, i8, i8, u4[:], u4[:], u4[:], u2[:], u4[:], i4[:], i8[:,:])")
def count_arrived(
    step_row, batch_row, rows_per_step, n_own, n_received, own_axons, received, core_start, core,
    n_learning, nodes, learning,
):  # fmt: skip
    """Count presynaptic spikes in the step in which they were sent; arguments as of ``arrive``.

    n_learning: uint32, in parallel with core, plastic synapses of an axon onto that core.
    """
    for i in range(n_own):
        axon = np.int64(own_axons[i])
        arrive_axon(axon, step_row, core_start, core, n_learning, nodes, learning)
    for i in range(n_received):
        packet = received[i]
        axon = np.int64(packet & np.uint32(AXON_MASK))
        row = batch_row + np.int64(packet >> np.uint32(STEP_SHIFT)) * rows_per_step
        arrive_axon(axon, row, core_start, core, n_learning, nodes, learning)
    return 0


@kernel("i8(i8, i8, i8, u4[:], u4[:], i4[:], i8[:,:])")
def count_spiked(row, n_spikes, lid_bits, spikes, n_in, nodes, learning):
    """Count postsynaptic spikes: spikes[:n_spikes] are slots, n_in uint32 their plastic synapses."""
    for i in range(n_spikes):
        slot = np.int64(spikes[i])
        learning[row, np.int64(nodes[slot >> lid_bits])] += np.int64(n_in[slot])
    return 0
