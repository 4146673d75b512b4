"""Combines what the ranks have counted into the mesh counters of a run."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import Spikes
from distsnn.errors import SimulationError
from distsnn.kernels.formats import FABRIC_BITS
from distsnn.mapping.plan import NeuronPlaces, Plan
from distsnn.network import Network
from distsnn.traffic import MeshCounters, TrafficMatrix
from distsnn.traffic.footprint import Footprint


def mesh_counters(rank: Rank, spikes: Spikes, comm: Comm) -> MeshCounters | None:
    """Return the counters of a finished run on rank 0, None elsewhere. Collective.

    With the fabric ``hop`` and one core per rank, raises SimulationError if the packets that the ranks
    forwarded differ from those computed from the routes.
    """
    of_core = spikes_of_core(rank.network, rank.plan, spikes.gid)
    of_inputs = input_spikes_of_core(rank.network, rank.plan, spikes.gid)
    return counters_of(rank, of_core, rank.n_recorded, comm, of_inputs)


def counters_of(
    rank: Rank,
    spikes_of_core: np.ndarray,
    n_steps: int,
    comm: Comm,
    input_spikes: np.ndarray | None = None,
) -> MeshCounters | None:
    """Return the counters of the first ``n_steps`` steps on rank 0, None elsewhere. Collective.

    spikes_of_core, input_spikes: recorded spikes on each core, all and those of input lines (None: no
    such spikes), int64 [cores] on rank 0. Raises what ``mesh_counters`` raises.
    """
    mesh, chip = rank.mesh, rank.chip
    in_tile = mesh.in_tile()
    carried = _carried(rank, comm)
    inputs = input_populations(rank.network)
    unrecorded, of_inputs = _unrecorded(rank, comm, None), _unrecorded(rank, comm, inputs)
    if comm.rank != 0:
        return None
    # Packets as ranks carried them, against those computed from the routes.
    if carried is not None and not np.array_equal(carried, by_fabric_bit(mesh.link_totals)):
        limit = f"{int(mesh.link_totals.sum())} packets over links, by the routes"
        got = int(carried.sum())
        raise SimulationError(must_be("fabric hop", limit, got, "Please report this."))
    totals = mesh.core_totals()
    updates = totals.get("learning_of_core")
    return MeshCounters(
        width=chip.width,
        height=chip.height,
        n_steps=n_steps,
        link_packets=mesh.link_totals,
        in_tile_packets=in_tile,
        neurons=rank.plan.neurons_of_core(),
        spikes=spikes_of_core + unrecorded,
        learning_updates=0 if updates is None else int(updates.sum()),
        input_lines=rank.plan.neurons_of_core(inputs),
        input_spikes=of_inputs if input_spikes is None else input_spikes + of_inputs,
        **totals,
        **mesh.of_steps(n_steps),
    )


def by_fabric_bit(packets: np.ndarray) -> np.ndarray:
    """Return packets [fabrics, ...], summed over the fabrics that share the same FABRIC_BITS."""
    # Packets between ranks carry the lowest bits of the number of their fabric.
    n_values = 1 << FABRIC_BITS
    return np.stack([packets[value::n_values].sum(axis=0) for value in range(n_values)])


def input_populations(network: Network) -> set[int]:
    """Return the indices of the populations that inject spikes into the chip."""
    return {p.index for p in network.populations if p.model.is_source}


def is_input(network: Network) -> np.ndarray:
    """Return which neurons of a network are input lines, bool [neurons], by gid."""
    is_line = np.zeros(network.n_neurons, dtype=bool)
    for index in input_populations(network):
        population = network.populations[index]
        is_line[population.gid_start : population.gid_start + population.size] = True
    return is_line


def spikes_of_core(network: Network, plan: Plan, gids: np.ndarray) -> np.ndarray:
    """Return the number of spikes on each core, int64 [cores]. gids: neuron of each spike."""
    starts = [population.gid_start for population in network.populations]
    cores = NeuronPlaces(plan, starts).core_of(gids)
    return np.bincount(cores, minlength=plan.n_cores).astype(np.int64)


def input_spikes_of_core(network: Network, plan: Plan, gids: np.ndarray) -> np.ndarray:
    """Return the number of spikes of input lines on each core, int64 [cores]."""
    return spikes_of_core(network, plan, gids[is_input(network)[gids]])


def _unrecorded(rank: Rank, comm: Comm, populations: set[int] | None) -> np.ndarray:
    """Return the number of unrecorded spikes on each core, int64 [cores], on rank 0. Collective."""
    # Each rank fills in its own cores.
    spikes = np.zeros(rank.chip.n_cores, dtype=np.int64)
    spikes[rank.core_ids] = rank.unrecorded.of_cores(rank.core_ids.size, populations)
    return np.asarray(comm.reduce_sum(spikes))


def _carried(rank: Rank, comm: Comm) -> np.ndarray | None:
    """Return the packets forwarded over each link, [fabric bits, 4, cores], on rank 0. Collective.

    None unless the fabric is ``hop`` and every rank has one core, so that ranks forward packets as the
    links of the mesh do.
    """
    counted = rank.fabric.carried
    is_whole = comm.n_ranks == rank.chip.n_cores > 1
    if counted is None or not is_whole:
        return None
    # Each rank has counted the packets on the four links that leave its only core.
    links = np.zeros((counted.shape[0], 4, rank.chip.n_cores), dtype=np.int64)
    links[:, :, comm.rank] = counted
    return comm.reduce_sum(links)


def footprint(rank: Rank, comm: Comm) -> Footprint | None:
    """Return the traffic of one spike of every neuron on rank 0, None elsewhere. Collective."""
    out, n_cores = rank.axons_out, rank.chip.n_cores
    n_local = rank.core_ids.size
    slots = 1 << rank.plan.lid_bits
    # Packets from each core to each node: a neuron's fan lists the nodes, slot = [local core | lid].
    # A pair of cores has the key source * cores + target.
    per_core = np.diff(out.fan_start[: n_local * slots + 1 : slots])
    source = np.repeat(rank.core_ids.astype(np.int64), per_core)
    targets = rank.box.nodes[out.fan_node]
    pairs, packets = np.unique(source * n_cores + targets, return_counts=True)
    synapses = np.zeros(n_cores, dtype=np.int64)
    onto = np.bincount(rank.table.core, rank.table.n_onto_core.astype(np.float64), n_local)
    synapses[rank.core_ids] = onto.astype(np.int64)
    all_pairs, all_packets = comm.gather_arrays(pairs), comm.gather_arrays(packets)
    all_synapses = comm.reduce_sum(synapses)
    if comm.rank != 0:
        return None
    # Each source core belongs to one rank, so no pair comes from two of them.
    key = np.concatenate(all_pairs)
    matrix = TrafficMatrix(key // n_cores, key % n_cores, np.concatenate(all_packets))
    neurons = rank.plan.neurons_of_core()
    neurons -= rank.plan.neurons_of_core(input_populations(rank.network))
    return Footprint(rank.chip, matrix, all_synapses, neurons)


def packets_between(rank: Rank, comm: Comm) -> TrafficMatrix:
    """Return the packets of a run by pair of cores on rank 0, none elsewhere. Collective."""
    out, n_cores, n_local = rank.axons_out, rank.chip.n_cores, rank.core_ids.size
    n_slots = n_local << rank.plan.lid_bits
    _, flat = rank.spikes.arrays()
    spikes = np.bincount(flat, minlength=n_slots)[:n_slots].astype(np.int64)
    n_unrecorded = rank.unrecorded.counts[:n_slots]
    spikes[: n_unrecorded.size] += n_unrecorded
    # packets from core s to core t = sum of the spikes of all neurons of s that reach t
    n_out = np.diff(out.fan_start[: n_slots + 1]).astype(np.int64)
    of_entry = np.repeat(spikes, n_out)
    source = np.repeat(rank.core_ids.astype(np.int64).repeat(1 << rank.plan.lid_bits), n_out)
    used = of_entry > 0
    target = rank.box.nodes[out.fan_node[: used.size][used]]
    pairs, pair = np.unique(source[used] * n_cores + target, return_inverse=True)
    packets = np.zeros(pairs.size, dtype=np.int64)
    np.add.at(packets, pair, of_entry[used])
    all_pairs, all_packets = comm.gather_arrays(pairs), comm.gather_arrays(packets)
    if comm.rank != 0:
        empty = np.zeros(0, np.int64)
        return TrafficMatrix(empty, empty, empty)
    key = np.concatenate(all_pairs)
    order = np.argsort(key)  # the same on any number of ranks
    return TrafficMatrix(
        key[order] // n_cores, key[order] % n_cores, np.concatenate(all_packets)[order]
    )
