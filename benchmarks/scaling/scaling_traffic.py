"""Traffic of a run on all its ranks: what was sent, and what must have been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from exchange_count import ExchangeCount, packets_of_exchanges, way_of

from distsnn.comm import rank_grid
from distsnn.core.rank import Rank
from distsnn.core.recording.collect import gather_spikes


@dataclass(frozen=True)
class Connections:
    """rank_of_gid: int64 [neurons]. reached: bool [ranks, neurons], whose spikes a rank needs.
    linked: bool [ranks, ranks], who sends to whom. out_degree: int64 [neurons]."""

    rank_of_gid: np.ndarray
    reached: np.ndarray
    linked: np.ndarray
    out_degree: np.ndarray


def connections(comm: Any, rank: Rank) -> Connections | None:
    """Return who is where and reaches whom, from the synapse tables; None but on rank 0. Collective."""
    table = rank.table
    cumulated = np.concatenate([[0], np.cumsum(table.n_onto_core, dtype=np.int64)])
    axons = comm.gather_arrays(table.axon_gids)
    onto = comm.gather_arrays(np.diff(cumulated[table.core_start]))
    starts = [population.gid_start for population in rank.network.populations]
    own = [
        np.arange(piece.start, piece.stop) + starts[piece.population]
        for piece, _, _ in rank.state.slices
    ]
    gids = comm.gather_arrays(np.concatenate([np.zeros(0, np.int64), *own]))
    if comm.rank != 0:
        return None
    n_neurons, n_ranks = rank.network.n_neurons, comm.n_ranks
    rank_of_gid = np.zeros(n_neurons, dtype=np.int64)
    reached = np.zeros((n_ranks, n_neurons), dtype=bool)
    out_degree = np.zeros(n_neurons, dtype=np.int64)
    for r in range(n_ranks):
        rank_of_gid[gids[r]] = r
        reached[r, axons[r]] = True
        out_degree[axons[r]] += onto[r]
    linked = np.array([reached[:, gids[r]].any(1) for r in range(n_ranks)])
    return Connections(rank_of_gid, reached, linked, out_degree)


def traffic(comm: Any, rank: Rank, steps: tuple[int, int], sent: np.ndarray) -> dict[str, Any]:
    """Return the figures of the steps [first, last) on rank 0. Collective.

    sent: int64 [2], messages and bytes that this rank has sent in these steps.
    """
    spikes, found = gather_spikes(rank, comm), connections(comm, rank)
    sent_by = comm.gather_arrays(sent[None])
    if found is None:
        return {}
    inside = (spikes.step >= steps[0]) & (spikes.step < steps[1])
    grid = rank_grid(comm.n_ranks, rank.chip.width, rank.chip.height)
    figures = {
        "grid": list(grid),
        "spikes": int(inside.sum()),
        "synaptic_events": int(found.out_degree[spikes.gid[inside]].sum()),
        "messages": [int(one[0, 0]) for one in sent_by],
        "bytes": [int(one[0, 1]) for one in sent_by],
    }
    way = way_of(rank.fabric.name, comm.is_one_machine, grid)
    if not way:
        return figures
    count = ExchangeCount(way, grid, found.linked)
    for packets in packets_of_exchanges(
        spikes.step, spikes.gid, found.rank_of_gid, found.reached, rank.batch, steps
    ):
        count.add(packets)
    return figures | {
        "way": way,
        "counted_messages": count.messages.sum(0).tolist(),
        "counted_bytes": (4 * count.words.sum(0)).tolist(),
        "is_everybody_linked": bool((found.linked | np.eye(comm.n_ranks, dtype=bool)).all()),
    }
