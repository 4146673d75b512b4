"""The neurons of one rank that a stimulus drives, and what they get of its parameters."""

from __future__ import annotations

import numpy as np

from distsnn.core.neurons.slices import Slices
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network import Network, Stimulus
from distsnn.network.draw import draw_uniform
from distsnn.stimuli.per_neuron import values_of


def noise_key(noise_seed: int, purpose: str, index: int) -> tuple[int, int]:
    """Return the low and the high word of the key of all noise for one purpose and object."""
    # The two halves of a 64-bit key, as the generator takes them.
    key = stream_key(noise_seed, purpose, index)
    return key & 0xFFFFFFFF, key >> 32


def stored_weight(stimulus: Stimulus) -> float:
    """Return the weight of a spike as it is added up: its size where the receptor has the sign."""
    _, weight = stimulus.what.receptor_and_weight()
    return abs(weight) if stimulus.target.model.takes_sizes else weight


class RankNeurons:
    """The neurons of the populations on one rank, and their slots, listed when they are asked for."""

    def __init__(self, network: Network, slices: Slices) -> None:
        self._network, self._slices = network, slices
        self._of: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def of(self, population: int) -> tuple[np.ndarray, np.ndarray]:
        """Return neurons (ascending) and their slots, both int64."""
        if population not in self._of:
            parts = [np.empty((2, 0), dtype=np.int64)]
            for piece, _, slot in self._slices:
                if piece.population == population:
                    neurons = np.arange(piece.start, piece.stop, dtype=np.int64)
                    parts.append(np.stack([neurons, neurons - piece.start + slot]))
            neurons, slots = np.concatenate(parts, axis=1)
            order = np.argsort(neurons)
            self._of[population] = neurons[order], slots[order]
        return self._of[population]

    def driven(self, stimulus: Stimulus) -> tuple[np.ndarray, np.ndarray]:
        """Return, int64, the positions (ascending) and the places among ``of`` that it drives."""
        neurons, _ = self.of(stimulus.target.index)
        if stimulus.neurons is None or not neurons.size:
            return neurons, np.arange(neurons.size, dtype=np.int64)
        at = np.minimum(np.searchsorted(neurons, stimulus.neurons), neurons.size - 1)
        positions = np.flatnonzero(neurons[at] == stimulus.neurons)
        return positions, at[positions]

    def values(self, stimulus: Stimulus, name: str, positions: np.ndarray) -> np.ndarray:
        """Return a parameter of a stimulus at ascending positions, float64.

        Drawn values depend on the network's seed, the stimulus and the position alone.
        """
        given = stimulus.what.values().get(name, 1.0)
        key = stream_key(self._network.seed, f"stimulus {name}", stimulus.index)
        out = np.empty(positions.size, dtype=np.float64)
        # Position by position in runs without gaps, of which a rank has few.
        starts = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
        ends = np.append(starts[1:], positions.size)
        for first, end in zip(starts.tolist(), ends.tolist(), strict=True):
            start, stop = int(positions[first]), int(positions[end - 1]) + 1
            out[first:end] = values_of(
                given, start, stop, lambda low, high: draw_uniform(key, low, high)
            )
        return out
