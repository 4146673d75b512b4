"""Poisson input of one rank with a rate for each neuron that may change in time.

See ``kernels/input/rates.py`` for the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.core.inputs.driven import RankNeurons, noise_key
from distsnn.core.inputs.plain_rates import PURPOSE
from distsnn.kernels.input import rates as kernels
from distsnn.network import Stimulus
from distsnn.stimuli.course import Course

ENTRIES = {"scale": np.float64, "targets": np.int64, "weights": np.float32}


@dataclass(eq=False)
class Row:
    """A stimulus on this rank.

    positions, at: of its neurons, see ``RankNeurons``. blocks: int64, pairs of positions. entries:
    int64, of its neurons. course: levels by edge, or by edge and entry.
    """

    stimulus: Stimulus
    positions: np.ndarray
    at: np.ndarray
    first_block: int
    blocks: np.ndarray
    entries: np.ndarray
    course: Course

    @property
    def n_entries(self) -> int:
        """Number of entries, with those that fill the blocks."""
        return 2 * self.blocks.size


class RateTables:
    """The entries of all such stimuli on a rank, in the order of the stimuli."""

    def __init__(
        self,
        stimuli: Sequence[Stimulus],
        neurons: RankNeurons,
        dt_ms: float,
        noise_seed: int,
        arrived: np.ndarray,
    ) -> None:
        self._neurons, self._dt_ms, self._arrived = neurons, dt_ms, arrived
        self._rows: list[Row] = []
        n_blocks = 0
        for stimulus in stimuli:
            row = _row_of(stimulus, neurons, dt_ms, n_blocks)
            if row is not None:
                self._rows.append(row)
                n_blocks += row.blocks.size
        self._keys = np.zeros((2, n_blocks), dtype=np.uint32)
        self._limits = np.zeros(2, dtype=np.int64)  # valid for no step
        self._by_entry = {
            name: np.zeros(2 * n_blocks, dtype=dtype) for name, dtype in ENTRIES.items()
        }
        for row in self._rows:
            self._fill(row)
        self._table = self._table_of_rows()
        self.rekey(noise_seed)

    @property
    def is_empty(self) -> bool:
        """Whether there is no such stimulus on this rank."""
        return not self._rows

    def bind(self) -> Callable[..., int]:
        """Return the kernel (step)."""
        n_entries = self._by_entry["scale"].size
        n_chunks = -(-n_entries // kernels.CHUNK)
        derived = [np.zeros(n_entries, dtype=np.float64) for _ in range(3)]
        counters = np.concatenate([row.blocks for row in self._rows]).astype(np.uint32)
        edges = np.concatenate([row.course.first for row in self._rows])
        levels = np.concatenate([row.course.levels.ravel() for row in self._rows])
        return kernels.drive_rates.bind(
            self._table, edges, levels, self._limits, self._keys, counters,
            self._by_entry["scale"], *derived, np.zeros(n_entries, dtype=np.uint32),
            self._by_entry["targets"], self._by_entry["weights"],
            np.zeros(n_chunks, dtype=np.uint8), np.zeros(kernels.CHUNK, dtype=np.uint32),
            np.zeros(kernels.CHUNK, dtype=np.uint32), np.zeros((5, kernels.CHUNK)),
            self._arrived.reshape(-1),
        )  # fmt: skip

    def rekey(self, noise_seed: int) -> None:
        """Draw with another seed from the next step on."""
        for row in self._rows:
            key = noise_key(noise_seed, PURPOSE, row.stimulus.index)
            span = slice(row.first_block, row.first_block + row.blocks.size)
            self._keys[:, span] = np.array(key, dtype=np.uint32)[:, np.newaxis]

    def set(self, stimulus: int, neurons: np.ndarray, rate_hz: np.ndarray) -> None:
        """Change the constant rate of neurons (ascending) of a stimulus from the next step on."""
        for number, row in enumerate(self._rows):
            if row.stimulus.index == stimulus:
                own, _ = self._neurons.of(row.stimulus.target.index)
                places, given = np.intersect1d(own[row.at], neurons, return_indices=True)[1:]
                self._by_entry["scale"][row.entries[places]] = rate_hz[given] * self._dt_ms * 1e-3
                self._table[number, kernels.NOW] = kernels.UNKNOWN
                self._limits[:] = 0

    def _fill(self, row: Row) -> None:
        stimulus = row.stimulus
        _, slots = self._neurons.of(stimulus.target.index)
        _, weight = stimulus.what.receptor_and_weight()
        scale = np.ones(row.positions.size)
        if stimulus.what.values():
            scale = self._neurons.values(stimulus, "rate_hz", row.positions) * self._dt_ms * 1e-3
        of_receptor = stimulus.receptor * self._arrived.shape[1]
        given = {
            "scale": scale,
            "targets": of_receptor + slots[row.at],
            "weights": abs(weight) if stimulus.target.model.takes_sizes else weight,
        }
        for name, values in given.items():
            self._by_entry[name][row.entries] = values

    def _table_of_rows(self) -> np.ndarray:
        table = np.zeros((len(self._rows), kernels.N_ROW_COLUMNS), dtype=np.int64)
        n_edges = n_levels = 0
        for number, row in enumerate(self._rows):
            first = 2 * row.first_block
            width = row.course.levels.shape[1] if row.course.levels.ndim == 2 else 1
            table[number] = (
                first, first + row.n_entries, n_edges, n_edges + row.course.first.size, n_levels, width,
                kernels.UNKNOWN,
            )  # fmt: skip
            n_edges += row.course.first.size
            n_levels += row.course.levels.size
        return table


def _row_of(stimulus: Stimulus, neurons: RankNeurons, dt_ms: float, first_block: int) -> Row | None:
    """Return a stimulus on this rank, None if it drives no neuron of it at any time."""
    course = stimulus.what.rate_course(dt_ms)
    positions, at = neurons.driven(stimulus)
    if course is None or not positions.size or not course.first.size:
        return None
    # Positions 2j and 2j + 1 share the random block j and lie one after the other.
    blocks, block = np.unique(positions >> 1, return_inverse=True)
    inside = 2 * block + (positions & 1)
    levels = course.levels
    if levels.ndim == 2:
        levels = np.zeros((course.first.size, 2 * blocks.size))
        levels[:, inside] = course.levels[:, positions]
    entries = 2 * first_block + inside
    return Row(stimulus, positions, at, first_block, blocks, entries, Course(course.first, levels))
