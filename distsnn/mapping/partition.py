"""Assigns the cores of the mesh to ranks: rectangles, balanced by weight."""

from __future__ import annotations

import numpy as np


def rank_of_core(weights: np.ndarray, width: int, height: int, grid: tuple[int, int]) -> np.ndarray:
    """Return the rank of each core, int32 [width * height]; rank = py * n_x + px.

    weights: float64 [height * width], the work expected on each core. grid: (n_x, n_y) ranks. A grid
    wider than the mesh (which happens if the number of ranks has no fitting factors) means runs
    of cores in row-major order.
    """
    n_x, n_y = grid
    table = np.asarray(weights, dtype=np.float64).reshape(height, width)
    if n_x > width or n_y > height:
        ends = cut_evenly(table.ravel(), n_x * n_y)
        return np.repeat(np.arange(n_x * n_y, dtype=np.int32), np.diff(ends))
    # Columns and rows are cut independently, by the sums over the other axis.
    column_ends = cut_evenly(table.sum(axis=0), n_x)
    row_ends = cut_evenly(table.sum(axis=1), n_y)
    px = np.repeat(np.arange(n_x, dtype=np.int32), np.diff(column_ends))
    py = np.repeat(np.arange(n_y, dtype=np.int32), np.diff(row_ends))
    return (py[:, None] * np.int32(n_x) + px[None, :]).ravel()


def cut_evenly(weights: np.ndarray, n_parts: int) -> np.ndarray:
    """Return the n_parts + 1 ends of consecutive, non-empty parts whose largest weight is smallest.

    The smallest possible largest weight is found by bisection over the sums of runs; ties go to
    the parts of equal length that an unweighted cut would give.
    """
    n = weights.size
    # A small weight for every item spreads empty stretches over the parts as well.
    filled = weights + (weights.sum() + 1.0) * 1e-9
    total = np.concatenate([[0.0], np.cumsum(filled)])
    low, high = float(filled.max()), float(total[-1])
    # bisection: the smallest largest weight with which n_parts are enough
    for _ in range(60):
        middle = (low + high) / 2
        if _parts_needed(total, middle, n) <= n_parts:
            high = middle
        else:
            low = middle
    return _ends(total, high * (1 + 1e-12), n_parts, n)


def _parts_needed(total: np.ndarray, most: float, n: int) -> int:
    parts, at = 0, 0
    while at < n:
        at = max(at + 1, int(np.searchsorted(total, total[at] + most * (1 + 1e-12), "right")) - 1)
        parts += 1
    return parts


def _ends(total: np.ndarray, most: float, n_parts: int, n: int) -> np.ndarray:
    """Cut near the even share of what is left, within ``most`` and leaving one item per part."""
    ends = [0]
    for part in range(n_parts):
        at, left = ends[-1], n_parts - part
        if left == 1:
            ends.append(n)
            break
        goal = total[at] + (total[n] - total[at]) / left
        near = int(np.argmin(np.abs(total - goal)))
        furthest = int(np.searchsorted(total, total[at] + most, "right")) - 1
        # What is cut off later must also fit: no further back than the rest allows.
        latest_start = int(np.searchsorted(total, total[n] - most * (left - 1) * (1 + 1e-12)))
        end = min(max(near, latest_start), furthest)
        ends.append(min(max(end, at + 1), n - (left - 1)))
    return np.array(ends, dtype=np.int64)
