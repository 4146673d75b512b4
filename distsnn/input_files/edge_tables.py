"""Tables of edges: CSV and Parquet files with a column of sources and one of targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.input_files.column_files import open_columns
from distsnn.input_files.limits import decoding, refused, size_of

# What columns are called, in lower case and without separators; the first that exists is taken.
KNOWN = {
    "source": (
        "source", "sourceid", "pre", "preid", "prert", "from", "fromid", "presynapticid",
        "presynapticindex", "prerootid", "preptrootid", "src", "i",
    ),
    "target": (
        "target", "targetid", "post", "postid", "to", "toid", "postsynapticid",
        "postsynapticindex", "postrootid", "postptrootid", "dst", "j",
    ),
    "weight": ("weight", "w", "weights", "syncount", "synapses", "nsyn", "count", "synweight"),
    "delay": ("delay", "delayms", "d"),
}  # fmt: skip
NEEDED = ("source", "target")
NAMED = "Set named=True for neurons with names."
MAX_INDEX = 0xFFFFFFFE


ROLES = tuple(KNOWN)


@dataclass(frozen=True, eq=False)
class Rows:
    """Consecutive rows of a table: pyarrow arrays of source and target, float64 weight and delay.

    first: number of the first row. weight, delay: None where there is no such column.
    """

    first: int
    source: Any
    target: Any
    weight: np.ndarray | None
    delay: np.ndarray | None


class EdgeTable:
    """A CSV or Parquet file of edges, read in blocks of rows.

    columns: role -> name of the column, None to find it by the usual names. named: entries of source
    and target are names; else they are numbers from 0. Raises InputFileError. column: the names of
    the columns by role, None where there is none.
    """

    def __init__(self, path: Path, columns: dict[str, str | None], named: bool) -> None:
        size_of(path)
        self.path, self.named = path, named
        self._file = open_columns(path)
        names = self._file.types
        self.column = {role: _column(path, list(names), role, columns.get(role)) for role in ROLES}
        self._require_types()

    def rows(self, likely: Callable[[Any, Any], bool] | None = None) -> Iterator[Rows]:
        """Yield all rows; likely: whether targets from a lowest to a highest entry matter at all."""
        # Two roles may share a column, which is read once.
        chosen = [name for name in self.column.values() if name is not None]
        skips = None if likely is None else (str(self.column["target"]), likely)
        with decoding(self.path, "a table of edges"):
            for first, batch in self._file.batches(list(dict.fromkeys(chosen)), skips):
                yield self._checked(first, batch)

    def widen(self) -> bool:
        """Return whether columns have other types than they seemed to, with which to read again."""
        is_wider = self._file.widen()
        if is_wider:
            self._require_types()
        return is_wider

    @property
    def n_groups_read(self) -> int:
        """Number of groups of rows that were read so far; of a CSV file, blocks."""
        return self._file.n_read

    def _checked(self, first: int, batch: Any) -> Rows:
        source, target = (self._ends(role, first, batch) for role in NEEDED)
        weight, delay = (self._numbers(role, first, batch) for role in ("weight", "delay"))
        return Rows(first, source, target, weight, delay)

    def _require_types(self) -> None:
        """Raise InputFileError for columns of other types."""
        from pyarrow import types

        for role, name in self.column.items():
            if name is None:
                continue
            kind = self._file.types[name]
            is_number = types.is_integer(kind) or types.is_floating(kind)
            if role in NEEDED and not self.named and not types.is_integer(kind):
                # Names that are whole numbers, as of FlyWire, are far beyond any index.
                limit = f"a table with whole numbers from 0 in {name}"
                raise refused(self.path, limit, f"{kind}", NAMED)
            if role not in NEEDED and not is_number:
                limit = f"a table with numbers as {role}"
                raise refused(self.path, limit, f"{kind} in {name}", "Correct it.")

    def _ends(self, role: str, first: int, batch: Any) -> Any:
        """Return a column of neurons as a pyarrow array, checked."""
        name = self.column[role]
        column = batch.column(name)
        if column.null_count:
            row = first + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False))) + 1
            limit = f"a table without gaps in {name}"
            raise refused(self.path, limit, f"none in row {row}", "Fill it.")
        if self.named:
            return _plain(column)
        numbers = column.to_numpy(zero_copy_only=False)
        if numbers.size and (numbers.min() < 0 or numbers.max() > MAX_INDEX):
            got = int(numbers.min() if numbers.min() < 0 else numbers.max())
            limit = f"a table with numbers from 0 to {MAX_INDEX} in {name}"
            raise refused(self.path, limit, got, NAMED)
        return column

    def _numbers(self, role: str, first: int, batch: Any) -> np.ndarray | None:
        """Return a column of weights or delays as float64, checked."""
        name = self.column[role]
        if name is None:
            return None
        values = batch.column(name).to_numpy(zero_copy_only=False).astype(np.float64)
        is_finite = np.isfinite(values)
        if not is_finite.all():
            place = int(np.argmin(is_finite))
            got = f"{values[place]} in row {first + place + 1}"
            limit = f"a table with finite numbers as {role}"
            raise refused(self.path, limit, got, "Correct it.")
        return values


def _plain(column: Any) -> Any:
    """Return an array whose entries are not looked up in a dictionary of its own."""
    import pyarrow

    return column.dictionary_decode() if pyarrow.types.is_dictionary(column.type) else column


def _column(path: Path, names: list[str], role: str, given: str | None) -> str | None:
    """Return the name of the column of a role; None where there is none."""
    if given is not None:
        if given not in names:
            limit = f"a table with the column {given}"
            raise refused(path, limit, ", ".join(names), f"Name another one as {role}.")
        return given
    plain = {"".join(ch for ch in name.lower() if ch.isalnum()): name for name in reversed(names)}
    for known in KNOWN[role]:
        if known in plain:
            return plain[known]
    if role in NEEDED:
        limit = f"a table with a column of {role}s, such as {' or '.join(KNOWN[role][:3])}"
        raise refused(path, limit, ", ".join(names), f"Give its name as {role}.")
    return None
