"""Counts the packets that cores receive, and the synaptic events that these cause."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT
from distsnn.kernels.mesh.counters import EVENTS, N_COUNTERS, RECEIVED


@device
def arrive_axon(axon, received_by, events_on, core_start, core, n_onto_core, nodes):
    """Count one packet to each local core that an axon reaches, and its synaptic events there."""
    for k in range(np.uint64(core_start[axon]), np.uint64(core_start[axon + np.uint64(1)])):
        node = np.uint64(nodes[np.uint64(core[k])])
        received_by[node] += np.int64(1)
        events_on[node] += np.int64(n_onto_core[k])


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
    """Count packets and synaptic events by core, in the row of the step in which they were sent.

    own_axons[:n_own]: sent in the step of row ``step_row``. received[:n_received]: packets of the batch
    that begins at row ``batch_row``. rows_per_step: 1, or 0 if a row counts several steps.
    core_start, core, n_onto_core: see ``SynapseTable``. per_core: int64 [rows, N_COUNTERS * nodes].
    """
    # A row has one block of nodes per counter: [SENT | RECEIVED | EVENTS | ...], see ``counters``.
    n_nodes = per_core.shape[1] // N_COUNTERS
    first, second = RECEIVED * n_nodes, EVENTS * n_nodes
    received_by, events_on = per_core[step_row, first:second], per_core[step_row, second:]
    for i in range(n_own):
        axon = np.uint64(own_axons[i])
        arrive_axon(axon, received_by, events_on, core_start, core, n_onto_core, nodes)
    for i in range(n_received):
        # packet = [step in batch | fabric | axon]
        packet = received[i]
        axon = np.uint64(packet & np.uint32(AXON_MASK))
        row = batch_row + np.int64(packet >> np.uint32(STEP_SHIFT)) * rows_per_step
        received_by, events_on = per_core[row, first:second], per_core[row, second:]
        arrive_axon(axon, received_by, events_on, core_start, core, n_onto_core, nodes)
    return 0
