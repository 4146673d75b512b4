"""Counts the spikes of each neuron of a running network, over all ranks."""

from __future__ import annotations

import numpy as np

from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.network.views import PopulationView


def spike_counts(rank: Rank, comm: Comm, view: PopulationView) -> np.ndarray:
    """Return the spikes of each neuron of a view since recordings began, int64 [n]. Collective.

    The same on every rank, whether the spikes are kept in results or only counted.
    """
    n_slots = rank.state.n_flat
    of_slot = np.bincount(rank.spikes.arrays()[1], minlength=n_slots)
    if not rank.unrecorded.is_empty:
        of_slot += rank.unrecorded.counts
    counts = np.zeros(len(view), dtype=np.int64)
    for piece, _, start in rank.state.slices:
        if piece.population == view.population.index:
            first, end = np.searchsorted(view.index, [piece.start, piece.stop])
            counts[first:end] = of_slot[view.index[first:end] - piece.start + start]
    # Each neuron is on one rank; the others have 0.
    together: np.ndarray = comm.broadcast(comm.reduce_sum(counts))
    return together
