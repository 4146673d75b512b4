"""Poisson input of one rank with a rate for each neuron that may change in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.inputs.driven import RankNeurons, stored_weight
from distsnn.core.inputs.entries import Entries, Row
from distsnn.core.inputs.plain_rates import PURPOSE
from distsnn.kernels.input import rates as kernels
from distsnn.kernels.input.levels import CHUNK
from distsnn.network import Stimulus


class VaryingRates:
    """All such stimuli of a rank; see ``kernels/input/rates.py``.

    arrived: float32 [receptors, slots], to which the spikes are added.
    """

    def __init__(
        self, stimuli: Sequence[Stimulus], neurons: RankNeurons, dt_ms: float, arrived: np.ndarray
    ) -> None:
        self._dt_ms, self._arrived = dt_ms, arrived
        courses = [(stimulus, stimulus.what.rate_course(dt_ms)) for stimulus in stimuli]
        given = [(stimulus, course) for stimulus, course in courses if course is not None]
        self.entries = entries = Entries(given, neurons, PURPOSE)
        self._scale = np.zeros(entries.n_entries, dtype=np.float64)
        self._targets = np.zeros(entries.n_entries, dtype=np.int64)
        self._weights = np.zeros(entries.n_entries, dtype=np.float32)
        for row in entries.rows:
            self._fill(row)

    def bind(self) -> list[Callable[..., int]]:
        """Return the kernels (step)."""
        entries, n = self.entries, self.entries.n_entries
        if not n:
            return []
        mean, at_mode, below = (np.zeros(n, dtype=np.float64) for _ in range(3))
        drive = kernels.drive_rates.bind(
            entries.table, entries.edges, entries.levels, entries.limits, entries.keys,
            entries.pairs, self._scale, mean, at_mode, below,
            np.zeros((kernels.MAX_DEPTH, n), dtype=np.uint32),
            self._targets, self._weights, np.zeros(entries.n_chunks, dtype=np.int64),
            np.zeros((3, CHUNK), dtype=np.uint32),
            np.zeros((kernels.N_WORK, CHUNK)), self._arrived.reshape(-1),
        )  # fmt: skip
        return [drive]

    def set(self, stimulus: int, neurons: np.ndarray, rate_hz: np.ndarray) -> None:
        """Change the constant rate of neurons (ascending) of a stimulus from the next step on."""
        for row in self.entries.rows:
            if row.stimulus.index == stimulus:
                places, given = self.entries.places(row, neurons)
                self._scale[places] = rate_hz[given] * self._dt_ms * 1e-3
                self.entries.forget()

    def take(self, other: VaryingRates, changed: int | None) -> None:
        """Have the constant rates that another object of the same network has, but of one stimulus."""
        known = {row.stimulus.index: row for row in other.entries.rows}
        for row in self.entries.rows:
            index = row.stimulus.index
            if index in known and index != changed:
                self._scale[row.entries] = other._scale[known[index].entries]

    def _fill(self, row: Row) -> None:
        stimulus = row.stimulus
        # mean of a step = scale * level, scale = rate dt if the rate is constant
        self._scale[row.entries] = 1.0
        if stimulus.what.values():
            self._scale[row.entries] = self.entries.values(row, "rate_hz") * self._dt_ms * 1e-3
        of_receptor = stimulus.receptor * self._arrived.shape[1]
        self._targets[row.entries] = of_receptor + self.entries.slots[row.entries]
        self._weights[row.entries] = stored_weight(stimulus)
