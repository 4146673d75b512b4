"""Checks of arrays that were read: types, shapes and ranges.

Compiled code does not check the arrays that it is given, so all that is read is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from distsnn.input_files.limits import refused


class Column(NamedTuple):
    """An array: its type, its shape (None: any size), and the range of its numbers."""

    dtype: Any
    shape: tuple[int | None, ...]
    low: float = -np.inf
    high: float = np.inf


def require_columns(
    path: Path, arrays: Mapping[str, np.ndarray], columns: Mapping[str, Column], remedy: str
) -> None:
    """Raise InputFileError unless the arrays are those of ``columns``, finite and in their ranges."""
    if set(arrays) != set(columns):
        limit = f"a file of {', '.join(sorted(columns))}"
        raise refused(path, limit, ", ".join(sorted(arrays)) or "nothing", remedy)
    for name, column in columns.items():
        values = arrays[name]
        is_shaped = values.ndim == len(column.shape) and all(
            n in (None, size) for n, size in zip(column.shape, values.shape, strict=True)
        )
        if values.dtype != column.dtype or not is_shaped:
            sizes = " x ".join("n" if n is None else str(n) for n in column.shape)
            limit = f"a file with {name} of {np.dtype(column.dtype)}, {sizes}"
            raise refused(path, limit, f"{values.dtype} of shape {values.shape}", remedy)
        is_inside = (values >= column.low) & (values <= column.high)  # False for not-a-number
        if values.dtype.kind == "f":
            is_inside &= np.isfinite(values)
        if not is_inside.all():
            limit = f"a file with {name} of finite numbers from {column.low:g} to {column.high:g}"
            raise refused(path, limit, values[~is_inside][0], remedy)
