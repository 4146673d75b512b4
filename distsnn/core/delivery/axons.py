"""Sends every source rank the destinations of its neurons' spikes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.comm import Comm
from distsnn.core.delivery.axon_lists import starts_of
from distsnn.core.delivery.synapse_table import SynapseTable
from distsnn.kernels.loop.send import SELF


@dataclass(frozen=True)
class AxonsOut:
    """Destinations of the spikes of a rank's neurons, as two compressed sparse rows by slot.

    target_start: uint32 [n_flat + 1], start of each slot's entries in target_slot (int32, index into
    ``ranks``, or SELF), target_axon (uint32, axon id on that rank) and target_fan (uint16, index of the
    rank's first node in the fan). fan_start: uint32 [n_flat + 1], start of each slot's entries in
    fan_node (uint32, nodes of the box that packets stay in, ascending). ranks: int32, the other ranks
    that are reached, ascending.
    """

    target_start: np.ndarray
    target_slot: np.ndarray
    target_axon: np.ndarray
    target_fan: np.ndarray
    fan_start: np.ndarray
    fan_node: np.ndarray
    ranks: np.ndarray

    @property
    def n_bytes(self) -> int:
        """Memory of the lists, in bytes."""
        return sum(getattr(self, name).nbytes for name in self.__dataclass_fields__)


def exchange_axons(
    comm: Comm,
    table: SynapseTable,
    rank_of_axon: np.ndarray,
    nodes: np.ndarray,
    flat_of_gid: Any,
    n_flat: int,
) -> AxonsOut:
    """Send each source rank its part of the axon table; return the targets of this rank's neurons.

    Collective. rank_of_axon: int32 [axons], the rank of each axon's source neuron. nodes: int32, node
    of each local core. flat_of_gid: function that maps an array of gids of this rank to slots.
    """
    n_ranks = comm.n_ranks
    order = np.argsort(rank_of_axon, kind="stable")
    bounds = np.searchsorted(rank_of_axon[order], np.arange(n_ranks + 1))
    n_cores_of = np.diff(table.core_start).astype(np.int64)
    all_nodes = nodes[table.core].astype(np.uint32)
    axons_to, nodes_to = [], []
    for rank in range(n_ranks):
        # Message to a rank: (gid, axon id here, number of nodes) of each axon, and then the nodes.
        axons = order[bounds[rank] : bounds[rank + 1]]
        n_each = n_cores_of[axons]
        axons_to.append(
            np.stack([table.axon_gids[axons], axons.astype(np.uint32), n_each.astype(np.uint32)], 1)
            .ravel()
            .astype(np.uint32)
        )
        nodes_to.append(all_nodes[_runs(table.core_start[axons].astype(np.int64), n_each)])
    axons_from = comm.alltoallv(axons_to)
    nodes_from = comm.alltoallv(nodes_to)
    return _collect(comm.rank, axons_from, nodes_from, flat_of_gid, n_flat)


def _runs(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the indices start .. start + length - 1 of each run, one after another."""
    total = int(lengths.sum())
    if total == 0:
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(lengths)
    return np.arange(total) + np.repeat(starts - (ends - lengths), lengths)


def _collect(
    own_rank: int,
    axons_from: list[np.ndarray],
    nodes_from: list[np.ndarray],
    flat_of_gid: Any,
    n_flat: int,
) -> AxonsOut:
    tables = [part.reshape(-1, 3) for part in axons_from]
    ranks = [rank for rank, part in enumerate(tables) if len(part) and rank != own_rank]
    slot_of_rank = np.full(len(tables), SELF, dtype=np.int32)
    slot_of_rank[ranks] = np.arange(len(ranks), dtype=np.int32)
    rank_of_entry = np.repeat(np.arange(len(tables)), [len(part) for part in tables])
    entries = np.concatenate(tables) if tables else np.empty((0, 3), np.uint32)
    flat = flat_of_gid(entries[:, 0])
    n_each = entries[:, 2].astype(np.int64)
    fan_node = np.concatenate(nodes_from).astype(np.uint32)
    fan_flat = np.repeat(flat, n_each)
    fan_order = np.lexsort((fan_node, fan_flat))
    fan_start = starts_of(np.bincount(fan_flat, minlength=n_flat))
    first_node = fan_node[np.cumsum(n_each) - n_each] if len(entries) else fan_node
    order = np.lexsort((first_node, flat))
    target_start = starts_of(np.bincount(flat, minlength=n_flat))
    fan_sorted = fan_node[fan_order]
    # Index of a target in the fan: its first node is one of the entries. Keys are slot << 32 | node.
    key = fan_flat[fan_order].astype(np.int64) << 32 | fan_sorted
    wanted = flat[order].astype(np.int64) << 32 | first_node[order]
    fan_index = np.searchsorted(key, wanted) - fan_start[flat[order]].astype(np.int64)
    return AxonsOut(
        target_start,
        slot_of_rank[rank_of_entry[order]],
        np.ascontiguousarray(entries[order, 1]),
        fan_index.astype(np.uint16),
        fan_start,
        fan_sorted,
        np.array(ranks, dtype=np.int32),
    )
