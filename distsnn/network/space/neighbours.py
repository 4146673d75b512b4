"""The sources within reach of each target: a grid of cells, and kernels that go through it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distsnn.kernels.draw.distance import (
    MAX_WORDS,
    NOBODY,
    PER_LENGTH,
    REACH,
    WORDS,
    expect_by_distance,
    expect_none_by_distance,
    join_by_distance,
    race_by_distance,
)
from distsnn.kernels.draw.neighbours import FIRST_AXIS, N_AXES, ORIGIN, PERIOD, SIZE
from distsnn.network.space.between import Between

CELLS_PER_REACH = 4
NEURONS_PER_CELL = 4  # on average at least
MAX_PAIRS = 1 << 28  # beyond, expectations come from some of the targets
PROBED = 64  # targets that show how many pairs there are


@dataclass(frozen=True, eq=False)
class Cells:
    """Neurons sorted by the cells of a grid; the layout is that of ``kernels/draw/neighbours.py``.

    coordinates: float64 [3, neurons], ids: uint32 [neurons], by cell. first: int64 [cells + 1]. shape:
    int64 [4]. frame: float64 [3, 3].
    """

    coordinates: np.ndarray
    ids: np.ndarray
    first: np.ndarray
    shape: np.ndarray
    frame: np.ndarray

    @classmethod
    def of(cls, axes: np.ndarray, first_axis: int, periods: np.ndarray, reach: float) -> Cells:
        """Sort neurons at ``axes`` (float64 [3, neurons]) into cells that suit a reach."""
        # The cells fill the box around the neurons, or the whole extent where it wraps.
        origin = np.where(np.isinf(periods), axes.min(axis=1), 0.0)
        width = np.where(np.isinf(periods), axes.max(axis=1) - origin, periods)
        n_cells = _numbers_of_cells(width, reach, axes.shape[1])
        size = np.where(width > 0, width / n_cells, 1.0)
        places = ((axes - origin[:, None]) / size[:, None]).astype(np.int64)
        # A neuron at the upper border belongs to the last cell.
        x, y, z = np.clip(places, 0, n_cells[:, None] - 1)
        cell = (x * n_cells[1] + y) * n_cells[2] + z
        order = np.argsort(cell, kind="stable")
        # cell c has the neurons first[c] .. first[c + 1] - 1 in this order
        first = np.searchsorted(cell[order], np.arange(int(n_cells.prod()) + 1)).astype(np.int64)
        shape = np.append(n_cells, 0)
        shape[FIRST_AXIS] = first_axis
        frame = np.empty((N_AXES, N_AXES))
        frame[ORIGIN], frame[SIZE], frame[PERIOD] = origin, size, periods
        coordinates = np.ascontiguousarray(axes[:, order])
        return cls(coordinates, order.astype(np.uint32), first, shape, frame)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays in the order of the kernels."""
        return self.coordinates, self.ids, self.first, self.shape, self.frame

    def scratch(self) -> tuple[np.ndarray, np.ndarray]:
        """Return room for all neurons within reach of a point, and for their distances."""
        return np.empty(self.ids.size, dtype=np.uint32), np.empty(self.ids.size)


