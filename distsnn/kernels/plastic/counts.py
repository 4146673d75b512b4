"""Counts of plastic synapses: updates per core, and spikes that modulate learning."""

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
    """Count updates by presynaptic spikes in the step in which they were sent.

    Arguments as of ``arrive``. n_learning: uint32, in parallel with core, plastic synapses of an axon
    onto that core.
    """
    for i in range(n_own):
        axon = np.int64(own_axons[i])
        arrive_axon(axon, step_row, core_start, core, n_learning, nodes, learning)
    for i in range(n_received):
        # step in the batch (6) | fabric (1) | axon (25)
        packet = received[i]
        axon = np.int64(packet & np.uint32(AXON_MASK))
        # bin of the packet: steps since the batch began
        row = batch_row + np.int64(packet >> np.uint32(STEP_SHIFT)) * rows_per_step
        arrive_axon(axon, row, core_start, core, n_learning, nodes, learning)
    return 0


@kernel("i8(i8, i8, i8, u4[:], u4[:], i4[:], i8[:,:])")
def count_spiked(row, n_spikes, lid_bits, spikes, n_in, nodes, learning):
    """Count updates by postsynaptic spikes.

    spikes[:n_spikes]: slots that spiked. n_in: uint32, plastic synapses onto each slot.
    """
    for i in range(n_spikes):
        slot = np.int64(spikes[i])
        learning[row, np.int64(nodes[slot >> lid_bits])] += np.int64(n_in[slot])
    return 0


@kernel("i8(i8, i8, i8, i8, i8, i8, i8, u4[:], u4[:], i8[:])")
def count_modulators(
    t, batch_start, n_own, n_received, first_axon, end_axon, delay, own_axons, received, n_of_step
):
    """n_of_step[step mod size] += 1 for each spike of the axons first_axon .. end_axon - 1.

    ``own_axons[:n_own]`` spiked at t - 1; ``received[:n_received]`` are packets of the batch that
    began at ``batch_start``. A spike takes effect after ``delay`` steps.
    """
    mask = np.int64(n_of_step.size - 1)  # the size is a power of 2
    for i in range(n_own):
        if first_axon <= np.int64(own_axons[i]) < end_axon:
            n_of_step[(t - 1 + delay) & mask] += 1
    for i in range(n_received):
        packet = received[i]
        if first_axon <= np.int64(packet & np.uint32(AXON_MASK)) < end_axon:
            spiked = batch_start + np.int64(packet >> np.uint32(STEP_SHIFT))
            n_of_step[(spiked + delay) & mask] += 1
    return 0
