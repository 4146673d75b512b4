"""Projections: the synapses between cells, as columns with a number for each synapse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import ParameterSpace

from distsnn.pynn import simulator
from distsnn.pynn.limits import require_columns, require_ends, require_learnable
from distsnn.pynn.simulator import state
from distsnn.pynn.synapses import StaticSynapse

ADDRESSES = ("presynaptic_index", "postsynaptic_index")


class Connection(common.Connection):  # type: ignore[misc]
    """A synapse, whose weight, delay and other parameters can be read and set."""

    def __init__(self, projection: Projection, number: int) -> None:
        object.__setattr__(self, "_at", (projection, number))

    _at: tuple[Projection, int]

    def __getattr__(self, name: str) -> float:
        projection, number = object.__getattribute__(self, "_at")
        if name not in (*ADDRESSES, *projection.columns):
            raise AttributeError(name)
        return float(projection.column(name)[number])

    def __setattr__(self, name: str, value: float) -> None:
        projection, number = self._at
        if name not in projection.columns:
            raise AttributeError(f"synapses have no parameter {name!r}")
        projection.change(name, number, value)

    def as_tuple(self, *names: str) -> tuple[float, ...]:
        """Return parameters by name."""
        return tuple(getattr(self, name) for name in names)

    @property
    def source(self) -> Any:
        """The cell before the synapse."""
        projection, number = self._at
        return projection.pre[int(projection.pre_index[number])]

    @property
    def target(self) -> Any:
        """The cell behind the synapse."""
        projection, number = self._at
        return projection.post[int(projection.post_index[number])]


class Projection(common.Projection):  # type: ignore[misc]
    """Synapses between cells of two populations, views or assemblies.

    pre_index, post_index: int64 [synapses], in ``pre`` and ``post``. columns: by parameter, in PyNN's
    units, float64 [synapses]. changed: names of the columns that were set since the network last ran.
    """

    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(self, *given: Any, **named: Any) -> None:
        """given, named: what PyNN's own takes."""
        ends = dict(zip(("presynaptic_neurons", "postsynaptic_neurons"), given, strict=False))
        both = [{**named, **ends}.get(f"{side}synaptic_neurons") for side in ("pre", "post")]
        # What is no population is refused by PyNN itself.
        if all(isinstance(cells, common.BasePopulation | common.Assembly) for cells in both):
            require_ends(state, *both)
        super().__init__(*given, **named)
        # What the connector calls back with: indices and parameters, column by column.
        self._parts: list[tuple[np.ndarray, np.ndarray, dict[str, Any]]] = []
        self._connector.connect(self)
        self._finish()
        self.changed: set[str] = set()
        self.index = len(state.projections)
        state.projections.append(self)

    def _convergent_connect(
        self, presynaptic_indices: Any, postsynaptic_index: Any, location_selector: Any = None,
        **connection_parameters: Any,
    ) -> None:  # fmt: skip
        """Take the synapses onto one cell from a connector."""
        self._take(presynaptic_indices, postsynaptic_index, connection_parameters)

    def _divergent_connect(
        self, presynaptic_index: Any, postsynaptic_indices: Any, **connection_parameters: Any
    ) -> None:
        """Take the synapses from one cell from a connector."""
        self._take(presynaptic_index, postsynaptic_indices, connection_parameters)

    def _take(self, pre: Any, post: Any, parameters: Mapping[str, Any]) -> None:
        self.take(self._numbers(self.pre, pre), self._numbers(self.post, post), parameters)

    def take(self, pre: np.ndarray, post: np.ndarray, parameters: Mapping[str, Any]) -> None:
        """Take synapses; pre, post: indices, parameters: by name, a number or one per synapse."""
        size = max(pre.size, post.size)
        self._parts.append(
            (np.broadcast_to(pre, size), np.broadcast_to(post, size), dict(parameters))
        )

    @staticmethod
    def _numbers(cells: Any, given: Any) -> np.ndarray:
        """Return indices of cells, which some connectors give as cells."""
        first = np.ravel(given)[:1]
        if first.size and isinstance(first[0], simulator.ID):
            return np.asarray(cells.id_to_index(given), np.int64)
        return np.asarray(given, np.int64)

    def _finish(self) -> None:
        """Put the parts together: columns with what rank 0 has."""
        names = list(self.synapse_type.native_parameters.keys())
        pre = np.concatenate([np.empty(0, np.int64), *(part[0] for part in self._parts)])
        post = np.concatenate([np.empty(0, np.int64), *(part[1] for part in self._parts)])
        # Connectors may leave out parameters that all synapses share.
        defaults = {name: self._default(name) for name in names}
        columns = {
            name: np.concatenate(
                [
                    np.empty(0),
                    *(
                        np.broadcast_to(np.asarray(given.get(name, defaults[name]), float), a.shape)
                        for a, _, given in self._parts
                    ),
                ]
            )
            for name in names
        }
        # Generators without a seed differ between ranks: all have the synapses of rank 0.
        self._parts = []
        self.pre_index, self.post_index, self.columns = state.together((pre, post, columns))
        require_columns(self.label, self.columns)
        if not self.synapse_type.is_static and len(self):
            require_learnable(self.label, self.columns)
        self.delay_range = self._delay_range()

    def _default(self, name: str) -> float:
        value: Any = self.synapse_type.parameter_space[name].base_value
        return float(value) if isinstance(value, int | float) else np.nan

    def _delay_range(self) -> tuple[float, float]:
        delays = self.columns["delay"]
        return (float(delays.min()), float(delays.max())) if delays.size else (state.dt, state.dt)

    def __len__(self) -> int:
        return int(self.pre_index.size)

    def __getitem__(self, i: int | slice) -> Any:
        if isinstance(i, slice):
            return [Connection(self, k) for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"{i} > {len(self) - 1}")
        return Connection(self, i % len(self))

    @property
    def connections(self) -> Iterator[Connection]:
        """The synapses."""
        return (Connection(self, k) for k in range(len(self)))

    def column(self, name: str) -> np.ndarray:
        """Return a parameter of all synapses, weights as they are now. Collective where they change."""
        if name == ADDRESSES[0]:
            return self.pre_index
        if name == ADDRESSES[1]:
            return self.post_index
        # Weights that learn are known to the running network alone.
        is_learned = name == "weight" and self.synapse_type.changes_weights
        if is_learned and state.engine is not None and state.n_steps and name not in self.changed:
            return state.engine.weights(self)
        return np.asarray(self.columns[name])

    def change(self, name: str, places: Any, values: Any) -> None:
        """Set a parameter of some synapses from the next step on."""
        # Learned weights are read before some of them are set.
        column = self.column(name).copy()
        column[places] = values
        column = state.together(column)
        require_columns(self.label, {name: column})
        self.columns[name] = column
        self.changed.add(name)
        if name == "delay":
            self.delay_range = self._delay_range()

    def get(self, attribute_names: Any, *args: Any, **named: Any) -> Any:
        """Return parameters of the synapses as PyNN does. Collective where weights change."""
        names = [attribute_names] if isinstance(attribute_names, str) else attribute_names
        for name in names:
            if _singular(name) not in (*ADDRESSES, *self.columns):
                raise errors.NonExistentParameterError(
                    name, type(self.synapse_type).__name__, list(self.columns)
                )
        return super().get(attribute_names, *args, **named)

    def _set_attributes(self, parameter_space: ParameterSpace) -> None:
        parameter_space.evaluate(simplify=True)
        for name, value in parameter_space.as_dict().items():
            if name not in self.columns:
                raise errors.NonExistentParameterError(
                    name, type(self.synapse_type).__name__, list(self.columns)
                )
            if isinstance(value, np.ndarray) and value.ndim == 2:
                # a matrix by source and target
                value = value[self.pre_index, self.post_index]
            self.change(name, slice(None), value)

    def _set_initial_value_array(self, variable: str, initial_value: Any) -> None:
        raise NotImplementedError(
            f"Initial value of {variable}: synapses of distsnn begin at rest, which cannot be set."
        )

    def _get_attributes_as_list(self, names: Sequence[str]) -> list[tuple[float, ...]]:
        columns = [self.column(_singular(name)).tolist() for name in names]
        return list(zip(*columns, strict=True))

    def _get_attributes_as_arrays(
        self, names: Sequence[str], multiple_synapses: str = "sum"
    ) -> list[np.ndarray]:
        return [self._matrix(self.column(_singular(name)), multiple_synapses) for name in names]

    def _matrix(self, values: np.ndarray, how: str) -> np.ndarray:
        """Return values by source and target, NaN without synapse; how: several become one."""
        table = np.full(self.shape, np.nan)
        at = (self.pre_index, self.post_index)
        if how == "last":
            table[at] = values
            return table
        if how == "first":
            table[at[0][::-1], at[1][::-1]] = values[::-1]
            return table
        # Several synapses between two cells become one number.
        start = {"sum": 0.0, "min": np.inf, "max": -np.inf}[how]
        table[at] = start
        {"sum": np.add, "min": np.minimum, "max": np.maximum}[how].at(table, at, values)
        return table

    def save(self, *args: Any, **named: Any) -> None:
        """Write parameters of synapses to a file: rank 0 does, which has them all."""
        if self.synapse_type.changes_weights:
            self.column("weight")  # all ranks fetch it, after which rank 0 has it
        if state.mpi_rank == 0:
            super().save(*args, **named)


def _singular(name: str) -> str:
    return {"weights": "weight", "delays": "delay"}.get(name, name)
