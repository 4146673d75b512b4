"""Packets that arrive: what cores receive, and the synaptic events that follow."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT
from distsnn.kernels.mesh.counters import EVENTS, N_COUNTERS, RECEIVED


@device
def arrive_axon(axon, received_by, events_on, core_start, core, n_onto_core, nodes):
    """Count one packet to each local core of an axon, and the synapses that it reaches."""
    for k in range(np.uint64(core_start[axon]), np.uint64(core_start[axon + np.uint64(1)])):
        here = np.uint64(nodes[np.uint64(core[k])])
        received_by[here] += np.int64(1)
        events_on[here] += np.int64(n_onto_core[k])


@kernel("i8(i8, i8, i8, i8, i8, u4[:], u4[:], u4[:], u2[:], u4[:], i4[:], i8[:,:])")
def arrive(
    step_row,
    batch_row,
    rows_per_step,
    n_own,
    n_received,
    own_axons,
    received,
    core_start,
    core,
    n_onto_core,
    nodes,
    per_core,
):
    """Count arriving packets and synaptic events per core in the step in which they were sent.

    own_axons[:n_own] were sent in ``step_row``; received[:n_received] in the batch from ``batch_row``
    on, with ``rows_per_step`` 1, or 0 where one row holds several steps.
    """
    n_nodes = per_core.shape[1] // N_COUNTERS
    first, second = RECEIVED * n_nodes, EVENTS * n_nodes
    received_by, events_on = per_core[step_row, first:second], per_core[step_row, second:]
    for i in range(n_own):
        axon = np.uint64(own_axons[i])
        arrive_axon(axon, received_by, events_on, core_start, core, n_onto_core, nodes)
    for i in range(n_received):
        packet = received[i]
        axon = np.uint64(packet & np.uint32(AXON_MASK))
        row = batch_row + np.int64(packet >> np.uint32(STEP_SHIFT)) * rows_per_step
        received_by, events_on = per_core[row, first:second], per_core[row, second:]
        arrive_axon(axon, received_by, events_on, core_start, core, n_onto_core, nodes)
    return 0
