"""Handing over all synapses of a connector together, with their parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from pyNN import connectors
from pyNN.random import NumpyRNG, RandomDistribution

from distsnn.pynn.projections import Projection

# Distributions of which n numbers are those that n calls for one give: none draws again.
SEQUENTIAL = frozenset({"uniform", "normal", "exponential", "lognormal", "gamma"})


class SynapseValues:
    """Parameters of synapses that can be made for all at once: shared or random numbers.

    Raises PyNN's ConnectionError for shared weights that the receptor cannot have.
    """

    def __init__(self, connector: Any, projection: Projection, given: dict[str, Any]) -> None:
        """given: by name, a number or a RandomDistribution."""
        self.projection, self.given = projection, given
        self.checks = projection.synapse_type.parameter_checks if connector.safe else {}
        self._check({name: value for name, value in given.items() if isinstance(value, float)})

    def _check(self, values: dict[str, Any]) -> None:
        for name, check in self.checks.items():
            if name in values:
                check(values[name], self.projection)

    def hand_over(self, pre: np.ndarray, post: np.ndarray) -> None:
        """Give synapses to the projection; pre, post: indices, target by target."""
        drawn = {
            name: value.next(pre.size) if pre.size else np.empty(0)
            for name, value in self.given.items()
            if isinstance(value, RandomDistribution)
        }
        if pre.size:
            self._check(drawn)
        self.projection.take(pre, post, {**self.given, **drawn})


def values_at_once(
    connector: Any, projection: Projection, other_rngs: list[Any]
) -> SynapseValues | None:
    """Return the parameters of the synapses, or None where PyNN has to make them target by target.

    other_rngs: generators whose numbers come in between, so that the order of draws would be another.
    """
    given: dict[str, Any] = {}
    rngs = list(other_rngs)
    for name, lazy in projection.synapse_type.native_parameters.items():
        value = lazy.base_value
        if lazy.operations:
            return None
        if isinstance(value, int | float):
            given[name] = float(value)
        elif isinstance(value, RandomDistribution) and value.name in SEQUENTIAL:
            # Two parameters of one generator are drawn in turns, target by target.
            if not isinstance(value.rng, NumpyRNG) or any(value.rng is rng for rng in rngs):
                return None
            rngs.append(value.rng)
            given[name] = value
        else:
            return None
    return SynapseValues(connector, projection, given)


class AtOnce(connectors.MapConnector):  # type: ignore[misc]
    """A connector that hands over all synapses together where their parameters permit."""

    def rngs(self) -> list[Any]:
        """Return the generators that choose the pairs."""
        # The number of synapses of a cell may be random too.
        number = vars(self).get("n")
        own = [number.rng] if isinstance(number, RandomDistribution) else []
        return [*own, vars(self)["rng"]] if "rng" in vars(self) else own

    def values(self, projection: Projection) -> SynapseValues | None:
        """Return the parameters, or None where PyNN has to make them target by target."""
        # A callback is told of the progress.
        if self.callback is not None:
            return None
        return values_at_once(self, projection, self.rngs())

    def _standard_connect(
        self, projection: Projection, connection_map_generator: Callable[[], Iterable[Any]],
        distance_map: Any = None,
    ) -> None:  # fmt: skip
        values = self.values(projection)
        if values is None:
            super()._standard_connect(projection, connection_map_generator, distance_map)
            return
        everyone = np.arange(projection.shape[0])
        columns = [chosen(column, everyone) for column in connection_map_generator()]
        pre = np.concatenate([np.empty(0, np.int64), *columns])
        values.hand_over(pre, np.repeat(np.arange(len(columns)), [c.size for c in columns]))


def chosen(column: Any, everyone: np.ndarray) -> np.ndarray:
    """Return the sources of a target, int64; column: one flag, flags of all cells, or indices."""
    column = np.asarray(column)
    if column.ndim == 0:
        return everyone if column else everyone[:0]
    return np.flatnonzero(column) if column.dtype == bool else column.astype(np.int64)


def are_different(projection: Projection) -> np.ndarray:
    """Return whether source and target are different cells, bool [targets, sources]."""
    pre, post = (np.array(cells.all_cells, np.int64) for cells in (projection.pre, projection.post))
    return np.asarray(post[:, np.newaxis] != pre)
