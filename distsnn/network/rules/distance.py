"""Synapses by distance, between neurons that sit on the points of a grid.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, section 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.errors import NetworkError
from distsnn.kernels.draw_near import expect_near, join_near
from distsnn.kernels.threefry import CHUNK
from distsnn.network.rules.ends import Ends, Streams
from distsnn.stimuli.checks import require_least

THING = "DistanceDependent"
LEAST_CHANCE = 2.0**-24  # pairs less likely than this are left out
MOST_OFFSETS = 200_000
MOST_POINTS = 1 << 28


@dataclass(frozen=True, eq=False)
class DistanceDependent:
    """A synapse with probability c exp(-(D / length)^2) between neurons at distance D.

    from_points, onto_points: int32 [n, 3], the grid points of sources and targets, one neuron on a
    point. Held whole by every rank: 12 bytes a neuron. No neuron is its own source.
    """

    c: float
    length: float
    from_points: Any
    onto_points: Any

    def __post_init__(self) -> None:
        require_least(THING, "c", self.c, 0.0)
        if not 0.0 <= self.c <= 1.0:
            raise NetworkError(f"{THING}: c is {self.c}, limit 0 to 1. Give a probability.")
        if not self.length > 0.0 or not math.isfinite(self.length):
            raise NetworkError(
                f"{THING}: length is {self.length}, limit above 0. Give a number of grid points."
            )
        for name in ("from_points", "onto_points"):
            object.__setattr__(self, name, _points(name, getattr(self, name)))
        if self._offsets_by_reach() > MOST_OFFSETS:
            raise NetworkError(
                f"{THING}: length is {self.length:g}, limit {MOST_OFFSETS} points within reach. "
                "Shorten it."
            )

    def __repr__(self) -> str:
        return f"{THING}(c={self.c}, length={self.length})"

    @property
    def reach(self) -> float:
        """The distance beyond which there are no synapses."""
        if self.c <= LEAST_CHANCE:
            return 0.0
        return self.length * math.sqrt(math.log(self.c / LEAST_CHANCE))

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the points are not those of the populations."""
        for name, size in (("from_points", ends.n_source), ("onto_points", ends.n_target)):
            n = getattr(self, name).shape[0]
            if n != size:
                raise NetworkError(
                    f"{ends.name}: {THING} {name} has {n} points, limit {size}, the population's "
                    "size. Give one for each neuron."
                )

    def expected_synapses(self, ends: Ends) -> float:
        """Return the expected number of synapses."""
        offsets, chance = self._near(ends.is_same)
        total = np.zeros(1)
        if chance.size:
            grid, box = self._grid
            expect_near(box, self.onto_points, offsets, grid, chance, total)
        return float(total[0])

    def most_synapses(self, ends: Ends) -> int:
        """Return the largest number of synapses that can occur."""
        return ends.n_target * min(ends.n_options(False), self._near(ends.is_same)[1].size)

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that no target's synapses exceed (mean + 10 deviations)."""
        chance = self._near(ends.is_same)[1]
        mean, variance = chance.sum(), (chance * (1.0 - chance)).sum()
        bound = math.ceil(mean + 10.0 * math.sqrt(variance) + 10.0)
        return min(bound, chance.size, ends.n_options(False))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        counts = np.zeros(stop - start, dtype=np.int32)
        self._join(ends, streams, start, counts, np.empty(0, dtype=np.uint32))
        return counts

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        if out.size:
            self._join(ends, streams, start, np.zeros_like(counts), out)

    def _join(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        offsets, chance = self._near(ends.is_same)
        grid, box = self._grid
        words = np.empty(-(-chance.size // CHUNK) * CHUNK, dtype=np.uint32)
        coins = np.minimum(np.rint(chance * 2.0**32), 2.0**32 - 1).astype(np.uint32)
        low, high = streams.key("sources")
        targets = self.onto_points
        join_near(low, high, start, targets, offsets, coins, grid, box, words, counts, out)

    def _offsets_by_reach(self) -> float:
        return 4.2 * (self.reach + 1.0) ** 3

    def _near(self, is_same: bool) -> tuple[np.ndarray, np.ndarray]:
        return self._others if is_same else self._all

    @cached_property
    def _all(self) -> tuple[np.ndarray, np.ndarray]:
        """Offsets within reach, int32 [n, 3], and the probability of each."""
        r = math.floor(self.reach)
        axis = np.arange(-r, r + 1, dtype=np.int32)
        offsets = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
        square = (offsets.astype(np.int64) ** 2).sum(axis=1)
        chance = self.c * np.exp(-square / self.length**2)
        kept = chance > LEAST_CHANCE
        return np.ascontiguousarray(offsets[kept]), chance[kept]

    @cached_property
    def _others(self) -> tuple[np.ndarray, np.ndarray]:
        """The same without the neuron's own place."""
        offsets, chance = self._all
        other = offsets.any(axis=1)
        return np.ascontiguousarray(offsets[other]), chance[other]

    @cached_property
    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        """The source at each point of the box that holds them, int32, and the box, int64 [6]."""
        points = self.from_points
        origin = points.min(axis=0).astype(np.int64)
        size = points.max(axis=0).astype(np.int64) - origin + 1
        if int(np.prod(size)) > MOST_POINTS:
            raise NetworkError(
                f"{THING}: from_points lie in a box of {int(np.prod(size))} points, limit "
                f"{MOST_POINTS}. Move them closer together."
            )
        grid = np.full(int(np.prod(size)), -1, dtype=np.int32)
        x, y, z = (points - origin).T
        place = (x * size[1] + y) * size[2] + z
        grid[place] = np.arange(points.shape[0], dtype=np.int32)
        if np.unique(place).size < place.size:
            raise NetworkError(
                f"{THING}: from_points holds a point twice, limit once. Give each neuron its own."
            )
        return grid, np.concatenate([origin, size])


def _points(name: str, points: Any) -> np.ndarray:
    array = np.asarray(points)
    if array.ndim != 2 or array.shape[1:] != (3,) or array.dtype.kind not in "iu":
        raise NetworkError(
            f"{THING}: {name} is {array.dtype} of shape {array.shape}, limit integers of shape "
            "(n, 3). Give x, y, z of each neuron."
        )
    if array.size == 0 or np.abs(array).max() > 1 << 20:
        raise NetworkError(
            f"{THING}: {name} is empty or reaches beyond 2^20, limit 1 point at least. "
            "Count grid points from 0."
        )
    return np.ascontiguousarray(array, dtype=np.int32)
