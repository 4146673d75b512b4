"""External spike trains into the populations of one rank, in the layout that the driver reads."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.neuron import driver as drv
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network import Network, Stimulus


class SpikeInputTable:
    """Table of all stimuli that arrive at a receptor, filled population by population."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._rows: list[tuple[int, ...]] = []
        self._weights: list[float] = []
        self._thresholds: list[np.ndarray] = []
        self._n_thresholds = 0
        # The rows of a population are consecutive: population -> (first row, end)
        self._rows_of: dict[int, tuple[int, int]] = {}

    def add(self, population: int) -> tuple[int, int]:
        """Return the range of rows, as (first, end), that holds the stimuli of a population."""
        if population not in self._rows_of:
            first = len(self._rows)
            for stimulus in self._network.stimuli:
                if stimulus.target.index == population and stimulus.what.has_receptor:
                    self._append(stimulus)
            self._rows_of[population] = (first, len(self._rows))
        return self._rows_of[population]

    def _append(self, stimulus: Stimulus) -> None:
        dt_ms = self._network.dt_ms
        _, weight = stimulus.what.receptor_and_weight()
        thresholds = stimulus.what.thresholds(dt_ms)
        end = self._n_thresholds + thresholds.size
        key = stream_key(self._network.seed, "poisson", stimulus.index)
        self._rows.append(
            (
                stimulus.receptor, key & 0xFFFFFFFF, key >> 32, self._n_thresholds, end,
                *stimulus.what.first_and_end(dt_ms),
            )
        )  # fmt: skip
        # Models that take sizes tell excitation from inhibition by receptor, not by sign.
        self._weights.append(abs(weight) if stimulus.target.model.takes_sizes else weight)
        self._thresholds.append(thresholds)
        self._n_thresholds = end

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, int64 [stimuli, 7], weights, float32 [stimuli], and all thresholds, uint32."""
        rows = np.array(self._rows, dtype=np.int64).reshape(-1, drv.N_STIMULUS_COLUMNS)
        thresholds = np.concatenate([np.zeros(0, np.uint32), *self._thresholds])
        return rows, np.array(self._weights, dtype=np.float32), thresholds.astype(np.uint32)
