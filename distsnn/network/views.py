"""Parts of populations, and several together: what a user may name wherever a population is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.checks import array, must_be
from distsnn.errors import NetworkError

if TYPE_CHECKING:
    from distsnn.network.description import Population
    from distsnn.network.space.placed import Placed


@dataclass(frozen=True, eq=False)
class PopulationView:
    """Some neurons of a population, made by indexing it: ``e[:100]``, ``e[[3, 5, 8]]``, ``e[mask]``.

    index: int64 [n], the neurons in the population, strictly ascending. A view is indexed like a
    population, and iterating over it gives a view of each neuron.
    """

    population: Population
    index: np.ndarray

    @property
    def name(self) -> str:
        """Name for messages: the population's, with the neurons."""
        # A run without gaps is named by its ends, others by their number.
        first, last = int(self.index[0]), int(self.index[-1])
        if self.index.size == 1:
            return f"{self.population.name}[{first}]"
        if last - first + 1 == self.index.size:
            return f"{self.population.name}[{first}:{last + 1}]"
        return f"{self.population.name}[{self.index.size} neurons]"

    @property
    def label(self) -> str:
        """Name for messages: the population's alone if the view holds all of it."""
        return self.population.name if self.is_all else self.name

    @property
    def is_all(self) -> bool:
        """Whether the view holds every neuron of its population."""
        return self.index.size == self.population.size

    @property
    def space(self) -> Placed | None:
        """Where the neurons of the view are, None where the population has no positions."""
        space = self.population.space
        return None if space is None else space.chosen(self.index)

    @property
    def positions(self) -> np.ndarray | None:
        """Coordinates of the neurons of the view, float64 [n, 1 to 3]; None without positions."""
        return None if self.space is None else self.space.coordinates

    def __len__(self) -> int:
        return int(self.index.size)

    def __iter__(self) -> Iterator[PopulationView]:
        return (PopulationView(self.population, self.index[k : k + 1]) for k in range(len(self)))

    def __getitem__(self, key: Any) -> PopulationView:
        return PopulationView(self.population, self.index[chosen(self.name, len(self), key)])

    def __add__(self, other: Any) -> Assembly:
        return Assembly.of(self, other)

    def __repr__(self) -> str:
        return f"PopulationView({self.name}, {len(self)} neurons)"


@dataclass(frozen=True, eq=False)
class Assembly:
    """Several populations or views together, made with ``+``; none of their neurons twice."""

    parts: tuple[PopulationView, ...]

    def __post_init__(self) -> None:
        # Parts of one population, together: an index that occurs twice is in two parts.
        counts: dict[int, list[np.ndarray]] = {}
        for part in self.parts:
            counts.setdefault(id(part.population), []).append(part.index)
        for part in self.parts:
            together = np.concatenate(counts[id(part.population)])
            if np.unique(together).size < together.size:
                limit = "parts that have no neuron in common"
                subject = f"assembly {self.name}"
                raise NetworkError(must_be(subject, limit, part.name, "Name each neuron once."))

    @classmethod
    def of(cls, *members: Any) -> Assembly:
        """Return the assembly of populations, views and assemblies, in their order."""
        return cls(tuple(part for member in members for part in views_of("assembly", member)))

    @property
    def name(self) -> str:
        """Name for messages: those of the parts."""
        return " + ".join(part.label for part in self.parts)

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def __iter__(self) -> Iterator[PopulationView]:
        return (neuron for part in self.parts for neuron in part)

    def __add__(self, other: Any) -> Assembly:
        return Assembly.of(self, other)

    def __repr__(self) -> str:
        return f"Assembly({self.name}, {len(self)} neurons)"


class Indexable:
    """What lets a population be indexed and joined like its views."""

    name: str
    size: int

    def view(self) -> PopulationView:
        """Return the view of all neurons."""
        population: Any = self
        return PopulationView(population, np.arange(self.size, dtype=np.int64))

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[PopulationView]:
        return iter(self.view())

    def __getitem__(self, key: Any) -> PopulationView:
        population: Any = self
        return PopulationView(population, chosen(f"population {self.name}", self.size, key))

    def __add__(self, other: Any) -> Assembly:
        return Assembly.of(self, other)


def views_of(subject: str, member: Any) -> tuple[PopulationView, ...]:
    """Return the views that a population, a view or an assembly consists of."""
    if isinstance(member, Indexable):
        # A population is the view of all its neurons.
        return (member.view(),)
    if isinstance(member, PopulationView):
        return (member,)
    if isinstance(member, Assembly):
        return member.parts
    limit = "a population, some of its neurons or an assembly"
    raise NetworkError(must_be(subject, limit, member, "Give e, e[:100] or e + i."))


def chosen(subject: str, size: int, key: Any) -> np.ndarray:
    """Return the indices that a key chooses among ``size`` neurons, int64, strictly ascending.

    key: an index, a slice, a list of indices or a mask of booleans [size]. Raises NetworkError.
    """
    # As numpy indexes, but without repetition and in ascending order: a neuron has one place.
    remedy = f"Choose among 0 to {size - 1}."
    if isinstance(key, slice):
        index = np.arange(size, dtype=np.int64)[key]
    elif isinstance(key, (int, np.integer)) and not isinstance(key, bool):
        if not -size <= key < size:
            raise NetworkError(must_be(f"{subject}: index", f"below {size}", key, remedy))
        index = np.array([int(key) % size], dtype=np.int64)
    elif _is_mask(key):
        if np.size(key) != size:
            limit = f"a mask of {size} booleans"
            raise NetworkError(must_be(f"{subject}: index", limit, np.size(key), remedy))
        index = np.flatnonzero(key)
    else:
        index = array(f"{subject}: index", key, "i", low=0, high=size - 1).astype(np.int64)
    if index.size == 0:
        raise NetworkError(must_be(f"{subject}: index", "at least one neuron", "none", remedy))
    if np.any(np.diff(index) <= 0):
        limit = "neurons in ascending order, none twice"
        raise NetworkError(must_be(f"{subject}: index", limit, key, "Sort them."))
    return index


def _is_mask(key: Any) -> bool:
    try:
        values = np.asarray(key) if isinstance(key, (list, tuple, np.ndarray)) else np.empty(0)
    except ValueError:  # a ragged list
        return False
    return values.dtype == bool and values.size > 0
