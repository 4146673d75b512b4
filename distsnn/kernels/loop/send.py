"""From spiked neurons to packets: what leaves a rank in one step, and what the mesh carries."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, FABRIC_MASK, FABRIC_SHIFT, STEP_SHIFT
from distsnn.kernels.mesh.counters import EVENTS, N_COUNTERS, RECEIVED, SENT
from distsnn.kernels.mesh.link_loads import count_packet


@kernel("i8(i8, u1[:], u4[:])")
def collect_spikes(n_before, spiked, spikes):
    """Append the flat indices of all spiked neurons to spikes[:n_before]; return the new number.

    Eight flags are looked at together, since nearly all are 0.
    """
    n = np.uint64(n_before)
    words = spiked.view(np.uint64)
    for k in range(words.size):
        if words[k] != np.uint64(0):
            for i in range(8 * k, 8 * k + 8):
                if spiked[i] != np.uint8(0):
                    spikes[n] = np.uint32(i)
                    n += np.uint64(1)
    return np.int64(n)


SELF = -1


@kernel(
    "i8(i8, i8, i8, i8, u4[:], u4[:], i4[:], u4[:], u2[:], u4[:], u4[:], i4[:], i8[:], "
    "u4[:], i8[:], u4[:,:], i4[:,:], i8[:,:])"
)
def send(
    n_spikes,
    step_in_batch,
    step_row,
    lid_bits,
    spikes,
    target_start,
    target_slot,
    target_axon,
    target_fan,
    fan_start,
    fan_node,
    nodes,
    next_fabric,
    own_axons,
    out_counts,
    out_packets,
    differences,
    per_core,
):
    """Turn spikes[:n_spikes] (flat indices, ascending) into packets.

    Per neuron: targets (rank slot in the outbox or SELF, axon id there, place of its first core in
    the fan) and the fan (nodes that it reaches, ascending). The packets of a core take the physical
    fabrics in rotation. own_axons gets the axons of this rank; differences [fabrics * 4, nodes] and
    per_core [rows, N_COUNTERS * nodes] what the mesh carried; a row may hold all steps of a run, hence
    64 bits. nodes, next_fabric: per local core. Returns the number of own axons.
    """
    n_fabrics = np.int64(differences.shape[0] // 4)
    sent = per_core[step_row, SENT * (per_core.shape[1] // N_COUNTERS) :]
    one = np.uint64(1)
    n_own = np.uint64(0)
    for i in range(np.uint64(n_spikes)):
        flat = np.uint64(spikes[i])
        local = flat >> np.uint64(lid_bits)
        here = np.uint64(nodes[local])
        first_fabric = next_fabric[local]
        # between ranks: one packet to each rank, or an axon of this rank
        for k in range(np.uint64(target_start[flat]), np.uint64(target_start[flat + one])):
            slot = target_slot[k]
            if slot == SELF:
                own_axons[n_own] = target_axon[k]
                n_own += one
            else:
                packet = target_axon[k] | np.uint32(step_in_batch) << np.uint32(STEP_SHIFT)
                if n_fabrics > 1:
                    chosen = np.uint32((first_fabric + np.int64(target_fan[k])) % n_fabrics)
                    packet |= (chosen & np.uint32(FABRIC_MASK)) << np.uint32(FABRIC_SHIFT)
                place = np.uint64(slot)
                out_packets[place, np.uint64(out_counts[place])] = packet
                out_counts[place] += 1
        # over the mesh: one packet to each core of the fan
        first, end = np.uint64(fan_start[flat]), np.uint64(fan_start[flat + one])
        fabric = first_fabric
        for k in range(first, end):
            target = np.uint64(fan_node[k])
            count_packet(here, target, np.uint64(4) * np.uint64(fabric), differences)
            fabric = fabric + 1 if fabric + 1 < n_fabrics else np.int64(0)
        next_fabric[local] = fabric
        sent[here] += np.int64(end - first)
    return np.int64(n_own)


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
