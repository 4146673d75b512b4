"""Loads of the directed links of a mesh from its packets, in a few increments per packet.

A route is made of straight runs (``routing``). It is enough to write +1 at the beginning of a run and
-1 at its end, per direction; running sums along rows and columns then are the loads.

    direction   link at node x, y leads to   running sum of the differences
    EAST  0     x + 1                        along the row, from x = 0 up
    WEST  1     x - 1                        along the row, from x = width - 1 down
    NORTH 2     y - 1                        along the column, from y = height - 1 up to row 0
    SOUTH 3     y + 1                        along the column, from y = 0 down

A sum begins at the end that a run comes from, so both ends of a run are nodes of the mesh and a run of
length 0 cancels. On a torus a run that goes around the edge is +1 more at the node where the sum of its
row or column begins.

Differences: int32 [n_fabrics * 4, n_nodes + N_SPARE], row 4 * fabric + direction, node = y * width
+ x. ``new_differences`` makes the array. Its spare columns, by row of each fabric:

    EAST    the shape of the mesh: WIDTH .. PER_TILE_HEIGHT
    WEST    packets that stayed in their tile: IN_TILE, IN_TILE_FULL
    NORTH   rows of the mesh that packets were in since the last summing: FIRST_ROW, LAST_ROW; nothing
            is summed elsewhere, except on a torus

Loads of a step: one int32 row [n_fabrics * 4 * n_nodes], in the order [fabric][direction][node]; of
many steps an int64 row (``finish_steps``). The caller must sum up before ``MAX_PACKETS`` packets are
counted.

The kernels are written with the default routing order; ``routed`` gives them with another one.
"""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError
from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.mesh.orders.xy import mark
from distsnn.kernels.mesh.routing import EAST, N_SPARE, NORTH, SOUTH, WEST

# Spare columns of row EAST. PER_X is 2^28 / X rounded up: node // width is
# (node * PER_WIDTH) >> 28, exact while node * width < 2^28.
WIDTH, HEIGHT, IS_TORUS, PER_WIDTH, PER_TILE_WIDTH, PER_TILE_HEIGHT = range(6)
RECIPROCAL_BITS = 28

# Spare columns of row WEST: packets within a tile, modulo 2^30, and how often that was full.
IN_TILE, IN_TILE_FULL = range(2)
IN_TILE_BITS = 30
MAX_PACKETS = 1 << IN_TILE_BITS  # between two summings, on this rank

# Spare columns of row NORTH: first and last row of the mesh with packets, or height and -1.
FIRST_ROW, LAST_ROW = range(2)


def new_differences(
    n_fabrics: int,
    width: int,
    height: int,
    *,
    wrap: bool = False,
    tile_width: int = 1,
    tile_height: int = 1,
) -> np.ndarray:
    """Return the differences of an idle mesh of ``width`` x ``height`` cores.

    Raises CapacityError for a mesh too large for the 28-bit reciprocals.
    """
    n_nodes = width * height
    if n_nodes * max(width, height) >= 1 << RECIPROCAL_BITS:
        got = f"{width} x {height}"
        raise CapacityError(
            must_be("mesh", "at most 512 x 512 cores", got, "Choose a smaller chip.")
        )
    differences = np.zeros((4 * n_fabrics, n_nodes + N_SPARE), dtype=np.int32)
    _set_shape(differences, width, height, wrap)
    differences[EAST::4, n_nodes + PER_WIDTH] = _reciprocal(width)
    differences[EAST::4, n_nodes + PER_TILE_WIDTH] = _reciprocal(tile_width)
    differences[EAST::4, n_nodes + PER_TILE_HEIGHT] = _reciprocal(tile_height)
    return differences


def wide_differences(width: int, height: int, *, wrap: bool = False) -> np.ndarray:
    """Return differences for ``count_pairs``: int64, one fabric, a mesh of any size."""
    differences = np.zeros((4, width * height + N_SPARE), dtype=np.int64)
    _set_shape(differences, width, height, wrap)
    return differences


