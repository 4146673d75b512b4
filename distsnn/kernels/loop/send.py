"""Turns spikes into packets to other ranks, and counts the load on the mesh."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import FABRIC_MASK, FABRIC_SHIFT, STEP_SHIFT
from distsnn.kernels.mesh.counters import N_COUNTERS, SENT
from distsnn.kernels.mesh.link_loads import count_packet


@kernel("i8(i8, u1[:], u4[:])")
def collect_spikes(n_before, spiked, spikes):
    """Append the slots of all neurons that spiked to spikes[:n_before]; return the new number.

    Flags are tested eight at a time, as one 64-bit word, since nearly all of them are 0.
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


SELF = -1  # in place of a row of the outbox: the target axon is on this rank


@device
def packet_of(axon, step_in_batch, fabric):
    """Return a packet between ranks: [step in batch (6) | fabric (1) | axon (25)]."""
    packet = axon | np.uint32(step_in_batch) << np.uint32(STEP_SHIFT)
    return packet | (fabric & np.uint32(FABRIC_MASK)) << np.uint32(FABRIC_SHIFT)


@device
def send_to_ranks(first, end, step_in_batch, first_fabric, n_fabrics, target_slot, target_axon,
                  target_fan, n_own, own_axons, out_counts, out_packets):  # fmt: skip
    """Put targets first .. end - 1 of a neuron in the outbox or own_axons; return the new n_own."""
    for k in range(first, end):
        slot = target_slot[k]
        if slot == SELF:
            own_axons[n_own] = target_axon[k]
            n_own += np.uint64(1)
        else:
            fabric = np.uint32(0)
            if n_fabrics > 1:
                fabric = np.uint32((first_fabric + np.int64(target_fan[k])) % n_fabrics)
            row = np.uint64(slot)
            column = np.uint64(out_counts[row])
            out_packets[row, column] = packet_of(target_axon[k], step_in_batch, fabric)
            out_counts[row] += 1
    return n_own


@device
def count_fan(source_node, first, end, fabric, n_fabrics, fan_node, differences):
    """Count one packet from ``source_node`` to each node of a fan; return the next packet's fabric.

    differences: int32 [fabrics * 4, nodes]; each fabric has four rows, one per direction of links.
    """
    for k in range(first, end):
        count_packet(
            source_node, np.uint64(fan_node[k]), np.uint64(4) * np.uint64(fabric), differences
        )
        fabric = fabric + 1 if fabric + 1 < n_fabrics else np.int64(0)
    return fabric


@kernel(
    "i8(i8, i8, i8, i8, u4[:], u4[:], i4[:], u4[:], u2[:], u4[:], u4[:], i4[:], i8[:], "
    "u4[:], i8[:], u4[:,:], i4[:,:], i8[:,:])"
)
def send(n_spikes, step_in_batch, step_row, lid_bits, spikes, target_start, target_slot, target_axon,
         target_fan, fan_start, fan_node, nodes, next_fabric, own_axons, out_counts, out_packets,
         differences, per_core):  # fmt: skip
    """Turn spikes[:n_spikes], which are slots in ascending order, into packets.

    A neuron has targets (row of the outbox or SELF, axon id there, index in the fan of its first node
    there) and a fan (nodes that it reaches, ascending); see ``AxonsOut``. A core's packets go to the
    physical fabrics in turn. Axons on this rank are written to own_axons. Traffic is counted in
    differences [fabrics * 4, nodes] and in per_core [rows, N_COUNTERS * nodes], which has 64 bits
    because a row may count all steps of a run. nodes, next_fabric: by local core. Returns the number of
    axons on this rank.
    """
    n_fabrics = np.int64(differences.shape[0] // 4)
    sent = per_core[step_row, SENT * (per_core.shape[1] // N_COUNTERS) :]
    one = np.uint64(1)
    n_own = np.uint64(0)
    for i in range(np.uint64(n_spikes)):
        flat = np.uint64(spikes[i])
        local = flat >> np.uint64(lid_bits)  # slot = [local core | lid]
        source_node = np.uint64(nodes[local])
        first_fabric = next_fabric[local]
        # Stage 1, between ranks: one packet to each rank that the neuron reaches, or an own axon.
        n_own = send_to_ranks(
            np.uint64(target_start[flat]), np.uint64(target_start[flat + one]), step_in_batch,
            first_fabric, n_fabrics, target_slot, target_axon, target_fan, n_own, own_axons,
            out_counts, out_packets,
        )  # fmt: skip
        # Stage 2, on the mesh: one packet to each core of the fan.
        first, end = np.uint64(fan_start[flat]), np.uint64(fan_start[flat + one])
        next_fabric[local] = count_fan(
            source_node, first, end, first_fabric, n_fabrics, fan_node, differences
        )
        sent[source_node] += np.int64(end - first)
    return np.int64(n_own)
