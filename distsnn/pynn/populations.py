"""Populations, views and assemblies of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import ParameterSpace, simplify

from distsnn.checks import must_be
from distsnn.pynn import simulator
from distsnn.pynn.recording import Recorder
from distsnn.pynn.simulator import ID, state


class Everywhere:
    """What is the same on every rank: cells drawn at random, and mean numbers of spikes."""

    def mean_spike_count(self, gather: bool = True) -> float:
        """Return the mean number of spikes of a cell, on every rank. Collective."""
        counts = self.get_spike_counts().values()  # type: ignore[attr-defined]
        return sum(counts) / len(counts) if counts else 0.0

    def sample(self, n: int, rng: Any = None) -> Any:
        """Return n cells chosen at random."""
        cells: Any = super().sample(n, rng)  # type: ignore[misc]
        # Generators without a seed differ between ranks: rank 0 chooses.
        ids = state.together(np.array(cells.all_cells, dtype=np.int64))
        mine = np.array(self.all_cells, dtype=np.int64)  # type: ignore[attr-defined]
        return self[np.flatnonzero(np.isin(mine, ids))]  # type: ignore[index]


class Assembly(Everywhere, common.Assembly):  # type: ignore[misc]
    """Several populations and views together."""

    _simulator = simulator


class WithParameters:
    """Parameters and initial values of a population or of some of its cells.

    All are kept in the population, in PyNN's units, as an array with a value for each cell.
    """

    def _places(self) -> tuple[Population, Any]:
        """Return the population and where in it the cells are."""
        raise NotImplementedError

    def _get_parameters(self, *names: str) -> ParameterSpace:
        return self._get_native_parameters(*names)

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        population, places = self._places()
        unknown = [name for name in names if name not in population.parameters]
        if unknown:
            raise errors.NonExistentParameterError(
                unknown[0], type(population.celltype).__name__, list(population.parameters)
            )
        values = {name: simplify(population.parameters[name][places]) for name in names}
        n = population.parameters[next(iter(population.parameters))][places].size
        return ParameterSpace(values, shape=(n,))

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        population, places = self._places()
        parameter_space.evaluate(simplify=False)
        # Random and given values alike are those of rank 0.
        given = state.together(parameter_space.as_dict())
        population.celltype.check_parameters(given)
        for name, values in given.items():
            population.parameters[name][places] = values
        population.has_news = True

    def _set_initial_value_array(self, variable: str, values: Any) -> None:
        population, places = self._places()
        population.celltype.check_variable(variable)
        evaluated = state.together(values.evaluate(simplify=False))
        population.set_initial(variable, places, np.asarray(evaluated, dtype=float))


class PopulationView(Everywhere, WithParameters, common.PopulationView):  # type: ignore[misc]
    """Some cells of a population."""

    _assembly_class = Assembly
    _simulator = simulator

    def _places(self) -> tuple[Population, Any]:
        return self.grandparent, self.index_in_grandparent(np.arange(self.size))

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    @property
    def initial_values(self) -> Mapping[str, Any]:
        """Initial values of the cells, by variable."""
        population, places = self._places()
        # A copy: PyNN's code writes into it what the population keeps already.
        return {name: values[places] for name, values in population.initial.items()}


class Population(Everywhere, WithParameters, common.Population):  # type: ignore[misc]
    """A group of cells of one type.

    parameters, initial: by name, a value for each cell. has_news: whether values have been set since
    the network last ran. news: initial values that were set since then, by variable, with the cells.
    """

    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly

    def _create_cells(self) -> None:
        if self.size < 1:
            raise errors.InvalidDimensionsError(
                must_be(f"{self.label}.size", "at least 1", self.size, "Give more.")
            )
        first = state.id_counter
        self.all_cells = np.empty(self.size, dtype=object)
        for k in range(self.size):
            cell = ID(first + k)
            cell.parent = self
            self.all_cells[k] = cell
        state.id_counter += self.size
        # PyNN asks which cells are on this rank: to a script, all are on each.
        self._mask_local = np.ones(self.size, dtype=bool)
        space = self.celltype.native_parameters
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        values = state.together(space.as_dict())
        self.celltype.check_parameters(values)
        self.parameters = {name: _column(column, self.size) for name, column in values.items()}
        self.initial: dict[str, np.ndarray] = {}
        self.news: dict[str, np.ndarray] = {}
        self.has_news = False
        self.index = len(state.populations)
        state.populations.append(self)

    def _places(self) -> tuple[Population, Any]:
        return self, slice(None)

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def set_initial(self, variable: str, places: Any, values: np.ndarray) -> None:
        """Take initial values, which a network that is running has from now on."""
        # NaN marks cells that have none yet, as when a view is initialized first.
        if not np.all(np.isfinite(values)):
            got = float(np.ravel(values)[~np.isfinite(np.ravel(values))][0])
            raise errors.InvalidParameterValueError(
                must_be(f"{self.label}, initial {variable}", "finite numbers", got, "Give others.")
            )
        if variable not in self.initial:
            self.initial[variable] = np.full(self.size, np.nan)
        self.initial[variable][places] = values
        changed = self.news.setdefault(variable, np.zeros(self.size, dtype=bool))
        changed[places] = True

    def _set_cell_initial_value(self, cell: Any, variable: str, value: float) -> None:
        self.set_initial(variable, self.id_to_index(cell), np.asarray(value, float))

    def _get_cell_initial_value(self, cell: Any, variable: str) -> float:
        if variable not in self.initial:
            return 0.0
        return float(self.initial[variable][self.id_to_index(cell)])


def _column(values: Any, size: int) -> np.ndarray:
    """Return a value for each cell; PyNN gives one number for a population of one cell."""
    column = np.empty(size, dtype=np.asarray(values).dtype)
    column[:] = values
    return column
