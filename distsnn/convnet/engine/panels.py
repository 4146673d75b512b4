"""A rank's part of a layer: rectangles of positions, as large as its patches allow."""

from __future__ import annotations

import numpy as np

from distsnn.convnet.engine.plan import PlacedLayer


def own_panels(placed: PlacedLayer, is_own_core: np.ndarray) -> np.ndarray:
    """Return the rectangles of a layer that are on own cores, int64 [panels, 5].

    Columns: first row, end row, first column, end column, number of positions in earlier panels.
    Neighbouring patches are joined along rows, then equal stretches of neighbouring rows.
    """
    patches = placed.patches
    own = is_own_core[placed.core_of_patch].reshape(patches.n_rows, patches.n_columns)
    # First row of each stretch of own patches that continues in the current row.
    open_stretches: dict[tuple[int, int], int] = {}
    rectangles: list[tuple[int, int, int, int]] = []
    for row in range(patches.n_rows + 1):  # the last one ends what is open
        here = set(_stretches(own[row])) if row < patches.n_rows else set()
        for stretch in [stretch for stretch in open_stretches if stretch not in here]:
            rectangles.append((open_stretches.pop(stretch), row, *stretch))
        for stretch in here:
            open_stretches.setdefault(stretch, row)
    rows, columns = patches.row_ends, patches.column_ends
    # From patches to positions; pooled patches may be empty.
    panels = [
        (int(rows[a]), int(rows[b]), int(columns[c]), int(columns[d]))
        for a, b, c, d in sorted(rectangles)
        if rows[a] < rows[b] and columns[c] < columns[d]
    ]
    # Number of positions before each panel: the column FIRST of the kernels.
    sizes = [(b - a) * (d - c) for a, b, c, d in panels]
    firsts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    table = np.array(panels, dtype=np.int64).reshape(-1, 4)
    return np.ascontiguousarray(np.concatenate([table, firsts[: len(panels), None]], axis=1))


def n_positions(panels: np.ndarray) -> int:
    """Return the number of positions of all panels."""
    return int(((panels[:, 1] - panels[:, 0]) * (panels[:, 3] - panels[:, 2])).sum())


def _stretches(row: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of own patches of one row: first, end."""
    # +1 where a run of own patches begins, -1 where it ends.
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
