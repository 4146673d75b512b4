"""What a user may say about where the neurons of a population are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from distsnn.checks import array, is_number, is_whole, must_be, number, whole
from distsnn.errors import NetworkError
from distsnn.kernels.draw.sources import fill_doubles
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network.space.placed import MAX_LENGTH, MIN_LENGTH, Placed

MAX_DIMS = 3
MAX_POINTS = 2**31 - 1
MAX_STRETCH = 2.0  # of the spacing of a grid along one side relative to another


@dataclass(frozen=True)
class Site:
    """The population that is placed. subject: what messages call it."""

    subject: str
    size: int
    seed: int
    population: int


class Positions(Protocol):
    """Places the neurons of a population; the same on every rank."""

    def place(self, site: Site) -> Placed:
        """Return the positions; NetworkError where such a population cannot have them."""


@dataclass(frozen=True)
class Grid:
    """Neurons in the middle of the cells of a grid that fills a line, rectangle or box from 0 on.

    extent: length of the sides, one number if all are equal. shape: number of neurons along each side;
    None for the one whose spacing is most equal, of which no side may be wider than twice another.
    The last coordinate changes fastest from neuron to neuron.
    """

    extent: Any = 1.0
    shape: Any = None

    n_dims: ClassVar[int] = 2

    def __post_init__(self) -> None:
        name = type(self).__name__
        object.__setattr__(self, "extent", sides(f"{name}.extent", self.extent, self.n_dims))
        if self.shape is not None:
            given = [self.shape] if self.n_dims == 1 and is_whole(self.shape) else self.shape
            shape = array(f"{name}.shape", given, "i", low=1, high=MAX_POINTS)
            if shape.size != self.n_dims:
                limit = f"{self.n_dims} whole numbers"
                remedy = "Give the number of neurons along each side."
                raise NetworkError(must_be(f"{name}.shape", limit, self.shape, remedy))
            object.__setattr__(self, "shape", tuple(int(n) for n in shape))

    def place(self, site: Site) -> Placed:
        """Return the positions of the neurons of a population that fills the grid."""
        shape = self.shape or self._even_shape(site)
        if math.prod(shape) != site.size:
            limit = f"{math.prod(shape)} for a grid of {' x '.join(map(str, shape))} neurons"
            raise NetworkError(must_be(f"{site.subject}: size", limit, site.size, "Change one."))
        # x = (i + 1/2) extent / n along each side: half a spacing to the edge, a whole one around it.
        cells = np.stack(np.unravel_index(np.arange(site.size), shape), axis=1)
        coordinates = (cells + 0.5) * (np.array(self.extent) / np.array(shape))
        return Placed(coordinates, self.extent)

    def _even_shape(self, site: Site) -> tuple[int, ...]:
        """Return the shape of this size whose spacing is most equal."""
        # The factorisation of the size whose spacings are most alike.
        shapes = _shapes(site.size, self.n_dims)
        best = min(shapes, key=self._stretch)
        if self._stretch(best) > MAX_STRETCH:
            limit = f"one that fills a {type(self).__name__} evenly"
            grid = " x ".join(map(str, best))
            remedy = f"{grid} is the most even: choose another size, or give shape."
            raise NetworkError(must_be(f"{site.subject}: size", limit, site.size, remedy))
        return best

    def _stretch(self, shape: tuple[int, ...]) -> float:
        spacing = [side / n for side, n in zip(self.extent, shape, strict=True)]
        # 1 if the spacing is the same along all sides
        return max(spacing) / min(spacing)


class Grid1D(Grid):
    """Neurons on a line, evenly spaced; see ``Grid`` for extent and shape."""

    n_dims: ClassVar[int] = 1


class Grid2D(Grid):
    """Neurons on a sheet; see ``Grid`` for extent and shape."""

    n_dims: ClassVar[int] = 2


class Grid3D(Grid):
    """Neurons in a box; see ``Grid`` for extent and shape."""

    n_dims: ClassVar[int] = 3


@dataclass(frozen=True)
class RandomPositions:
    """Neurons anywhere in a line, rectangle or box from 0 on, each place equally likely.

    extent: length of the sides, one number if all are equal. n_dims: 1 to 3; None for that of extent,
    2 if it is one number. Drawn from the seed of the network, another sample for each population.
    """

    extent: Any = 1.0
    n_dims: int | None = None

    def __post_init__(self) -> None:
        n_dims = self.n_dims
        if n_dims is None:
            n_dims = min(max(_length(self.extent, 2), 1), MAX_DIMS)
        remedy = "Give 1, 2 or 3 sides."
        whole("RandomPositions.n_dims", n_dims, 1, MAX_DIMS, remedy=remedy)
        extent = sides("RandomPositions.extent", self.extent, n_dims)
        object.__setattr__(self, "extent", extent)
        object.__setattr__(self, "n_dims", int(n_dims))

    def place(self, site: Site) -> Placed:
        """Return positions that depend on the seed, the population, the axis and the neuron alone."""
        # x = side u, u of the population, the axis and the neuron alone
        coordinates = np.empty((site.size, len(self.extent)))
        uniform = np.empty(site.size)
        for axis, side in enumerate(self.extent):
            key = stream_key(site.seed, "positions", site.population, axis)
            fill_doubles(key & 0xFFFFFFFF, key >> 32, 0, uniform)
            coordinates[:, axis] = side * uniform
        return Placed(coordinates, self.extent)


@dataclass(frozen=True, eq=False)
class GivenPositions:
    """Neurons at given points: float64 [neurons, 1 to 3], or [neurons] on a line.

    extent: sides of the box from 0 on that holds them, one number if all are equal; None where nothing
    is to wrap.
    """

    points: Any
    extent: Any = None

    def __post_init__(self) -> None:
        points = given_points("GivenPositions.points", self.points)
        object.__setattr__(self, "points", points)
        if self.extent is not None:
            object.__setattr__(self, "extent", self._extent_around(points))

    def _extent_around(self, points: np.ndarray) -> tuple[float, ...]:
        extent = sides("GivenPositions.extent", self.extent, points.shape[1])
        # 0 <= x <= extent along each side
        outside = (points < 0.0) | (points > extent)
        if outside.any():
            limit = f"within {extent}, from 0 on, along every side"
            raise NetworkError(
                must_be(
                    "GivenPositions.points",
                    limit,
                    points[outside][0],
                    "Move it, or leave extent out.",
                )
            )
        return extent

    def place(self, site: Site) -> Placed:
        """Return the points, one for each neuron."""
        if self.points.shape[0] != site.size:
            limit = f"of {site.size} points, the population's size"
            got, remedy = self.points.shape[0], "Give one for each neuron."
            raise NetworkError(must_be(f"{site.subject}: positions", limit, got, remedy))
        return Placed(self.points.copy(), self.extent)


def placed(site: Site, positions: Any) -> Placed | None:
    """Return the positions that a user gives for a population: None, a layout or an array."""
    if positions is None:
        return None
    if isinstance(positions, Placed):
        positions = GivenPositions(positions.coordinates, positions.extent)
    if isinstance(positions, Grid | RandomPositions | GivenPositions):
        return positions.place(site)
    if isinstance(positions, np.ndarray | list | tuple):
        points = given_points(f"{site.subject}: positions", positions)
        return GivenPositions(points).place(site)
    limit = "a layout such as Grid2D(1.0), or an array [neurons, 1 to 3]"
    raise NetworkError(must_be(f"{site.subject}: positions", limit, positions, "Give one."))


def sides(subject: str, extent: Any, n_dims: int) -> tuple[float, ...]:
    """Return the sides of a box from one number or one for each dimension."""
    remedy = "Give the length of each side."
    if not isinstance(extent, list | tuple | np.ndarray):
        return (number(subject, extent, MIN_LENGTH, MAX_LENGTH, remedy=remedy),) * n_dims
    lengths = array(subject, extent, "f", low=MIN_LENGTH, high=MAX_LENGTH, remedy=remedy)
    if lengths.size != n_dims:
        raise NetworkError(must_be(subject, f"one number or {n_dims}", extent, remedy))
    return tuple(float(length) for length in lengths)


def _length(value: Any, of_others: int = 0) -> int:
    """Return the number of entries of a list, a tuple or an array."""
    is_array = isinstance(value, np.ndarray) and value.ndim > 0
    return len(value) if is_array or isinstance(value, list | tuple) else of_others


def given_points(subject: str, given: Any) -> np.ndarray:
    """Return points as float64 [neurons, 1 to 3]; a list of numbers is on a line."""
    remedy = "Give an array with x, y, z of each neuron in a row."
    n_dims = 1 if _length(given) and is_number(given[0]) else 2
    points = array(
        subject, given, "f", n_dims=n_dims, low=-MAX_LENGTH, high=MAX_LENGTH, remedy=remedy
    )
    points = points.reshape(-1, 1) if n_dims == 1 else points
    if not points.size or points.shape[1] > MAX_DIMS:
        raise NetworkError(must_be(subject, "of shape (neurons, 1 to 3)", given, remedy))
    return points


def _shapes(size: int, n_dims: int) -> list[tuple[int, ...]]:
    """Return every way to write a size as a product of so many factors."""
    if n_dims == 1:
        return [(size,)]
    small = [n for n in range(1, math.isqrt(size) + 1) if size % n == 0]
    divisors = sorted({*small, *(size // n for n in small)})
    return [(n, *rest) for n in divisors for rest in _shapes(size // n, n_dims - 1)]
