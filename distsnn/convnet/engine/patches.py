"""Cuts a layer into patches: rectangles of positions that fit a core with all their feature maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError


@dataclass(frozen=True)
class Patches:
    """Patches at row_ends x column_ends, numbered row by row. Ends: int32, from 0 to the size."""

    row_ends: np.ndarray
    column_ends: np.ndarray

    @property
    def n_rows(self) -> int:
        """Rows of patches."""
        return self.row_ends.size - 1

    @property
    def n_columns(self) -> int:
        """Columns of patches."""
        return self.column_ends.size - 1

    @property
    def n_patches(self) -> int:
        """Patches."""
        return self.n_rows * self.n_columns

    def n_positions(self) -> np.ndarray:
        """Return the number of positions of each patch, int64 [patches]."""
        return np.outer(np.diff(self.row_ends), np.diff(self.column_ends)).ravel()

    def patch_of_position(self) -> np.ndarray:
        """Return the patch of each position, int32 [height * width]."""
        rows = np.repeat(np.arange(self.n_rows), np.diff(self.row_ends))
        columns = np.repeat(np.arange(self.n_columns), np.diff(self.column_ends))
        return (rows[:, None] * self.n_columns + columns[None, :]).ravel().astype(np.int32)


def cut_layer(
    name: str, height: int, width: int, n_maps: int, per_core: int, unit: int = 1, pooled: int = 0
) -> Patches:
    """Return the fewest patches of at most ``per_core`` neurons; among these, the most square ones.

    unit: sides are multiples of it (except the last), so that no pooling window is split between two
    cores. pooled: maps of a pooling layer that shares the cores, one position of it for unit x unit
    positions. Raises CapacityError if not even one position fits.
    """
    if n_maps > per_core:
        limit = f"of at most {per_core} maps, the neurons of a core"
        remedy = "All maps of a position are on one core: use fewer."
        raise CapacityError(must_be(f"layer {name}", limit, n_maps, remedy))
    # In units of pooling windows: a unit is not divided.
    n_rows, n_columns = -(-height // unit), -(-width // unit)
    per_unit = unit * unit * n_maps + pooled
    best = None
    # For each number of rows of patches: as few columns as the capacity allows.
    for n_y in range(1, n_rows + 1):
        # Rows of the tallest patch, then the widest patch that still fits a core.
        high = -(-n_rows // n_y)
        widest = per_core // (high * per_unit)
        if widest < 1:
            continue
        n_x = -(-n_columns // min(widest, n_columns))
        wide = -(-n_columns // n_x)
        key = (n_y * n_x, high + wide, n_y)  # fewest, then smallest half perimeter
        if best is None or key < best[0]:
            best = (key, n_y, n_x)
    if best is None:
        limit = f"of at most {per_core} neurons for {unit} x {unit} positions"
        raise CapacityError(must_be(f"layer {name}", limit, per_unit, "Use fewer maps."))
    return Patches(_ends(n_rows, best[1], unit, height), _ends(n_columns, best[2], unit, width))


def _ends(n_units: int, n_parts: int, unit: int, size: int) -> np.ndarray:
    """Return the ends of even parts of n_units units, in positions."""
    # floor(i n / parts): sizes differ by one unit at most
    ends = np.arange(n_parts + 1) * n_units // n_parts * unit
    return np.minimum(ends, size).astype(np.int32)


def pooled_patches(source: Patches, height: int, width: int, stride: int) -> Patches:
    """Return the patches of a pooling layer: a window is on the core of its first row and column."""
    return Patches(
        # Window i begins at i * stride: ceil(end / stride) windows begin before a patch ends.
        np.minimum(-(-source.row_ends // stride), height).astype(np.int32),
        np.minimum(-(-source.column_ends // stride), width).astype(np.int32),
    )
