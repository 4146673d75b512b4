"""Synapses from a file: a CSV or Parquet table of edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import file_path, flag, number, text
from distsnn.input_files.edge_tables import read_edges
from distsnn.network.rules.explicit import ExplicitList

MAX_SCALE = 1e30


class EdgeList(ExplicitList):
    """One synapse for each row of a table, a CSV or Parquet file with column names.

    Columns are found by the usual names (source or pre, target or post, weight, delay or delay_ms), or
    named by source, target, weight, delay. Weights are multiplied by ``scale``; delays are in ms. Both
    columns may be missing: then ``connect`` says them. named: neurons have names, texts or numbers of
    any size; ``names`` has them in ascending order, and neuron k of the population is ``names[k]``.
    Otherwise the columns hold numbers of neurons from 0. The order of rows does not matter. Needs
    pyarrow (``pip install distsnn[tables]``). Raises InputFileError for a file that is no such table.
    """

    path: Path
    n_neurons: int
    names: np.ndarray | None

    def __init__(
        self,
        path: str | Path,
        *,
        source: str | None = None,
        target: str | None = None,
        weight: str | None = None,
        delay: str | None = None,
        named: bool = False,
        scale: float = 1.0,
    ) -> None:
        file = file_path("EdgeList: path", path)
        scale = number("EdgeList: scale", scale, -MAX_SCALE, MAX_SCALE)
        named = flag("EdgeList: named", named)
        roles: dict[str, Any] = {
            "source": source, "target": target, "weight": weight, "delay": delay,
        }  # fmt: skip
        for role, column in roles.items():
            if column is not None:
                text(f"EdgeList: {role}", column, remedy="Give the name of a column.")
        edges = read_edges(file, roles, named)
        if edges.names is None:
            largest = max(int(ends.max(initial=0)) for ends in (edges.source, edges.target))
            n_neurons = largest + 1 if edges.source.size else 0
        else:
            n_neurons = edges.names.size
        object.__setattr__(self, "path", file)
        object.__setattr__(self, "names", edges.names)
        object.__setattr__(self, "n_neurons", n_neurons)
        # Rows by target, then source, weight and delay: any order of rows gives the same synapses.
        order = _order(edges.source, edges.target, edges.weight, edges.delay)
        super().__init__(
            edges.source[order],
            edges.target[order],
            None if edges.weight is None else scale * edges.weight[order],
            None if edges.delay is None else edges.delay[order],
        )

    def __repr__(self) -> str:
        return f"EdgeList of {self.post.size} edges from {self.path}"


def _order(
    source: np.ndarray,
    target: np.ndarray,
    weight: np.ndarray | None,
    delay: np.ndarray | None,
) -> np.ndarray:
    """Return the order of edges by target, then source, then weight, then delay."""
    pairs = target.astype(np.uint64) << np.uint64(32) | source
    order = np.argsort(pairs)
    ranked = pairs[order]
    # Only edges between the same two neurons need more than the pair to tell them apart.
    is_double = np.zeros(order.size, dtype=bool)
    is_same = ranked[1:] == ranked[:-1]
    is_double[1:] |= is_same
    is_double[:-1] |= is_same
    places = np.flatnonzero(is_double)
    if places.size:
        own = order[places]
        more = [column[own] for column in (delay, weight) if column is not None]
        order[places] = own[np.lexsort([*more, pairs[own]])]
    return order
