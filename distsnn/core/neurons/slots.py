"""Which neuron each slot of a rank holds."""

from __future__ import annotations

import numpy as np

from distsnn.core.neurons.state import NeuronState


def gid_of_slot(state: NeuronState) -> np.ndarray:
    """Return the gid of the neuron in each slot, uint32 [slots]; also 0 in empty slots."""
    gids = np.zeros(state.n_flat, dtype=np.uint32)
    for piece, _, start in state.slices:
        # The gids of a slice are consecutive, like its slots.
        first_gid = state.network.populations[piece.population].gid_start + piece.start
        gids[start : start + piece.size] = np.arange(first_gid, first_gid + piece.size)
    return gids
