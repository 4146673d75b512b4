"""Assignment of neurons to the slots of a rank."""

from __future__ import annotations

import numpy as np

from distsnn.core.neurons.state import NeuronState


def gid_of_slot(state: NeuronState) -> np.ndarray:
    """Return the gid of the neuron in each slot, uint32 [slots]; 0 for empty slots."""
    gids = np.zeros(state.n_flat, dtype=np.uint32)
    for piece, _, start in state.slices:
        first = state.network.populations[piece.population].gid_start + piece.start
        gids[start : start + piece.size] = np.arange(first, first + piece.size)
    return gids
