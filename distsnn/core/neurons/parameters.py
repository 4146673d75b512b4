"""Parameters that differ between the neurons of a rank, and what a step reads of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from distsnn.core.neurons.slices import Slices
from distsnn.kernels.neuron.constants import row_of
from distsnn.network import Network, Population
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.neuron_parameters import (
    drawn_values,
    model_with,
    require_fast,
    require_same_structure,
)
from distsnn.neurons.model import NeuronModel, constants_of


class NeuronParameters:
    """The parameters with a value per neuron on one rank, and the models that result.

    values: by population and parameter, float64 [slots of the rank]; only the slots of the population
    count. typical: by population, the model with the parameters that are the same for all its neurons.
    Models with the same values are made once.
    """

    def __init__(self, network: Network, slices: Slices) -> None:
        self._network, self._slices = network, slices
        self.values: dict[tuple[int, str], np.ndarray] = {}
        self.typical = {p.index: p.model for p in network.populations}
        self._set: dict[tuple[int, str], np.ndarray] = {}  # values of all neurons, on every rank
        self._models: dict[tuple[int, bytes], NeuronModel] = {}
        self._rows: dict[int, np.ndarray] = {}  # constants by the identity of a model
        # Only what varies has an array; populations whose neurons are alike cost nothing.
        for population in network.populations:
            for name in population.parameters:
                self.values[population.index, name] = np.zeros(slices.n_flat)
        for piece, _, start in slices:
            population = network.populations[piece.population]
            for name in population.parameters:
                self.values[population.index, name][start : start + piece.size] = drawn_values(
                    population, name, piece.start, piece.stop, network.seed, network.dt_ms
                )

    def names(self, population: Population) -> list[str]:
        """Return the parameters of a population that have a value per neuron, sorted."""
        return sorted(name for index, name in self.values if index == population.index)

    def described(self, population: Population) -> dict[str, Distribution | Listed]:
        """Return the values of the parameters that differ between neurons, over all ranks."""
        return {
            name: Listed(self._set[population.index, name])
            if (population.index, name) in self._set
            else population.parameters[name]
            for name in self.names(population)
        }

    def set(
        self, population: Population, index: np.ndarray, values: Mapping[str, np.ndarray]
    ) -> Callable[[], None]:
        """Set parameters of the neurons ``index`` of a population; return what takes it back.

        Raises NetworkError, and changes nothing, if the first neuron's model cannot have its values.
        """
        typical = dict(self.typical)
        kept = {table: dict(table_of) for table, table_of in self._tables().items()}

        def undo() -> None:
            self.typical = typical
            for table, table_of in self._tables().items():
                table_of.clear()
                table_of.update(kept[table])
            self._forget()

        # One number for all neurons leaves the slow form: it is read once per slice again.
        is_all = index.size == population.size
        # The typical model follows the first neuron: a combination of values that exists.
        if is_all:
            first = {name: self._first_value(population, name) for name in self.names(population)}
            first |= {name: float(of_neurons[0]) for name, of_neurons in values.items()}
            changed = model_with(self.typical[population.index], first)
            require_same_structure(f"population {population.name}", changed, population.model)
            self.typical[population.index] = changed
            self._forget()
        for name, of_neurons in values.items():
            key = population.index, name
            if is_all and (of_neurons == of_neurons[0]).all():
                self.values.pop(key, None)
                self._set.pop(key, None)
            else:
                self._set_each(population, name, index, of_neurons)
        return undo

    def _set_each(
        self, population: Population, name: str, index: np.ndarray, values: np.ndarray
    ) -> None:
        """Give neurons values of their own of one parameter."""
        key = population.index, name
        self._set[key] = self._all_values(population, name)
        self._set[key][index] = values
        own = self.values[key] = np.zeros(self._slices.n_flat)
        for piece, _, start in self._slices:
            if piece.population == population.index:
                own[start : start + piece.size] = self._set[key][piece.start : piece.stop]

    def _tables(self) -> dict[str, dict[tuple[int, str], np.ndarray]]:
        return {"values": self.values, "set": self._set}

    def _all_values(self, population: Population, name: str) -> np.ndarray:
        """Return a copy of a parameter's values of all neurons, on every rank."""
        key = population.index, name
        if key in self._set:
            return self._set[key].copy()
        if key in self.values:
            network = self._network
            return drawn_values(
                population, name, 0, population.size, network.seed, network.dt_ms
            ).copy()
        return np.full(population.size, float(vars(self.typical[population.index])[name]))

    def _first_value(self, population: Population, name: str) -> float:
        """Return the value of the first neuron of a population of a parameter that varies."""
        key = population.index, name
        if key in self._set:
            return float(self._set[key][0])
        network = self._network
        return float(drawn_values(population, name, 0, 1, network.seed, network.dt_ms)[0])

    def _forget(self) -> None:
        """Forget the models that were made from other parameters."""
        self._models.clear()
        self._rows.clear()

    def models(
        self, population: Population, start: int, n: int
    ) -> tuple[list[NeuronModel], np.ndarray]:
        """Return the different models of n neurons from slot ``start`` on, and which each has.

        Raises NetworkError for a combination of values that the model cannot have.
        """
        # One model for each combination of values that occurs, not for each neuron.
        names = self.names(population)
        if not names:
            return [self.typical[population.index]], np.zeros(n, dtype=np.int64)
        columns = [self.values[population.index, name][start : start + n] for name in names]
        rows, which = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        return [self._model(population, names, row) for row in rows], which.reshape(-1)

    def _model(self, population: Population, names: Sequence[str], row: np.ndarray) -> NeuronModel:
        key = population.index, repr(names).encode() + row.tobytes()
        if key not in self._models:
            values = dict(zip(names, row.tolist(), strict=True))
            model = model_with(self.typical[population.index], values)
            # What was set since the network was described must fit as what was described.
            subject = f"population {population.name}"
            require_same_structure(subject, model, population.model)
            require_fast(subject, model, self._network.dt_ms)
            self._models[key] = model
        return self._models[key]

    def offsets(self, population: Population, name: str, start: int, n: int) -> np.ndarray:
        """Return what a state variable of n neurons is kept relative to, float64 [n]."""
        models, which = self.models(population, start, n)
        values = np.array([model.offsets.get(name, 0.0) for model in models], dtype=np.float64)
        return np.asarray(values[which])

    def initial(self, population: Population, name: str, start: int, n: int) -> np.ndarray:
        """Return the state of n neurons that their models begin with, absolute, float64 [n]."""
        models, which = self.models(population, start, n)
        values = np.array([model.initial().get(name, 0.0) for model in models], dtype=np.float64)
        return np.asarray(values[which])

    def constants(self, population: Population, start: int, n: int) -> np.ndarray:
        """Return the constants of a step of n neurons, float64 [constants, n]."""
        models, which = self.models(population, start, n)
        dt_ms = self._network.dt_ms
        for model in models:
            if id(model) not in self._rows:
                self._rows[id(model)] = row_of(constants_of(model, dt_ms))
        rows = np.stack([self._rows[id(model)] for model in models])
        return np.ascontiguousarray(rows[which].T)
