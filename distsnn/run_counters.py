"""From what the ranks have counted to the account of the mesh."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import Spikes
from distsnn.errors import SimulationError
from distsnn.kernels.formats import FABRIC_BITS
from distsnn.mapping.plan import NeuronPlaces, Plan
from distsnn.network import Network
from distsnn.stimuli import SpikeSource
from distsnn.traffic import MeshCounters, TrafficMatrix
from distsnn.traffic.footprint import Footprint


def mesh_counters(rank: Rank, spikes: Spikes, comm: Any) -> MeshCounters | None:
    """Return the counters of a finished run on rank 0, None elsewhere. Collective.

    Raises SimulationError where packets that were really carried from core to core, with the fabric
    ``hop`` and one core to a rank, are not those that the routes give.
    """
    of_core = spikes_of_core(rank.network, rank.plan, spikes.gid)
    of_inputs = input_spikes_of_core(rank.network, rank.plan, spikes.gid)
    return counters_of(rank, of_core, rank.n_steps, comm, of_inputs)


def counters_of(
    rank: Rank,
    spikes_of_core: np.ndarray,
    n_steps: int,
    comm: Any,
    input_spikes: np.ndarray | None = None,
) -> MeshCounters | None:
    """The same for recorded spikes that are counted already: int64 [cores] on rank 0. Collective.

    input_spikes: those of them that are of input lines.
    """
    mesh, chip = rank.mesh, rank.chip
    in_tile = mesh.in_tile()
    carried = _carried(rank, comm)
    inputs = input_populations(rank.network)
    unrecorded, of_inputs = _unrecorded(rank, comm, None), _unrecorded(rank, comm, inputs)
    if comm.rank != 0:
        return None
    if carried is not None and not np.array_equal(carried, by_fabric_bit(mesh.link_totals)):
        raise SimulationError(
            f"fabric hop: packets over links must be {int(mesh.link_totals.sum())} by the routes, "
            f"got {int(carried.sum())}. Please report this."
        )
    sent, received, events = mesh.core_totals
    n_known = n_steps if mesh.each_step else 0
    return MeshCounters(
        width=chip.width,
        height=chip.height,
        n_steps=n_steps,
        link_packets=mesh.link_totals,
        packets_sent=sent.copy(),
        packets_received=received.copy(),
        in_tile_packets=in_tile,
        synaptic_events=events.copy(),
        neurons=rank.plan.neurons_of_core(),
        spikes=spikes_of_core + unrecorded,
        input_lines=rank.plan.neurons_of_core(inputs),
        input_spikes=of_inputs if input_spikes is None else input_spikes + of_inputs,
        packets_of_step=mesh.packets[:n_known],
        busiest_link_of_step=mesh.busiest_link[:n_known],
        busiest_tile_link_of_step=mesh.busiest_tile_link[:n_known],
        most_events_of_step=mesh.most_events[:n_known],
        most_received_of_step=mesh.most_received[:n_known],
        learning_updates=int(mesh.learning_totals.sum()),
        learning_of_core=mesh.learning_totals.copy() if rank.plastic.is_learning else None,
        most_learning_of_step=mesh.most_learning[:n_known],
    )


def by_fabric_bit(packets: np.ndarray) -> np.ndarray:
    """Return packets [fabrics, ...] summed by what a packet between ranks says of its fabric."""
    n_values = 1 << FABRIC_BITS
    return np.stack([packets[value::n_values].sum(axis=0) for value in range(n_values)])


def input_populations(network: Network) -> set[int]:
    """Return the populations, by index, that play given spikes into the chip."""
    return {one.index for one in network.populations if isinstance(one.model, SpikeSource)}


def is_input(network: Network) -> np.ndarray:
    """Return which neurons of a network are input lines, bool [neurons]."""
    found = np.zeros(network.n_neurons, dtype=bool)
    for index in input_populations(network):
        one = network.populations[index]
        found[one.gid_start : one.gid_start + one.size] = True
    return found


def spikes_of_core(network: Network, plan: Plan, gids: np.ndarray) -> np.ndarray:
    """Return how many of the spikes of neurons ``gids`` are on each core, int64 [cores]."""
    starts = [population.gid_start for population in network.populations]
    cores = NeuronPlaces(plan, starts).core_of(gids)
    return np.bincount(cores, minlength=plan.n_cores).astype(np.int64)


def input_spikes_of_core(network: Network, plan: Plan, gids: np.ndarray) -> np.ndarray:
    """The same for those that are of input lines."""
    return spikes_of_core(network, plan, gids[is_input(network)[gids]])


def _unrecorded(rank: Rank, comm: Any, populations: set[int] | None) -> np.ndarray:
    """Return the spikes on each core that were counted but not recorded, int64. Collective."""
    found = np.zeros(rank.chip.n_cores, dtype=np.int64)
    found[rank.core_ids] = rank.unrecorded.of_cores(rank.core_ids.size, populations)
    return np.asarray(comm.reduce_sum(found))

def no_counters(chip: Chip, n_steps: int) -> MeshCounters:
    """Return counters of 0, as ranks other than 0 have them, also for each step."""
    n_cores = chip.n_cores
    of_cores, of_steps = np.zeros(n_cores, np.int64), np.zeros(n_steps, np.int64)
    links = np.zeros((chip.n_fabrics, 4, n_cores), np.int64)
    return MeshCounters(
        chip.width, chip.height, n_steps, links, of_cores, of_cores, 0, of_cores, of_cores, of_cores,
        0, None, *(of_steps,) * 6,
    )  # fmt: skip


def _carried(rank: Rank, comm: Any) -> np.ndarray | None:
    """Return packets really carried over each link [fabric bits, 4, cores], or None if not known.

    With the fabric ``hop`` and exactly one core to each rank, what ranks pass on is what links
    carry. Collective.
    """
    counted = rank.fabric.carried
    is_whole = comm.n_ranks == rank.chip.n_cores > 1
    if counted is None or not is_whole:
        return None
    links = np.zeros((counted.shape[0], 4, rank.chip.n_cores), dtype=np.int64)
    links[:, :, comm.rank] = counted
    return comm.reduce_sum(links)


def footprint(rank: Rank, comm: Any) -> Footprint | None:
    """Return what one spike of every neuron brings to the mesh, on rank 0. Collective."""
    out, n_cores = rank.axons_out, rank.chip.n_cores
    n_local = rank.core_ids.size
    slots = 1 << rank.plan.lid_bits
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
    key = np.concatenate(all_pairs)
    matrix = TrafficMatrix(key // n_cores, key % n_cores, np.concatenate(all_packets))
    neurons = rank.plan.neurons_of_core()
    neurons -= rank.plan.neurons_of_core(input_populations(rank.network))
    return Footprint(rank.chip, matrix, all_synapses, neurons)
