"""Connectors of given pairs: lists, files, matrices, and the pairs of another projection."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import connectors, errors
from pyNN.standardmodels import check_weights

from distsnn.pynn.projections import Projection
from distsnn.pynn.simulator import state
from distsnn.pynn.wiring.at_once import AtOnce, values_at_once


class ArrayConnector(AtOnce, connectors.ArrayConnector):  # type: ignore[misc]
    __doc__ = connectors.ArrayConnector.__doc__


class CloneConnector(AtOnce, connectors.CloneConnector):  # type: ignore[misc]
    __doc__ = connectors.CloneConnector.__doc__


class FromListConnector(connectors.FromListConnector):  # type: ignore[misc]
    __doc__ = connectors.FromListConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Connect all pairs of the list at once, target by target."""
        connect_list(self, projection)


class FromFileConnector(connectors.FromFileConnector):  # type: ignore[misc]
    __doc__ = connectors.FromFileConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Connect all pairs of the file, or of the files of all ranks."""
        files = [self.file]
        if self.distributed:
            # Every rank describes all synapses, so each reads the part of every rank.
            names = [f"{self.file.name}.{rank}" for rank in range(state.n_ranks)]
            files = [type(self.file)(name, self.file.mode) for name in names]
        names = files[0].get_metadata().get("columns", ("weight", "delay"))
        self.column_names = [name for name in names if name not in ("i", "j")]
        self.conn_list = np.concatenate([np.atleast_2d(file.read()) for file in files])
        connect_list(self, projection)


def connect_list(connector: Any, projection: Projection) -> None:
    """Connect the pairs of a connector's list, with the columns that it has for them."""
    rows, names = connector.conn_list, connector.column_names
    known = projection.synapse_type.get_parameter_names()
    for name in names:
        if name not in known:
            synapse = type(projection.synapse_type).__name__
            raise errors.NonExistentParameterError(name, synapse, known)
    if not rows.size:
        return
    for side, column, size in zip(("source", "target"), (0, 1), projection.shape, strict=True):
        wrong = (rows[:, column] < 0) | (rows[:, column] >= size) | (rows[:, column] % 1 != 0)
        if wrong.any():
            raise errors.ConnectionError(
                f"{type(connector).__name__}: {side} index must be a whole number from 0 to "
                f"{size - 1}, got {rows[wrong][0, column]:g}. Check the list."
            )
    shared = values_at_once(connector, projection, [])
    if shared is None or any(
        not isinstance(shared.given[n], float) for n in set(known) - set(names)
    ):
        # Parameters that are in no column, and differ: PyNN makes them target by target.
        connectors.FromListConnector.connect(connector, projection)
        return
    # as PyNN orders the pairs
    rows = rows[np.argsort(rows[:, 1])]
    columns = {name: rows[:, 2 + k].astype(float) for k, name in enumerate(names)}
    pre, post = rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64)
    if connector.safe and "weight" in columns and projection.post.conductance_based:
        # PyNN checks no weights of lists, of which only conductances need a sign.
        check_weights(columns["weight"], projection)
    projection.take(pre, post, {**shared.given, **columns})
