"""Poisson input of one rank in the form that the driver of the models reads."""

from __future__ import annotations

import numpy as np

from distsnn.core.inputs.driven import noise_key, stored_weight
from distsnn.kernels.neuron import driver as drv
from distsnn.network import Network, Stimulus
from distsnn.stimuli.course import NEVER

PURPOSE = "poisson"


def is_plain(stimulus: Stimulus) -> bool:
    """Whether the driver draws a stimulus: whole populations with one rate from a start to a stop."""
    return stimulus.what.has_receptor and stimulus.what.is_plain and stimulus.neurons is None


class PlainRates:
    """Table of plain stimuli, filled population by population.

    A population with spikes from other kernels has also a row for each receptor that they reach.
    all_arrive: no stimulus is plain.
    """

    def __init__(self, network: Network, arrived: np.ndarray, *, all_arrive: bool = False) -> None:
        self._network, self._arrived, self._all_arrive = network, arrived, all_arrive
        self._rows: list[tuple[int, ...]] = []
        self._indices: list[int] = []  # of the stimulus of each row, -1 for others
        self._weights: list[float] = []
        self._thresholds: list[np.ndarray] = []
        self._n_thresholds = 0
        self._rows_of: dict[int, tuple[int, int]] = {}
        self._table = np.zeros((0, drv.N_STIMULUS_COLUMNS), dtype=np.int64)

    def add(self, population: int) -> tuple[int, int]:
        """Return the first row and the end of the inputs into a population."""
        if population not in self._rows_of:
            # Plain stimuli have a row each; what other kernels add up has one per receptor.
            first, receptors = len(self._rows), set()
            for stimulus in self._network.stimuli:
                if stimulus.target.index != population or not stimulus.what.has_receptor:
                    continue
                if is_plain(stimulus) and not self._all_arrive:
                    self._append(stimulus)
                else:
                    receptors.add(stimulus.receptor)
            for receptor in sorted(receptors):
                self._rows.append((receptor, 0, 0, drv.ARRIVED, 0, 0, NEVER))
                self._indices.append(-1)
                self._weights.append(0.0)
            self._rows_of[population] = (first, len(self._rows))
        return self._rows_of[population]

    def _append(self, stimulus: Stimulus) -> None:
        dt_ms = self._network.dt_ms
        thresholds = stimulus.what.thresholds(dt_ms)
        end = self._n_thresholds + thresholds.size
        key = noise_key(self._network.seed, PURPOSE, stimulus.index)
        span = stimulus.what.first_and_end(dt_ms)
        self._rows.append((stimulus.receptor, *key, self._n_thresholds, end, *span))
        self._indices.append(stimulus.index)
        self._weights.append(stored_weight(stimulus))
        self._thresholds.append(thresholds)
        self._n_thresholds = end

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return rows int64 [n, 7], weights float32 [n], thresholds uint32, and ``arrived``."""
        self._table = np.array(self._rows, dtype=np.int64).reshape(-1, drv.N_STIMULUS_COLUMNS)
        thresholds = np.concatenate([np.zeros(0, np.uint32), *self._thresholds])
        weights = np.array(self._weights, dtype=np.float32)
        return self._table, weights, thresholds.astype(np.uint32), self._arrived

    def rekey(self, noise_seed: int) -> None:
        """Draw with another seed from the next step on."""
        for row, index in zip(self._table, self._indices, strict=True):
            if index >= 0:
                row[drv.KEY_LOW], row[drv.KEY_HIGH] = noise_key(noise_seed, PURPOSE, index)
