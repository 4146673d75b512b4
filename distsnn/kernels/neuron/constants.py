"""The constants of a model's step: a record of names in ``step``, a row of float32 in memory.

A model declares a ``NamedTuple`` class and returns an instance of it, in float64. The simulator lays
its values out as one row (an array field occupies one position per entry), and compiled code reads
them back into the record, at no cost: a record is a set of registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.compile.declare import device
from distsnn.kernels.compile.signature import is_record


def reader(record: type) -> Callable[..., Any]:
    """Return a device function (row, start) -> record of the float32 values from row[start] on."""
    require_record(record)
    values = ", ".join(f"row[start + {k}]" for k in range(len(record._fields)))  # type: ignore[attr-defined]
    names: dict[str, Any] = {"record": record, "__name__": __name__}
    exec(
        compile(f"def read(row, start):\n    return record({values})\n", "<reader>", "exec"), names
    )
    return device(names["read"])


def require_record(record: object) -> None:
    """Raise NetworkError unless ``record`` is a NamedTuple class."""
    if not isinstance(record, type) or not is_record(record):
        limit = "a NamedTuple class that names the constants which step reads"
        remedy = "Declare one and give driver(step, Constants, states, receptors)."
        raise NetworkError(must_be("driver: constants", limit, record, remedy))


def row_of(constants: tuple[Any, ...]) -> np.ndarray:
    """Return the values of a record in the order of its fields, float64 [values]."""
    parts = [np.ravel(np.asarray(value, dtype=np.float64)) for value in constants]
    return np.concatenate([np.empty(0), *parts])


def positions_of(constants: Any, name: str) -> range:
    """Return the positions that the field ``name`` of a record occupies in its row."""
    index = constants._fields.index(name)
    start = sum(np.size(value) for value in constants[:index])
    return range(start, start + np.size(constants[index]))
