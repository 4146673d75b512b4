"""Tables of edges: CSV and Parquet files with a column of sources and one of targets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.input_files.limits import decoding, refused, size_of

PARQUET_MAGIC = b"PAR1"
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
HOW = "Run `pip install distsnn[tables]`."
MAX_INDEX = 0xFFFFFFFE


@dataclass(frozen=True, eq=False)
class EdgeColumns:
    """Columns of a table of edges.

    source, target: numbers of neurons, uint32 [edges]. names: of the neurons by number, int64 or text,
    ascending; None where the columns have the numbers themselves. weight, delay: float64 [edges], None
    where there is no such column.
    """

    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray | None
    delay: np.ndarray | None
    names: np.ndarray | None


def read_edges(path: str | Path, columns: dict[str, str | None], named: bool) -> EdgeColumns:
    """Return the columns of a CSV or Parquet file.

    columns: role -> name of the column, None to find it by the usual names. named: entries of source
    and target are names; else they are numbers from 0. Raises InputFileError.
    """
    size_of(path)
    table = _table(path)
    with decoding(path, "a table of edges"):
        chosen = {role: _column(path, table, role, columns.get(role)) for role in KNOWN}
        values = {role: _numbers(path, table, role, name) for role, name in chosen.items() if name}
        source, target = (_ends(path, table, chosen[role], named) for role in NEEDED)
        names = None
        if named:
            source, target, names = _numbered(source, target)
    for role in ("weight", "delay"):
        column = values.get(role)
        if column is not None and not np.isfinite(column).all():
            row = int(np.argmin(np.isfinite(column)))
            got = f"{column[row]} in row {row + 1}"
            raise refused(path, f"a table with finite numbers as {role}", got, "Correct it.")
    return EdgeColumns(source, target, values.get("weight"), values.get("delay"), names)


def _table(path: str | Path) -> Any:
    """Return the file as a pyarrow table; the format is told by the first bytes."""
    try:
        from pyarrow import csv, parquet
    except ImportError:
        limit, got = "readable with pyarrow", "no pyarrow"
        raise InputFileError(must_be(f"{path}", limit, got, HOW)) from None
    with open(path, "rb") as file:
        is_parquet = file.read(4) == PARQUET_MAGIC
    with decoding(path, "a whole Parquet file" if is_parquet else "a CSV table with column names"):
        if is_parquet:
            return parquet.read_table(path)
        return csv.read_csv(path)


def _column(path: str | Path, table: Any, role: str, given: str | None) -> str | None:
    """Return the name of the column of a role; None where there is none."""
    names = table.column_names
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


def _ends(path: str | Path, table: Any, name: str | None, named: bool) -> Any:
    """Return a column of neurons: a pyarrow array of names, or numbers as uint32."""
    column = table.column(name)
    if column.null_count:
        row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False))) + 1
        raise refused(path, f"a table without gaps in {name}", f"none in row {row}", "Fill it.")
    if named:
        return column.combine_chunks()
    numbers = column.to_numpy()
    # Names that are whole numbers, as of FlyWire, are far beyond any index.
    if numbers.dtype.kind not in "iu":
        limit = f"a table with whole numbers from 0 in {name}"
        raise refused(path, limit, column.type, "Set named=True for neurons with names.")
    if numbers.size and (numbers.min() < 0 or numbers.max() > MAX_INDEX):
        got = int(numbers.min() if numbers.min() < 0 else numbers.max())
        limit = f"a table with numbers from 0 to {MAX_INDEX} in {name}"
        raise refused(path, limit, got, "Set named=True for neurons with names.")
    return numbers.astype(np.uint32)


def _numbers(path: str | Path, table: Any, role: str, name: str) -> np.ndarray | None:
    """Return a column of weights or delays as float64."""
    if role in NEEDED:
        return None
    values = table.column(name).to_numpy()
    if values.dtype.kind not in "iuf":
        limit = f"a table with numbers as {role}"
        raise refused(path, limit, f"{table.column(name).type} in {name}", "Correct it.")
    return values.astype(np.float64)


def _numbered(source: Any, target: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return source and target as numbers of the names in ascending order, and the names."""
    import pyarrow

    # Each name once, in the order of first use, then by size: numbers must not depend on the order of
    # edges.
    both = pyarrow.chunked_array([source, target]).dictionary_encode().unify_dictionaries()
    first = both.chunk(0).dictionary
    names = first.to_numpy(zero_copy_only=False)
    names = names.astype(str) if names.dtype.kind == "O" else names
    order = np.argsort(names, kind="stable")
    # number[k]: the place of the k-th name in ascending order
    number = np.empty(order.size, dtype=np.uint32)
    number[order] = np.arange(order.size, dtype=np.uint32)
    parts = np.concatenate([chunk.indices.to_numpy() for chunk in both.chunks])
    numbers = number[parts]
    return numbers[: len(source)], numbers[len(source) :], names[order]
