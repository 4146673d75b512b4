"""Counts the spikes of a population that modulates learning, by the step in which they take effect."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT


@kernel("i8(i8, i8, i8, i8, i8, i8, i8, u4[:], u4[:], i8[:])")
def count_modulators(
    t, batch_start, n_own, n_received, first_axon, end_axon, delay, own_axons, received, n_of_step
):
    """n_of_step[step mod size] += 1 for each spike of the axons first_axon .. end_axon - 1.

    ``own_axons[:n_own]`` spiked at t - 1; ``received[:n_received]`` are packets of the batch from
    ``batch_start`` on. A spike takes effect ``delay`` steps after it.
    """
    mask = np.int64(n_of_step.size - 1)
    for i in range(n_own):
        if first_axon <= np.int64(own_axons[i]) < end_axon:
            n_of_step[(t - 1 + delay) & mask] += 1
    for i in range(n_received):
        packet = received[i]
        if first_axon <= np.int64(packet & np.uint32(AXON_MASK)) < end_axon:
            spiked = batch_start + np.int64(packet >> np.uint32(STEP_SHIFT))
            n_of_step[(spiked + delay) & mask] += 1
    return 0