def _numbers_of_cells(width: np.ndarray, reach: float, n_neurons: int) -> np.ndarray:
    """Return how many cells there are along each axis, int64 [3]."""
    size = max(reach / CELLS_PER_REACH, 1e-9 * float(width.max()))
    # Smaller cells fit a disc better, larger ones give longer runs of neurons.
    while True:
        n_cells = [max(1, math.floor(w / size)) if size > 0 else 1 for w in width]
        if math.prod(n_cells) <= max(1, n_neurons // NEURONS_PER_CELL):
            return np.array(n_cells, dtype=np.int64)
        size *= 1.2


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs of a source and a target within reach, with a probability that follows their distance.

    table: float64, probabilities in units of 2^-32 from distance 0 to the reach, evenly spaced.
    own: int64 [targets], the source that is the target itself and is left out, or -1; empty: nobody is.
    """

    between: Between
    reach: float
    table: np.ndarray
    own: np.ndarray

    @cached_property
    def cells(self) -> Cells:
        """The sources by cell."""
        space = self.between
        return Cells.of(space.source.axes, space.first_axis, space.periods, self.reach)

    @cached_property
    def facts(self) -> np.ndarray:
        """What the kernels of ``kernels/draw/distance.py`` ask for."""
        facts = np.zeros(3)
        facts[REACH], facts[MAX_WORDS] = self.reach, self.table.max()
        facts[PER_LENGTH] = (self.table.size - 1) / self.reach if self.reach > 0 else 0.0
        return facts

    def join(self, key: tuple[int, int], start: int, counts: np.ndarray, out: np.ndarray) -> None:
        """Toss a coin for each pair; count and, if ``out`` has room, write the sources."""
        near, squares = self.cells.scratch()
        words = np.empty(near.size, dtype=np.uint32)
        join_by_distance(
            *key, start, self.facts, self.table, self.own, self.between.target.axes, *self.cells.arrays,
            near, squares, words, counts, out,
        )  # fmt: skip

    def race(self, key: tuple[int, int], start: int, n_each: int, out: np.ndarray) -> int:
        """Write ``n_each`` different sources of each target; return -1 or one that has fewer."""
        arrivals, runners = np.empty(n_each), np.empty(n_each, dtype=np.uint32)
        return race_by_distance(
            *key, start, n_each, self.facts, self.table, self.own, self.between.target.axes,
            *self.cells.arrays, *self.cells.scratch(), arrivals, runners, out,
        )  # fmt: skip

    def expect(self, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean and variance of the sources of chosen targets, and how many are possible."""
        n = targets.size
        mean, variance, options = np.empty(n), np.empty(n), np.empty(n, dtype=np.int64)
        expect_by_distance(
            self.facts, self.table, self.own, self.between.target.axes, *self.cells.arrays,
            *self.cells.scratch(), targets, mean, variance, options,
        )  # fmt: skip
        return mean, variance, options

    @cached_property
    def expected(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What ``expect`` says of all targets; of evenly spaced ones where there are too many pairs."""
        n = self.between.target.coordinates.shape[0]
        # Some targets show how many pairs there are: with too many, every k-th target is taken.
        _, _, options = self.expect(np.unique(np.linspace(0, n - 1, PROBED).astype(np.int64)))
        every = max(1, round(float(options.mean()) * n / MAX_PAIRS))
        return self.expect(np.arange(0, n, every, dtype=np.int64))

    @cached_property
    def totals(self) -> np.ndarray:
        """The sum of the probabilities of each target, float64."""
        return self.expect(np.arange(self.between.target.coordinates.shape[0]))[0]

    def expect_none(
        self, start: int, factors: np.ndarray, labels: np.ndarray, total: np.ndarray
    ) -> None:
        """Add the expectations that ``expect_none_by_distance`` describes."""
        expect_none_by_distance(
            start, self.facts, self.table, self.own, self.between.target.axes, *self.cells.arrays,
            *self.cells.scratch(), factors, labels, total,
        )  # fmt: skip

    @cached_property
    def reversed(self) -> Neighbours:
        """The same pairs, with the targets as what is found near each source."""
        space = self.between
        swapped = Between(space.target, space.source, space.wraps)
        own = self.own
        if own.size:  # the target that is source s itself
            own = np.full(space.source.coordinates.shape[0], NOBODY, dtype=np.int64)
            targets = np.flatnonzero(self.own != NOBODY)
            own[self.own[targets]] = targets
        return Neighbours(swapped, self.reach, self.table, own)


def table_of(probabilities: np.ndarray) -> np.ndarray:
    """Return probabilities in the units of the kernels."""
    return probabilities * WORDS
