"""Tables of SONATA: types in CSV files, attributes of nodes and edges in HDF5 files."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.input_files.hdf5_files import Hdf5
from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_text

PARAMETERS = "dynamics_params"  # the group of parameters that are given entry by entry
NONE = ("", "NULL", "NONE", "NAN")  # entries of a CSV file without a value


def read_types(path: Path, name: str) -> dict[int, dict[str, Any]]:
    """Return the rows of a file of types by their id; name: of the column of ids. {} without a file."""
    if path == Path():
        return {}
    text = read_text(path)
    # Columns are separated by a blank; some programs write commas.
    header = text.splitlines()[0] if text.strip() else ""
    rows = csv.DictReader(io.StringIO(text), delimiter=" " if " " in header else ",")
    # An entry without a value is left out, so that a default applies.
    types = {}
    for row in rows:
        try:
            number = int(row[name])
        except (KeyError, TypeError, ValueError):
            got = ", ".join(str(key) for key in row)
            raise refused(
                path, f"a table with whole numbers as {name}", got, "Correct it."
            ) from None
        types[number] = {
            key: value
            for key, value in row.items()
            if key is not None and isinstance(value, str) and value.strip().upper() not in NONE
        }
    return types


@dataclass(frozen=True, eq=False)
class Attributes:
    """What the entries of a population of nodes or edges are.

    types: rows of their types by id. type_ids: int64 [n]. columns: attribute -> values [n], not a
    number or "" where an entry has none.
    """

    types: dict[int, dict[str, Any]]
    type_ids: np.ndarray
    columns: dict[str, np.ndarray]

    def text(self, name: str) -> np.ndarray:
        """Return an attribute as text for each entry, "" where there is none."""
        if name in self.columns:
            return self.columns[name].astype(str)
        return self._of_types(name, "", "U256")

    def numbers(self, path: Path, name: str, default: float) -> np.ndarray:
        """Return an attribute as float64 for each entry. Raises InputFileError."""
        # An attribute of the entry goes before that of its type.
        if name in self.columns:
            values = self.columns[name]
            if values.dtype.kind not in "iuf":
                raise refused(path, f"a file with numbers as {name}", "text", "Correct it.")
            values = values.astype(np.float64)
            missing = np.isnan(values)
            return np.where(missing, self._numbers_of_types(path, name, default), values)
        return self._numbers_of_types(path, name, default)

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters that are given entry by entry."""
        return [
            name.partition("/")[2] for name in self.columns if name.startswith(f"{PARAMETERS}/")
        ]

    def has(self, name: str) -> bool:
        """Whether any entry may have the attribute."""
        return name in self.columns or any(name in row for row in self.types.values())

    def _numbers_of_types(self, path: Path, name: str, default: float) -> np.ndarray:
        values = self._of_types(name, str(default), "U64")
        try:
            return values.astype(np.float64)
        except ValueError:
            got = ", ".join(sorted(set(values.tolist()))[:3])
            raise refused(path, f"a table with numbers as {name}", got, "Correct it.") from None

    def _of_types(self, name: str, default: str, dtype: str) -> np.ndarray:
        # Few types, many entries: looked up once for each type.
        known, place = np.unique(self.type_ids, return_inverse=True)
        values = [self.types.get(int(number), {}).get(name, default) for number in known]
        return np.array(values, dtype=dtype)[place] if known.size else np.empty(0, dtype=dtype)


def read_attributes(
    file: Hdf5,
    path: Path,
    population: str,
    kind: str,
    types: dict[int, dict[str, Any]],
    rows: slice | None = None,
    names: tuple[str, ...] | None = None,
) -> Attributes:
    """Return the attributes of a population. kind: node or edge.

    rows, names: some entries and some attributes of the file, None for all.
    """
    n_all = file.length(population, f"{kind}_type_id")
    type_ids = file.numbers(population, f"{kind}_type_id", 1, rows=rows).astype(np.int64)
    n = type_ids.size
    # Attributes are kept by group; node_group_index is the place of an entry in its group. A file with
    # one group may leave both out.
    groups = np.zeros(n, dtype=np.int64)
    places = np.arange(n_all) if rows is None else np.arange(rows.start, rows.start + n)
    if file.has(population, f"{kind}_group_id"):
        for name in ("group_id", "group_index"):
            n_named = file.length(population, f"{kind}_{name}")
            if n_named != n_all:
                raise refused(path, f"a file with a group for each {kind}", n_named, "Correct it.")
        groups, places = (
            file.numbers(population, f"{kind}_{name}", 1, rows=rows).astype(np.int64)
            for name in ("group_id", "group_index")
        )
    columns: dict[str, np.ndarray] = {}
    for group in np.unique(groups).tolist():
        own = np.flatnonzero(groups == group)
        place = f"{population}/{group}"
        for name in file.names(place) if file.has_group(place) else []:
            # groups within the group, such as dynamics_params, are no attributes
            if file.has(place, name) and (names is None or name in names):
                values = _of_group(file, path, place, name, places[own])
                _fill(columns, name, values, own, n)
        inner = f"{place}/{PARAMETERS}"
        for name in file.names(inner) if file.has_group(inner) and names is None else []:
            values = _of_group(file, path, inner, name, places[own])
            _fill(columns, f"{PARAMETERS}/{name}", values, own, n)
    return Attributes(types, type_ids, columns)


def _of_group(file: Hdf5, path: Path, place: str, name: str, places: np.ndarray) -> np.ndarray:
    """Return the values of an attribute of a group at places. Raises InputFileError."""
    n = file.length(place, name)
    low, high = int(places.min()), int(places.max()) + 1
    if low < 0 or high > n:
        limit = f"a file with an entry of {name} for each index"
        raise refused(path, limit, f"{n} for {low if low < 0 else high - 1}", "Correct it.")
    return file.values(place, name, slice(low, high))[places - low]


def _fill(
    columns: dict[str, np.ndarray], name: str, values: np.ndarray, own: np.ndarray, n: int
) -> None:
    """Enter the values of a group's attribute; entries of other groups have none."""
    if name not in columns:
        is_text = values.dtype.kind not in "iuf"
        columns[name] = np.full(n, "", dtype="U256") if is_text else np.full(n, np.nan)
    # Positions and other attributes of several numbers are not needed.
    if values.ndim == 1:
        columns[name][own] = values
