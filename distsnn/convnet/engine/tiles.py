"""Cuts a layer into tiles: rectangles of places that fit a core with all their maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.errors import CapacityError, describe


@dataclass(frozen=True)
class Tiles:
    """Tiles at row_ends x column_ends, numbered row by row. Ends: int32, from 0 to the size."""

    row_ends: np.ndarray
    column_ends: np.ndarray

    @property
    def n_rows(self) -> int:
        """Rows of tiles."""
        return self.row_ends.size - 1

    @property
    def n_columns(self) -> int:
        """Columns of tiles."""
        return self.column_ends.size - 1

    @property
    def n_tiles(self) -> int:
        """Tiles."""
        return self.n_rows * self.n_columns

    def places(self) -> np.ndarray:
        """Return the number of places of each tile."""
        return np.outer(np.diff(self.row_ends), np.diff(self.column_ends)).ravel()

    def tile_of_place(self) -> np.ndarray:
        """Return the tile of each place, int32 [height * width]."""
        rows = np.repeat(np.arange(self.n_rows), np.diff(self.row_ends))
        columns = np.repeat(np.arange(self.n_columns), np.diff(self.column_ends))
        return (rows[:, None] * self.n_columns + columns[None, :]).ravel().astype(np.int32)


def cut_layer(
    name: str, height: int, width: int, maps: int, per_core: int, unit: int = 1, pooled: int = 0
) -> Tiles:
    """Return the fewest tiles with at most ``per_core`` neurons, of these the most square ones.

    unit: sides are multiples of it (but for the last), so that a pooling window does not lie on two
    cores. pooled: maps of a pooling layer that shares the cores, one place for unit x unit places.
    Raises CapacityError where not even one place fits.
    """
    if maps > per_core:
        raise CapacityError(
            describe(
                f"layer {name}", "has", f"{maps} maps", f"{per_core} neurons of a core",
                "All maps of a place are on one core: use fewer.",
            )
        )  # fmt: skip
    rows, columns = -(-height // unit), -(-width // unit)
    per_unit = unit * unit * maps + pooled
    best = None
    for n_y in range(1, rows + 1):
        high = -(-rows // n_y)
        widest = per_core // (high * per_unit)
        if widest < 1:
            continue
        n_x = -(-columns // min(widest, columns))
        wide = -(-columns // n_x)
        key = (n_y * n_x, high + wide, n_y)
        if best is None or key < best[0]:
            best = (key, n_y, n_x)
    if best is None:
        raise CapacityError(
            describe(
                f"layer {name}", "needs", f"{per_unit} neurons for {unit} x {unit} places",
                f"{per_core} neurons of a core", "Use fewer maps.",
            )
        )  # fmt: skip
    return Tiles(_ends(rows, best[1], unit, height), _ends(columns, best[2], unit, width))


def fits_together(unit: int, maps: int, pooled: int, per_core: int) -> bool:
    """Return whether a core has room for one pooling window with its places."""
    return unit * unit * maps + pooled <= per_core


def _ends(n_units: int, n_parts: int, unit: int, size: int) -> np.ndarray:
    """Return the ends of even parts of n_units units, in places."""
    ends = np.arange(n_parts + 1) * n_units // n_parts * unit
    return np.minimum(ends, size).astype(np.int32)


def pooled_tiles(source: Tiles, height: int, width: int, stride: int) -> Tiles:
    """Return the tiles of a pooling layer: windows are where their first row and column is."""
    return Tiles(
        np.minimum(-(-source.row_ends // stride), height).astype(np.int32),
        np.minimum(-(-source.column_ends // stride), width).astype(np.int32),
    )