def _set_shape(differences: np.ndarray, width: int, height: int, wrap: bool) -> None:
    n_nodes = width * height
    differences[EAST::4, n_nodes + WIDTH] = width
    differences[EAST::4, n_nodes + HEIGHT] = height
    differences[EAST::4, n_nodes + IS_TORUS] = wrap
    differences[NORTH::4, n_nodes + FIRST_ROW] = height
    differences[NORTH::4, n_nodes + LAST_ROW] = -1


def _reciprocal(divisor: int) -> int:
    return -(-(1 << RECIPROCAL_BITS) // divisor)


def in_tile_packets(differences: np.ndarray) -> int:
    """Return the number of packets that stayed in their tile since the differences were made."""
    spare = differences[WEST::4, -N_SPARE:].astype(np.int64)
    full, rest = spare[:, IN_TILE_FULL].sum(), spare[:, IN_TILE].sum()
    return int(full) * (1 << IN_TILE_BITS) + int(rest)


@device
def count_packet(source, target, base, differences):
    """Count one packet from core to core on the fabric whose rows begin at ``base`` (all uint64)."""
    shape, tile, rows = base, base + np.uint64(WEST), differences[base + np.uint64(NORTH)]
    spare = np.uint64(differences.shape[1] - N_SPARE)
    if source == target:  # on no link
        differences[tile, spare + np.uint64(IN_TILE)] += np.int32(1)
        return
    # coordinates: y = node // width by the reciprocal, x is the rest
    bits = np.uint64(RECIPROCAL_BITS)
    width = np.uint64(differences[shape, spare + np.uint64(WIDTH)])
    per_width = np.uint64(differences[shape, spare + np.uint64(PER_WIDTH)])
    y, to_y = (source * per_width) >> bits, (target * per_width) >> bits
    x, to_x = source - y * width, target - to_y * width
    # rows of the mesh that are to be summed
    first, last = spare + np.uint64(FIRST_ROW), spare + np.uint64(LAST_ROW)
    rows[first] = min(rows[first], np.int32(min(y, to_y)))
    rows[last] = max(rows[last], np.int32(max(y, to_y)))
    # same tile: same quotients of both coordinates
    per_x = np.uint64(differences[shape, spare + np.uint64(PER_TILE_WIDTH)])
    per_y = np.uint64(differences[shape, spare + np.uint64(PER_TILE_HEIGHT)])
    leaves = ((x * per_x) >> bits) ^ ((to_x * per_x) >> bits)
    leaves |= ((y * per_y) >> bits) ^ ((to_y * per_y) >> bits)
    differences[tile, spare + np.uint64(IN_TILE)] += np.int32(leaves == np.uint64(0))
    is_torus = differences[shape, spare + np.uint64(IS_TORUS)] != np.int32(0)
    ring = np.uint64(differences[shape, spare + np.uint64(HEIGHT)]) if is_torus else np.uint64(0)
    mark(source, target, x, y, to_x, to_y, width, ring, np.int32(1), base, differences)


@kernel("i8(i8, i8[:], i8[:], i4[:,:])")
def count_packets(fabric, source, target, differences):
    """Count a packet from each source[i] to target[i] on one fabric."""
    base = np.uint64(4 * fabric)
    for i in range(source.size):
        count_packet(np.uint64(source[i]), np.uint64(target[i]), base, differences)
    return 0


@kernel("i8(i8[:], i8[:], i8[:], i8[:,:])")
def count_pairs(source, target, packets, differences):
    """Count packets[i] packets from source[i] to target[i] in ``wide_differences``."""
    spare = differences.shape[1] - N_SPARE
    width = np.uint64(differences[EAST, spare + WIDTH])
    height = np.uint64(differences[EAST, spare + HEIGHT])
    ring = height if differences[EAST, spare + IS_TORUS] != 0 else np.uint64(0)
    for i in range(source.size):
        here, there = np.uint64(source[i]), np.uint64(target[i])
        # node = y * width + x
        y, to_y = here // width, there // width
        x, to_x = here - y * width, there - to_y * width
        mark(here, there, x, y, to_x, to_y, width, ring, packets[i], np.uint64(0), differences)
    differences[NORTH, spare + FIRST_ROW] = 0
    differences[NORTH, spare + LAST_ROW] = np.int64(height) - 1
    return 0


@device
def sum_rows(rows, loads, width, n_nodes, first, last):
    """Add the running sums along rows first..last to the loads east and west; clear the differences."""
    # load(x) of a row: see the table of the module.
    for y in range(first, last + 1):
        # East: prefix sum from the left; load(x) = sum of differences 0 .. x.
        load = np.int32(0)
        for node in range(y * width, (y + 1) * width):
            load += rows[EAST, node]
            loads[EAST * n_nodes + node] += load
            rows[EAST, node] = np.int32(0)
        # West: the same from the right.
        load = np.int32(0)
        for node in range((y + 1) * width - 1, y * width - 1, -1):
            load += rows[WEST, node]
            loads[WEST * n_nodes + node] += load
            rows[WEST, node] = np.int32(0)


@device
def sum_columns(rows, loads, width, n_nodes, first, last):
    """The same along the columns, north and south; whole rows of nodes at a time."""
    for y in range(first, last + 1):
        here = y * width
        # South: from the top row down, each row's sums carried to the row below.
        for node in range(here, here + width):
            loads[SOUTH * n_nodes + node] += rows[SOUTH, node]
        if y < last:
            for node in range(here, here + width):
                rows[SOUTH, node + width] += rows[SOUTH, node]
        for node in range(here, here + width):
            rows[SOUTH, node] = np.int32(0)
    # North: from the bottom row up.
    for y in range(last, first - 1, -1):
        here = y * width
        for node in range(here, here + width):
            loads[NORTH * n_nodes + node] += rows[NORTH, node]
        if y > first:
            for node in range(here, here + width):
                rows[NORTH, node - width] += rows[NORTH, node]
        for node in range(here, here + width):
            rows[NORTH, node] = np.int32(0)


@device
def add_loads(row, differences, loads):
    """Add the loads of the packets counted since the last call to loads[row]; clear differences."""
    n_nodes = differences.shape[1] - N_SPARE
    for fabric in range(differences.shape[0] // 4):
        rows = differences[4 * fabric : 4 * fabric + 4]
        first = np.int64(rows[NORTH, n_nodes + FIRST_ROW])
        last = np.int64(rows[NORTH, n_nodes + LAST_ROW])
        if first <= last:
            width = np.int64(rows[0, n_nodes + WIDTH])
            height = np.int64(rows[0, n_nodes + HEIGHT])
            # Empty range of rows: first > last.
            rows[NORTH, n_nodes + FIRST_ROW] = np.int32(height)
            rows[NORTH, n_nodes + LAST_ROW] = np.int32(-1)
            if rows[0, n_nodes + IS_TORUS] != np.int32(0):  # a run may go around the edge
                first, last = np.int64(0), height - 1
            of_fabric = loads[row, 4 * fabric * n_nodes : 4 * (fabric + 1) * n_nodes]
            sum_rows(rows, of_fabric, width, n_nodes, first, last)
            if first < last:
                sum_columns(rows, of_fabric, width, n_nodes, first, last)
        # Carry, so that the int32 counter does not overflow.
        if rows[1, n_nodes + IN_TILE] >= np.int32(1 << IN_TILE_BITS):
            rows[1, n_nodes + IN_TILE] -= np.int32(1 << IN_TILE_BITS)
            rows[1, n_nodes + IN_TILE_FULL] += np.int32(1)


@kernel("i8(i8, i4[:,:], i4[:,:])")
def finish_step(row, differences, loads):
    """Add the loads of the packets of a step to loads[row], int32 [steps, n_fabrics * 4 * n_nodes]."""
    add_loads(row, differences, loads)
    return 0


@kernel("i8(i8, i4[:,:], i8[:,:])")
def finish_steps(row, differences, loads):
    """The same for a row that adds up many steps, int64."""
    add_loads(row, differences, loads)
    return 0


@kernel("i8(i8, i8[:,:], i8[:,:])")
def finish_pairs(row, differences, loads):
    """The same for the differences of ``count_pairs``, int64."""
    add_loads(row, differences, loads)
    return 0
