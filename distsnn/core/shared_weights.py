"""How many synapses of a rank share their weights, and how many weights its cores then store."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from distsnn.core.rank import Rank
from distsnn.kernels.formats import CORE_BITS
from distsnn.mapping.plan import Slice
from distsnn.network import Projection
from distsnn.network.draw import draw_sources


def sharing_synapses(rank: Rank) -> tuple[np.ndarray, np.ndarray]:
    """Return the synapses that share weights, and the weights that they share on each local core.

    uint32, as ``n_onto_core`` of the table, and int64 [cores].
    """
    table = rank.table
    n_sharing = np.zeros_like(table.n_onto_core)
    n_weights = np.zeros(rank.core_ids.size, dtype=np.int64)
    # Pairs of an axon and a core, which ascend: axon << CORE_BITS | core
    n_cores_of = table.core_start[1:].astype(np.int64) - table.core_start[:-1]
    axons = np.repeat(np.arange(table.axon_gids.size), n_cores_of)
    pairs = axons << CORE_BITS | table.core.astype(np.int64)
    for projection in rank.network.projections:
        if projection.shares_weights:
            for core, pieces in _pieces_onto(rank, projection).items():
                starts, stops = np.array([(piece.start, piece.stop) for piece in pieces]).T
                n_weights[core] += projection.n_shared_weights(starts, stops)
                reaching, n_each = _sources(projection, pieces, rank.network.seed)
                axon = np.searchsorted(table.axon_gids, reaching)
                n_sharing[np.searchsorted(pairs, axon << CORE_BITS | core)] += n_each
    return n_sharing, n_weights


def _pieces_onto(rank: Rank, projection: Projection) -> dict[int, list[Slice]]:
    """Return the slices of the target of a projection by local core."""
    by_core = defaultdict(list)
    for piece, core, _ in rank.state.slices:
        if piece.population == projection.target.index:
            by_core[core].append(piece)
    return by_core


def _sources(
    projection: Projection, pieces: list[Slice], seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return gids of the sources of the synapses onto some slices, and the synapses of each."""
    drawn = [draw_sources(projection, piece.start, piece.stop, seed)[1] for piece in pieces]
    n_of_source = np.bincount(np.concatenate(drawn), minlength=projection.source.size)
    reaching = np.flatnonzero(n_of_source)
    return reaching + projection.source.gid_start, n_of_source[reaching].astype(np.uint32)
