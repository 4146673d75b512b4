"""Synapses by distance, between neurons that sit on the points of a grid.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, section 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.checks import array, must_be, number
from distsnn.errors import NetworkError
from distsnn.kernels.draw.near import expect_near, join_near
from distsnn.kernels.numbers.threefry import CHUNK
from distsnn.network.rules.ends import Ends, Streams

SUBJECT = "DistanceDependent"
MIN_CHANCE = 2.0**-24  # pairs less likely than this are left out
BALL_OFFSETS = 200_000  # of a ball of so many points all are numbered, used or not
MAX_OFFSETS = 1 << 21
MAX_POINTS = 1 << 28
MAX_COORDINATE = 1 << 20


@dataclass(frozen=True, eq=False)
class DistanceDependent:
    """A synapse with probability c exp(-(D / length)^2) between neurons at distance D.

    length: in grid points. from_points, onto_points: int32 [n, 3], the grid points of sources and
    targets, one neuron on a point; a plane has one value of z, a line one of y too, and only what
    varies costs time. Held whole by every rank: 12 bytes a neuron. No neuron is its own source.
    """

    c: float
    length: float
    from_points: Any
    onto_points: Any

    def __post_init__(self) -> None:
        number(f"{SUBJECT}.c", self.c, 0.0, 1.0, remedy="Give a probability.")
        remedy = "Give a number of grid points."
        number(f"{SUBJECT}.length", self.length, 1e-3, MAX_COORDINATE, remedy=remedy)
        for name in ("from_points", "onto_points"):
            object.__setattr__(self, name, _points(name, getattr(self, name)))
        n_within = min(self._n_ball, math.prod(axis.size for axis in self._axes))
        if n_within > MAX_OFFSETS:
            limit = f"such that at most {MAX_OFFSETS} points are within reach"
            raise NetworkError(must_be(f"{SUBJECT}.length", limit, self.length, "Shorten it."))

    def __repr__(self) -> str:
        return f"{SUBJECT}(c={self.c}, length={self.length})"

    @property
    def reach(self) -> float:
        """The distance beyond which there are no synapses."""
        if self.c <= MIN_CHANCE:
            return 0.0
        # c exp(-(D / length)^2) = MIN_CHANCE
        return self.length * math.sqrt(math.log(self.c / MIN_CHANCE))

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the points are not those of the populations."""
        for name, size in (("from_points", ends.n_source), ("onto_points", ends.n_target)):
            n = getattr(self, name).shape[0]
            if n != size:
                limit = f"of {size} points, the population's size"
                subject = f"{ends.name}: {SUBJECT}.{name}"
                raise NetworkError(must_be(subject, limit, n, "Give one for each neuron."))

    def expected_synapses(self, ends: Ends) -> float:
        """Return the expected number of synapses."""
        offsets, chance, _ = self._near(ends.is_same)
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
        offsets, chance, numbers = self._near(ends.is_same)
        grid, box = self._grid
        words = np.empty(-(-chance.size // CHUNK) * CHUNK, dtype=np.uint32)
        # A pair is connected if its word is below 2^32 p.
        coins = np.minimum(np.rint(chance * 2.0**32), 2.0**32 - 1).astype(np.uint32)
        low, high = streams.key("sources")
        targets = self.onto_points
        join_near(low, high, start, targets, offsets, numbers, coins, grid, box, words, counts, out)

    @property
    def _n_ball(self) -> float:
        """About how many points of a full grid are within reach, or a few more."""
        return 4.2 * (self.reach + 1.0) ** 3

    @cached_property
    def _axes(self) -> tuple[np.ndarray, ...]:
        """The differences within reach that a source and a target can have, along x, y and z."""
        r = math.floor(self.reach)
        low = self.from_points.min(axis=0) - self.onto_points.max(axis=0)
        high = self.from_points.max(axis=0) - self.onto_points.min(axis=0)
        return tuple(
            np.arange(max(-r, int(a)), min(r, int(b)) + 1, dtype=np.int32)
            for a, b in zip(low, high, strict=True)
        )

    def _near(self, is_same: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._others if is_same else self._all

    @cached_property
    def _all(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._within_reach(with_own=True)

    @cached_property
    def _others(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._within_reach(with_own=False)

    def _within_reach(self, with_own: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Offsets in use, int32 [n, 3], the probability of each, and the number of its coin.

        Coins of a small ball are numbered over the whole of it, so that what is drawn depends only
        on the places that exist; those of a large one over the offsets in use. with_own: the
        neuron's own place too. No numbers: they are 0 .. n - 1.
        """
        is_ball = self._n_ball <= BALL_OFFSETS
        r = math.floor(self.reach)
        whole = (np.arange(-r, r + 1, dtype=np.int32),) * 3
        offsets, chance = self._offsets(whole if is_ball else self._axes, with_own)
        used = np.ones(chance.size, dtype=bool)
        for k, axis in enumerate(self._axes):
            first, last = (axis[0], axis[-1]) if axis.size else (1, 0)
            used &= (offsets[:, k] >= first) & (offsets[:, k] <= last)
        numbers = np.flatnonzero(used).astype(np.uint32)
        if used.all():
            numbers = numbers[:0]
        return np.ascontiguousarray(offsets[used]), chance[used], numbers

    def _offsets(
        self, axes: tuple[np.ndarray, ...], with_own: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the offsets with differences of these axes whose pairs are likely enough."""
        offsets = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
        # p = c exp(-D^2 / length^2)
        square = (offsets.astype(np.int64) ** 2).sum(axis=1)
        chance = self.c * np.exp(-square / self.length**2)
        kept = chance > MIN_CHANCE
        if not with_own:
            kept &= square > 0
        return offsets[kept], chance[kept]

    @cached_property
    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        """The source at each point of the box that holds them, int32, and the box, int64 [6]."""
        points = self.from_points
        origin = points.min(axis=0).astype(np.int64)
        size = points.max(axis=0).astype(np.int64) - origin + 1
        if int(np.prod(size)) > MAX_POINTS:
            limit = f"in a box of at most {MAX_POINTS} points"
            got = int(np.prod(size))
            raise NetworkError(
                must_be(f"{SUBJECT}.from_points", limit, got, "Move them closer together.")
            )
        grid = np.full(int(np.prod(size)), -1, dtype=np.int32)
        x, y, z = (points - origin).T
        place = (x * size[1] + y) * size[2] + z
        grid[place] = np.arange(points.shape[0], dtype=np.int32)
        if np.unique(place).size < place.size:
            limit = "different points"
            raise NetworkError(
                must_be(f"{SUBJECT}.from_points", limit, "one twice", "Give each neuron its own.")
            )
        return grid, np.concatenate([origin, size])


def _points(name: str, points: Any) -> np.ndarray:
    found = array(f"{SUBJECT}.{name}", points, "i", n_dims=2, low=-MAX_COORDINATE,
                  high=MAX_COORDINATE)  # fmt: skip
    if found.shape[1:] != (3,) or not found.size:
        limit = "of shape (n, 3) with n at least 1"
        remedy = "Give x, y, z of each neuron."
        raise NetworkError(must_be(f"{SUBJECT}.{name}", limit, found, remedy))
    return np.ascontiguousarray(found, dtype=np.int32)
