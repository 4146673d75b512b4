"""Tells every rank where the spikes of its neurons go."""

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
    """Destinations of the spikes of a rank's neurons: ranks and nodes, both as sparse rows by slot.

    target_start: uint32 [slots + 1], start of each slot's entries in target_slot (int32, index into
    ``ranks``, or SELF), target_axon (uint32, axon id on that rank) and target_fan (uint16, index in the
    fan of the first node on that rank). fan_start: uint32 [slots + 1], start of each slot's entries in
    fan_node (uint32, nodes of the box that packets never leave, ascending). ranks: int32, the other
    ranks that are reached, ascending.
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
    """Send each rank its part of the axon table; return the destinations of this rank's spikes.

    Collective. rank_of_axon: int32 [axons], the rank that owns each axon's source neuron. nodes: int32
    [cores], node of each local core. flat_of_gid: maps an array of this rank's gids to slots.
    """
    n_ranks = comm.n_ranks
    order = np.argsort(rank_of_axon, kind="stable")
    bounds = np.searchsorted(rank_of_axon[order], np.arange(n_ranks + 1))
    n_cores_of = np.diff(table.core_start).astype(np.int64)
    all_nodes = nodes[table.core].astype(np.uint32)
    axons_to, nodes_to = [], []
    for rank in range(n_ranks):
        # Two messages to a rank: rows of (gid, axon id on this rank, number of nodes), and the nodes
        # of all these axons.
        axons = order[bounds[rank] : bounds[rank + 1]]
        n_each = n_cores_of[axons]
        axons_to.append(
            np.stack([table.axon_gids[axons], axons.astype(np.uint32), n_each.astype(np.uint32)], 1)
            .ravel()
            .astype(np.uint32)
        )
        nodes_to.append(all_nodes[_index_ranges(table.core_start[axons].astype(np.int64), n_each)])
    axons_from = comm.alltoallv(axons_to)
    nodes_from = comm.alltoallv(nodes_to)
    return _sorted_by_slot(comm.rank, axons_from, nodes_from, flat_of_gid, n_flat)


def _index_ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the indices start .. start + length - 1 of each range, one range after another."""
    total = int(lengths.sum())
    if total == 0:
        return np.empty(0, dtype=np.int64)
    # k-th index of a range = start + k, where k = position in the result - lengths of earlier ranges
    ends = np.cumsum(lengths)
    return np.arange(total) + np.repeat(starts - (ends - lengths), lengths)


def _sorted_by_slot(
    own_rank: int,
    axons_from: list[np.ndarray],
    nodes_from: list[np.ndarray],
    flat_of_gid: Any,
    n_flat: int,
) -> AxonsOut:
    """Sort what the ranks have sent by slot into the two lists of ``AxonsOut``."""
    # One entry per pair of a neuron of this rank and a rank that it reaches.
    tables = [part.reshape(-1, 3) for part in axons_from]
    ranks = [rank for rank, part in enumerate(tables) if len(part) and rank != own_rank]
    row_of_rank = np.full(len(tables), SELF, dtype=np.int32)
    row_of_rank[ranks] = np.arange(len(ranks), dtype=np.int32)
    rank_of_entry = np.repeat(np.arange(len(tables)), [len(part) for part in tables])
    entries = np.concatenate(tables) if tables else np.empty((0, 3), np.uint32)
    slot = flat_of_gid(entries[:, 0])
    n_each = entries[:, 2].astype(np.int64)
    # Fans: the nodes on all ranks, sorted by slot, then node.
    fan_node = np.concatenate(nodes_from).astype(np.uint32)
    slot_of_node = np.repeat(slot, n_each)
    fan_order = np.lexsort((fan_node, slot_of_node))
    fan_start = starts_of(np.bincount(slot_of_node, minlength=n_flat))
    # Targets: sorted by slot, then by the first node on the target rank.
    first_node = fan_node[np.cumsum(n_each) - n_each] if len(entries) else fan_node
    order = np.lexsort((first_node, slot))
    target_start = starts_of(np.bincount(slot, minlength=n_flat))
    fan_sorted = fan_node[fan_order]
    # The first node of each target is an entry of the fan, which is found by slot << 32 | node.
    fan_keys = slot_of_node[fan_order].astype(np.int64) << 32 | fan_sorted
    first_node_keys = slot[order].astype(np.int64) << 32 | first_node[order]
    fan_index = np.searchsorted(fan_keys, first_node_keys) - fan_start[slot[order]].astype(np.int64)
    return AxonsOut(
        target_start,
        row_of_rank[rank_of_entry[order]],
        np.ascontiguousarray(entries[order, 1]),
        fan_index.astype(np.uint16),
        fan_start,
        fan_sorted,
        np.array(ranks, dtype=np.int32),
    )
