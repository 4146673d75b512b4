"""Synapses from a file: a CSV or Parquet table of edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import file_path, flag, number, text
from distsnn.errors import InputFileError
from distsnn.input_files.edge_tables import EdgeTable
from distsnn.network.edges.table_reader import TableReader
from distsnn.network.rules.edges_of_file import EdgesOfFile

MAX_SCALE = 1e30


class EdgeList(EdgesOfFile):
    """One synapse for each row of a table, a CSV or Parquet file with column names.

    Columns are found by the usual names (source or pre, target or post, weight, delay or delay_ms), or
    named by source, target, weight, delay. Weights are multiplied by ``scale``; delays are in ms. Both
    columns may be missing: then ``connect`` says them. named: neurons have names, texts or numbers of
    any size; ``names`` has them in ascending order, and neuron k of the population is ``names[k]``.
    Otherwise the columns hold numbers of neurons from 0. The order of rows does not matter. A rank of a
    run keeps the rows of its own targets alone. Needs pyarrow (``pip install distsnn[tables]``). Raises
    InputFileError for a file that is no such table.
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
        table = EdgeTable(file, roles, named)
        # Types of a large CSV file are guessed from its beginning; if a later row proves them wrong,
        # everything is read again with types of the whole file.
        reader = TableReader(table, scale)
        try:
            summary = reader.summarise()
        except InputFileError:
            if not table.widen():
                raise
            reader = TableReader(table, scale)
            summary = reader.summarise()
        super().__init__(reader, summary)
        self._table = table
        self.path, self.names = file, reader.names
        self.n_neurons = max(summary.largest) + 1 if summary.n else 0
        if reader.names is not None:
            self.n_neurons = reader.names.size

    @property
    def n_groups_read(self) -> int:
        """Groups of rows of the file that this rank has read: all once, then those of its targets."""
        return self._table.n_groups_read
