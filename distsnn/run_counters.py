"""From what the ranks have counted to the account of the mesh."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.core.collect import Spikes
from distsnn.core.rank import Rank
from distsnn.errors import SimulationError
from distsnn.mapping.plan import NeuronPlaces
from distsnn.traffic import MeshCounters


def mesh_counters(rank: Rank, spikes: Spikes, comm: Any) -> MeshCounters | None:
    """Return the counters of a finished run on rank 0, None elsewhere. Collective.

    Raises SimulationError where packets that were really carried from core to core, with the fabric
    ``hop`` and one core to a rank, are not those that the routes give.
    """
    starts = [population.gid_start for population in rank.network.populations]
    cores = NeuronPlaces(rank.plan, starts).core_of(spikes.gid)
    spikes_of_core = np.bincount(cores, minlength=rank.chip.n_cores).astype(np.int64)
    return counters_of(rank, spikes_of_core, rank.n_steps, comm)


def counters_of(
    rank: Rank, spikes_of_core: np.ndarray, n_steps: int, comm: Any
) -> MeshCounters | None:
    """The same for spikes that are counted already: int64 [cores], needed on rank 0. Collective."""
    mesh, chip = rank.mesh, rank.chip
    in_tile = mesh.in_tile()
    carried = _carried(rank, comm)
    if comm.rank != 0:
        return None
    if carried is not None and not np.array_equal(carried, mesh.link_totals):
        raise SimulationError(
            f"fabric hop: carried {int(carried.sum())} packets over links, limit "
            f"{int(mesh.link_totals.sum())} by the routes. Please report this."
        )
    sent, received, events = mesh.core_totals
    each_step = mesh.window == 1
    none = np.zeros(0, dtype=np.int64)
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
        spikes=spikes_of_core,
        packets_of_step=mesh.packets if each_step else none,
        busiest_link_of_step=mesh.busiest_link if each_step else none,
        busiest_tile_link_of_step=mesh.busiest_tile_link if each_step else none,
        most_events_of_step=mesh.most_events if each_step else none,
        most_received_of_step=mesh.most_received if each_step else none,
    )


def _carried(rank: Rank, comm: Any) -> np.ndarray | None:
    """Return packets really carried over each link [fabrics, 4, cores], or None if not known.

    With the fabric ``hop`` and exactly one core to each rank, what ranks pass on is what links
    carry. Collective.
    """
    counted = rank.fabric.carried
    is_whole = comm.n_ranks == rank.chip.n_cores > 1
    if counted is None or not is_whole or rank.chip.n_fabrics != counted.shape[0]:
        return None
    links = np.zeros((counted.shape[0], 4, rank.chip.n_cores), dtype=np.int64)
    links[:, :, comm.rank] = counted
    return comm.reduce_sum(links)
