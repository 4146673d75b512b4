"""Correlated Poisson input of one rank; see ``kernels/input/correlated.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.inputs.driven import RankNeurons, noise_key, stored_weight
from distsnn.kernels.input import correlated as kernels
from distsnn.network import Stimulus

PURPOSE = "correlated poisson"
# Largest number of mother spikes in a step for which the thresholds of every smaller number are kept:
# 32,640 words at most for one correlation, where making them anew takes longest beside the rest.
MAX_TABULATED = 254


class CorrelatedTrains:
    """All such stimuli of a rank. arrived: float32 [receptors, slots]."""

    def __init__(
        self, stimuli: Sequence[Stimulus], neurons: RankNeurons, dt_ms: float, arrived: np.ndarray
    ) -> None:
        self._neurons, self._arrived = neurons, arrived
        self._stimuli: list[Stimulus] = []
        self._mothers: list[np.ndarray] = []
        self._correlations: list[float] = []
        rows: list[tuple[int, ...]] = []
        runs: list[tuple[int, ...]] = []
        targets: list[np.ndarray] = []
        n_thresholds = n_targets = 0
        for stimulus in stimuli:
            mother = stimulus.what.mother(dt_ms)
            if mother is None:
                continue
            positions, at = neurons.driven(stimulus)
            if not at.size:
                continue
            # A mother train per stimulus, thinned for each neuron; see ``CorrelatedPoisson``.
            correlation, table = mother
            first_run, span = len(runs), stimulus.what.first_and_end(dt_ms)
            for first, end in runs_of(positions):
                runs.append((int(positions[first]), end - first, n_targets + first))
            rows.append(
                (
                    0, 0, n_thresholds, n_thresholds + table.size, *span, first_run, len(runs),
                    kernels.NO_TABLE,
                )
            )  # fmt: skip
            n_thresholds += table.size
            n_targets += at.size
            slots = neurons.of(stimulus.target.index)[1][at]
            targets.append(stimulus.receptor * arrived.shape[1] + slots)
            self._stimuli.append(stimulus)
            self._mothers.append(table)
            self._correlations.append(correlation)
        self._rows = np.array(rows, dtype=np.int64).reshape(-1, kernels.N_ROW_COLUMNS)
        self._runs = np.array(runs, dtype=np.int64).reshape(-1, kernels.N_RUN_COLUMNS)
        self._targets = np.concatenate([np.empty(0, dtype=np.int64), *targets])

    def rekey(self, noise_seed: int) -> None:
        """Draw with another seed from the next step on."""
        for row, stimulus in zip(self._rows, self._stimuli, strict=True):
            key = noise_key(noise_seed, PURPOSE, stimulus.index)
            row[kernels.KEY_LOW], row[kernels.KEY_HIGH] = key

    def bind(self) -> list[Callable[..., int]]:
        """Return the kernels (step)."""
        if not self._stimuli:
            return []
        # Room for the largest number of mother spikes in a step and for the longest run.
        most = max(table.size for table in self._mothers)
        longest = int(self._runs[:, kernels.N_NEURONS].max())
        starts, tables = self._tabulate()
        drive = kernels.drive_correlated.bind(
            self._rows, self._runs, np.concatenate(self._mothers), np.array(self._correlations),
            np.array([stored_weight(stimulus) for stimulus in self._stimuli], dtype=np.float32),
            np.zeros(most + 1, dtype=np.uint32), starts, tables,
            np.zeros(2 * longest + 4, dtype=np.uint32), self._targets, self._arrived.reshape(-1),
        )  # fmt: skip
        return [drive]

    def _tabulate(self) -> tuple[np.ndarray, np.ndarray]:
        """Make the thresholds of Binomial(M, c), for every c and all small M; point rows to them."""
        largest: dict[float, int] = {}
        for correlation, table in zip(self._correlations, self._mothers, strict=True):
            largest[correlation] = max(largest.get(correlation, 0), table.size)
        largest = {c: n for c, n in largest.items() if n <= MAX_TABULATED}
        n_tables = np.array([n + 1 for n in largest.values()], dtype=np.int64)
        firsts = dict(zip(largest, np.cumsum(n_tables) - n_tables, strict=True))
        self._rows[:, kernels.FIRST_TABLE] = [
            firsts.get(correlation, kernels.NO_TABLE) for correlation in self._correlations
        ]
        starts = np.zeros(int(n_tables.sum()) + 1, dtype=np.int64)
        # Binomial(n, c) has n thresholds at most, and room for one more while it is made
        tables = np.zeros(int((n_tables * (n_tables + 1) // 2).sum()) + 1, dtype=np.uint32)
        kernels.fill_binomial_tables(
            np.array([*largest], dtype=np.float64), n_tables - 1, starts, tables
        )
        return starts, tables


def runs_of(positions: np.ndarray) -> list[tuple[int, int]]:
    """Return index and end of every part of ascending numbers that has no gap."""
    # A run begins where the position before is missing.
    starts = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
    ends = np.append(starts[1:], positions.size)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))
