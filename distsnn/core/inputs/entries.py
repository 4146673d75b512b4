"""Neurons that several stimuli drive on one rank, one after the other: ``kernels/input/levels.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.core.inputs.driven import RankNeurons, noise_key
from distsnn.kernels.input import levels as columns
from distsnn.network import Stimulus
from distsnn.stimuli.course import Course


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
    def span(self) -> slice:
        """The blocks of the row among all."""
        return slice(self.first_block, self.first_block + self.blocks.size)


class Entries:
    """Rows and entries of stimuli on this rank, in the order of the stimuli.

    table: int64, see ``levels``. edges int64 and levels float64: of all rows. limits: int64 [2]. keys:
    uint32 [2, blocks]; pairs: uint32 [blocks]. slots: int64 [entries], -1 for those that fill a block.
    """

    def __init__(
        self, given: Sequence[tuple[Stimulus, Course]], neurons: RankNeurons, purpose: str
    ) -> None:
        self._neurons, self._purpose = neurons, purpose
        self.rows: list[Row] = []
        n_blocks = 0
        for stimulus, course in given:
            row = _row_of(stimulus, course, neurons, n_blocks)
            if row is not None:
                self.rows.append(row)
                n_blocks += row.blocks.size
        self.n_entries = 2 * n_blocks
        self.n_chunks = -(-self.n_entries // columns.CHUNK)
        self.limits = np.zeros(2, dtype=np.int64)  # valid for no step
        self.keys = np.zeros((2, n_blocks), dtype=np.uint32)
        self.pairs = _joined([row.blocks for row in self.rows], np.uint32)
        self.edges = _joined([row.course.first for row in self.rows], np.int64)
        self.levels = _joined([row.course.levels.ravel() for row in self.rows], np.float64)
        self.slots = np.full(self.n_entries, -1, dtype=np.int64)
        for row in self.rows:
            self.slots[row.entries] = neurons.of(row.stimulus.target.index)[1][row.at]
        self.table = self._table()

    def rekey(self, noise_seed: int) -> None:
        """Draw with another seed from the next step on."""
        for row in self.rows:
            key = noise_key(noise_seed, self._purpose, row.stimulus.index)
            self.keys[:, row.span] = np.array(key, dtype=np.uint32)[:, np.newaxis]

    def values(self, row: Row, name: str) -> np.ndarray:
        """Return a parameter of the neurons of a row, float64."""
        return self._neurons.values(row.stimulus, name, row.positions)

    def places(self, row: Row, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the entries of neurons (ascending) of a row's population, and which these are."""
        own, _ = self._neurons.of(row.stimulus.target.index)
        places, given = np.intersect1d(own[row.at], neurons, return_indices=True)[1:]
        return row.entries[places], given

    def forget(self) -> None:
        """Derive everything again in the next step."""
        self.table[:, columns.NOW] = columns.UNKNOWN
        self.limits[:] = 0

    def _table(self) -> np.ndarray:
        table = np.zeros((len(self.rows), columns.N_ROW_COLUMNS), dtype=np.int64)
        n_edges = n_levels = 0
        for number, row in enumerate(self.rows):
            first, end = 2 * row.span.start, 2 * row.span.stop
            n = row.course.first.size
            width = row.course.levels.shape[1] if row.course.levels.ndim == 2 else 1
            table[number] = (
                first, end, n_edges, n_edges + n, n_levels, width, columns.UNKNOWN
            )  # fmt: skip
            n_edges += n
            n_levels += row.course.levels.size
        return table


def _row_of(
    stimulus: Stimulus, course: Course, neurons: RankNeurons, first_block: int
) -> Row | None:
    """Return a stimulus on this rank, None if it drives no neuron of it at any time."""
    positions, at = neurons.driven(stimulus)
    if not positions.size or not course.first.size:
        return None
    # Positions 2j and 2j + 1 share the random block j and lie one after the other.
    blocks, block = np.unique(positions >> 1, return_inverse=True)
    inside = 2 * block + (positions & 1)
    levels = course.levels
    if levels.ndim == 2:
        levels = np.zeros((course.first.size, 2 * blocks.size))
        levels[:, inside] = course.levels[:, positions]
    entries = 2 * first_block + inside
    own = Course(course.first, levels)
    return Row(stimulus, positions, at, first_block, blocks, entries, own)


def _joined(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype), *parts]).astype(dtype)
