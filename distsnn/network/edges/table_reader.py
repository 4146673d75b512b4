"""Reads a table of edges twice: once for what all ranks must know, then a rank's own edges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.input_files.edge_tables import EdgeTable, Rows
from distsnn.input_files.limits import decoding, refused
from distsnn.network.edges.summary import EdgeBlock, EdgeSummary, EdgeTally

NAMES = "a table with names of one type as source and target"


class TableReader:
    """The edges of a table with weights times ``scale``; names: see ``EdgeList``."""

    names: np.ndarray | None = None

    def __init__(self, table: EdgeTable, scale: float) -> None:
        self._table, self._scale = table, scale
        self._in_order: Any = None  # names as pyarrow array, ascending

    @property
    def path(self) -> Path:
        """The file."""
        return self._table.path

    def summarise(self) -> EdgeSummary:
        """Read and check all rows; return what is to be known of them. Raises InputFileError."""
        has = self._table.column
        tally = EdgeTally(has["weight"] is not None, has["delay"] is not None)
        if not self._table.named:
            for rows in self._table.rows():
                tally.add(self._block(rows, _numbers(rows.source), _numbers(rows.target)))
            return tally.summary()
        # Numbers of names are known once all names are: until then, names are numbered as they are met,
        # and the digest is of the names themselves.
        known = _Names()
        for rows in self._table.rows():
            with decoding(self.path, NAMES):
                source, target = known.codes(rows.source), known.codes(rows.target)
            keys = known.keys[source], known.keys[target]
            tally.add(self._block(rows, source, target), keys)
        with decoding(self.path, NAMES):
            self.names, order = known.in_order()
            self._in_order = None if known.array is None else known.array.take(order)
        # The k-th name that was met -> its place among the names in ascending order.
        place = np.empty(order.size, dtype=np.int64)
        place[order] = np.arange(order.size)
        return tally.summary().renumbered(None, place)

    def blocks(self, wanted: np.ndarray | None) -> Iterator[EdgeBlock]:
        """Yield the edges onto wanted targets (bool [targets]; None: all). Raises InputFileError."""
        import pyarrow

        likely = None
        if wanted is not None:
            n_before = np.concatenate([[0], np.cumsum(wanted)])  # wanted targets below each number
            likely = partial(self._has_wanted, n_before)
        for rows in self._table.rows(likely):
            # Targets tell which rows matter; all other columns are looked at for those alone.
            target, source = self._numbered(rows.target), rows.source
            if wanted is None:
                yield self._block(rows, self._numbered(source), target)
                continue
            own = np.flatnonzero(wanted[np.minimum(target, wanted.size - 1)])
            # The sources of other rows are not looked up.
            sources = self._numbered(source.take(pyarrow.array(own)))
            rows_own = Rows(rows.first, None, None, _part(rows.weight, own), _part(rows.delay, own))
            yield self._block(rows_own, sources, target[own])

    def _block(self, rows: Rows, source: np.ndarray, target: np.ndarray) -> EdgeBlock:
        weight = None if rows.weight is None else self._scale * rows.weight
        return EdgeBlock(source, target, weight, rows.delay)

    def _numbered(self, column: Any) -> np.ndarray:
        """Return the numbers of a column of neurons, int64 [rows]."""
        if self._in_order is None:
            return _numbers(column)
        codes = _looked_up(column, self._in_order)
        if codes.null_count:
            limit = "as it was when it was first read, with the same names"
            raise refused(self.path, limit, "others", "Write the file only before a run.")
        return codes.to_numpy(zero_copy_only=False).astype(np.int64)

    def _has_wanted(self, n_before: np.ndarray, low: Any, high: Any) -> bool:
        """Return whether there are wanted targets among the entries low .. high of a column."""
        # Bounds of names -> numbers of the first and the last name within them.
        start, stop = low, high
        if self.names is not None:
            is_number = self.names.dtype.kind in "iu" and isinstance(low, int)
            is_text = self.names.dtype.kind == "U" and isinstance(low, str)
            if not (is_number or is_text):
                return True
            start = int(np.searchsorted(self.names, low, side="left"))
            stop = int(np.searchsorted(self.names, high, side="right")) - 1
        elif not isinstance(low, int):
            return True
        last = n_before.size - 1
        first, end = (min(max(0, int(k)), last) for k in (start, stop + 1))
        return bool(n_before[end] > n_before[first])


class _Names:
    """The names of neurons in the order in which they are met. keys: a hash of each, uint64."""

    def __init__(self) -> None:
        self.array: Any = None
        self.keys = np.zeros(0, dtype=np.uint64)

    def codes(self, column: Any) -> np.ndarray:
        """Return the number of each name, int64, in the order of first use."""
        from pyarrow import compute

        if self.array is None:
            self._add(column.slice(0, 0))
        codes = _looked_up(column, self.array)
        # null: a name that no block before had
        if codes.null_count:
            self._add(compute.unique(compute.filter(column, codes.is_null())))
            codes = _looked_up(column, self.array)
            if codes.null_count:
                raise ValueError("names that are not equal to themselves")
        return codes.to_numpy(zero_copy_only=False).astype(np.int64)

    def in_order(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the names, ascending, and the order that sorts them."""
        names = np.zeros(0, dtype=np.int64) if self.array is None else _as_numpy(self.array)
        order = np.argsort(names, kind="stable")
        return names[order], order

    def _add(self, new: Any) -> None:
        import pyarrow

        parts = [new] if self.array is None else [self.array, new]
        self.array = pyarrow.concat_arrays(parts)
        # A whole number is its own key; other names are hashed once each, not once for each edge.
        names = _as_numpy(new)
        if names.dtype.kind in "iu":
            keys = names.astype(np.uint64)
        else:
            keys = np.array([_key(name) for name in names.tolist()], dtype=np.uint64)
        self.keys = np.concatenate([self.keys, keys])


def _as_numpy(array: Any) -> np.ndarray:
    names: np.ndarray = array.to_numpy(zero_copy_only=False)
    return names.astype(str) if names.dtype.kind == "O" else names


def _key(name: Any) -> int:
    digest = hashlib.blake2b(str(name).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _looked_up(column: Any, names: Any) -> Any:
    """Return the place of each entry among names, a pyarrow array; null for unknown ones."""
    from pyarrow import compute

    # Source and target may be numbers of different widths.
    column = column if column.type == names.type else column.cast(names.type)
    return compute.index_in(column, value_set=names)


def _numbers(column: Any) -> np.ndarray:
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.int64)


def _part(values: np.ndarray | None, own: np.ndarray) -> np.ndarray | None:
    return None if values is None else values[own]
