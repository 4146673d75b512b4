"""Finds what lies within reach of a point: neurons sorted by the cells of a grid.

Space has three axes, of which the last ones are in use (first_axis .. 2). Neurons are sorted by cell,
the last axis fastest, so that a row of cells is a run of neurons. On a torus an axis has a period,
else the period is infinite; the distance along an axis is then min(|a - b|, period - |a - b|).
"""

from __future__ import annotations

import math

import numpy as np

from distsnn.kernels.compile.declare import device, kernel

N_AXES = 3
ORIGIN, SIZE, PERIOD = range(3)  # rows of ``frame``: of the cells, and of space
FIRST_AXIS = 3  # entry of ``shape`` behind the numbers of cells along the axes
SLACK = 1e-6  # of a cell: more than rounding can move a neuron over the border of its cell


@device
def square_along(point, coordinate, period):
    """Return the square of the distance of two coordinates along an axis."""
    difference = abs(coordinate - point)
    around = period - difference
    difference = around if around < difference else difference
    return difference * difference


@device
def first_cell(axis, point, reach, shape, frame):
    """Return the first cell along an axis within reach; on a torus it may be below 0."""
    place = (point - frame[ORIGIN, axis] - reach) / frame[SIZE, axis] - SLACK
    if frame[PERIOD, axis] == np.inf:
        place = min(max(place, 0.0), np.float64(shape[axis]))
    return np.int64(math.floor(place))


@device
def last_cell(axis, point, reach, shape, frame):
    """Return the last cell along an axis within reach; on a torus it may be beyond the last one."""
    place = (point - frame[ORIGIN, axis] + reach) / frame[SIZE, axis] + SLACK
    if frame[PERIOD, axis] == np.inf:
        place = min(max(place, -1.0), np.float64(shape[axis] - 1))
    return np.int64(math.floor(place))


@device
def square_left(axis, point, cell, square, frame):
    """Return what is left of the square of a reach in a cell, less than 0 where nothing is."""
    size = frame[SIZE, axis]
    beyond = point - frame[ORIGIN, axis] - np.float64(cell) * size
    gap = max(0.0, max(-beyond, beyond - size) - SLACK * size)
    return square - gap * gap


@device
def take_run(first, end, points, target, square, coordinates, ids, shape, frame, n, near, squares):
    """Append the neurons first .. end - 1 that are within reach; return the new number."""
    first_axis, length = shape[FIRST_AXIS], end - first
    begin, place = np.uint64(first), np.uint64(n)  # unsigned, so that the loops are vectorised
    for axis in range(first_axis, N_AXES):
        point, period = points[axis, target], frame[PERIOD, axis]
        for k in range(length):
            here, there = place + np.uint64(k), begin + np.uint64(k)
            along = square_along(point, coordinates[np.uint64(axis), there], period)
            squares[here] = along if axis == first_axis else squares[here] + along
    kept = place
    for k in range(length):
        near[kept] = ids[begin + np.uint64(k)]
        squares[kept] = squares[place + np.uint64(k)]
        kept += np.uint64(squares[kept] <= square)
    return np.int64(kept)


@device
def take_row(
    row, low, high, points, target, square, coordinates, ids, cells, shape, frame, n, near, squares
):
    """Append those of the cells low .. high of a row; on a torus they may begin anew at 0."""
    n_cells = shape[2]
    if low > high:
        return n
    turns = n_cells * (low // n_cells)
    first, last = row * n_cells + low - turns, row * n_cells + high - turns
    next_row = (row + 1) * n_cells
    for part in range(2):
        begin = first if part == 0 else row * n_cells
        end = min(last + 1, next_row) if part == 0 else last + 1 - n_cells
        if begin < end:
            n = take_run(
                cells[begin], cells[end], points, target, square, coordinates, ids, shape, frame, n,
                near, squares,
            )  # fmt: skip
    return n


@device
def gather(points, target, reach, coordinates, ids, cells, shape, frame, near, squares):
    """Return how many neurons are within reach of points[:, target].

    near, squares: their indices and the squares of their distances; both have room for all neurons.
    coordinates: [3, neurons] by cell, with their indices ``ids``; those of cell c are
    cells[c] .. cells[c + 1] - 1.
    """
    n = np.int64(0)
    square = reach * reach
    x, y, z = points[0, target], points[1, target], points[2, target]
    low_x, high_x = first_cell(0, x, reach, shape, frame), last_cell(0, x, reach, shape, frame)
    low_y, high_y = first_cell(1, y, reach, shape, frame), last_cell(1, y, reach, shape, frame)
    # Once around the torus: every cell once, wherever it is nearest.
    all_x, all_y = high_x - low_x + 1 >= shape[0], high_y - low_y + 1 >= shape[1]
    low_x, high_x = (0, shape[0] - 1) if all_x else (low_x, high_x)
    low_y, high_y = (0, shape[1] - 1) if all_y else (low_y, high_y)
    for i in range(low_x, high_x + 1):
        left_x = square if all_x else square_left(0, x, i, square, frame)
        for j in range(low_y, high_y + 1):
            left = left_x if all_y else square_left(1, y, j, left_x, frame)
            if left < 0.0:
                continue
            width = math.sqrt(left)
            low_z, high_z = (
                first_cell(2, z, width, shape, frame), last_cell(2, z, width, shape, frame),
            )  # fmt: skip
            if high_z - low_z + 1 >= shape[2]:
                low_z, high_z = 0, shape[2] - 1
            row = (i % shape[0]) * shape[1] + j % shape[1]
            n = take_row(
                row, low_z, high_z, points, target, square, coordinates, ids, cells, shape, frame,
                n, near, squares,
            )  # fmt: skip
    return n


@kernel("i8(i8, i8, i4[:], u4[:], f8[:,:], f8[:,:], f8[:,:], f8[:])")
def pair_distances(start, first_axis, counts, sources, origins, points, frame, distances):
    """distances[i] = that of the source and the target of synapse i.

    counts[k]: synapses onto target start + k. origins, points: [3, neurons], of sources and targets.
    """
    i = np.int64(0)
    for k in range(counts.size):
        for _ in range(counts[k]):
            square = 0.0
            for axis in range(first_axis, N_AXES):
                square += square_along(
                    points[axis, start + k],
                    origins[axis, np.int64(sources[i])],
                    frame[PERIOD, axis],
                )
            distances[i] = math.sqrt(square)
            i += 1
    return i
