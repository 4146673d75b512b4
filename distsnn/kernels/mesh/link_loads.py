"""Loads of the directed links of a mesh from its packets, in four increments per packet.

A packet goes along X from its source to the column of its target (the turn), then along Y. In the
row of the source it loads the links of one direction between source and turn, in the column of the
target those between turn and target. So it is enough to write +1 where such a straight run begins
and -1 where it ends, per direction; running sums along rows and columns then are the loads.

    direction   link at node x, y leads to   running sum of the differences
    EAST  0     x + 1                        along the row, from x = 0 up
    WEST  1     x - 1                        along the row, from x = width - 1 down
    NORTH 2     y - 1                        along the column, from y = height - 1 up to row 0
    SOUTH 3     y + 1                        along the column, from y = 0 down

A sum begins at the end that a run comes from, so both ends of a run lie on nodes of the mesh and a
run of length 0 cancels. On a torus a run that goes around the edge is +1 more at the node where the
sum of its row or column begins. A torus takes the shorter way; east and south where both are equal.

Differences: int32 [n_fabrics * 4, n_nodes + N_SPARE], row 4 * fabric + direction, node = y * width
+ x. The spare columns of the first row of each fabric hold the shape of the mesh, those of its
second row the number of packets that stayed in their tile, those of its third row the rows of the
mesh that packets were in since the last summing: nothing is summed elsewhere, but in a torus.
``new_differences`` makes the array.
Loads of a step: one int32 row [n_fabrics * 4 * n_nodes], in the order [fabric][direction][node]; of
many steps an int64 row (``finish_steps``). Whoever counts sums up again before ``MAX_PACKETS`` packets.
"""

from __future__ import annotations

import numpy as np

from distsnn.errors import CapacityError, describe
from distsnn.kernels.compile.declare import device, kernel

EAST, WEST, NORTH, SOUTH = range(4)
N_SPARE = 8

# Spare columns of the first row of a fabric. PER_X is 2^28 / X rounded up: node // width is
# (node * PER_WIDTH) >> 28, exact while node * width < 2^28.
WIDTH, HEIGHT, IS_TORUS, PER_WIDTH, PER_TILE_WIDTH, PER_TILE_HEIGHT = range(6)
RECIPROCAL_BITS = 28

# Spare columns of the second row: packets within a tile, modulo 2^30, and how often that was full.
IN_TILE, IN_TILE_FULL = range(2)
IN_TILE_BITS = 30
MAX_PACKETS = 1 << IN_TILE_BITS  # between two summings, on this rank

# Spare columns of the third row: first and last row of the mesh with packets, or height and -1.
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
        got, limit = f"{width} x {height} cores", "512 x 512"
        raise CapacityError(describe("mesh", "has", got, limit, "Choose a smaller chip."))
    differences = np.zeros((4 * n_fabrics, n_nodes + N_SPARE), dtype=np.int32)
    differences[0::4, n_nodes + WIDTH] = width
    differences[0::4, n_nodes + HEIGHT] = height
    differences[0::4, n_nodes + IS_TORUS] = wrap
    differences[0::4, n_nodes + PER_WIDTH] = _reciprocal(width)
    differences[0::4, n_nodes + PER_TILE_WIDTH] = _reciprocal(tile_width)
    differences[0::4, n_nodes + PER_TILE_HEIGHT] = _reciprocal(tile_height)
    differences[2::4, n_nodes + FIRST_ROW] = height
    differences[2::4, n_nodes + LAST_ROW] = -1
    return differences


def _reciprocal(divisor: int) -> int:
    return -(-(1 << RECIPROCAL_BITS) // divisor)


def in_tile_packets(differences: np.ndarray) -> int:
    """Return how many packets stayed in their tile since the differences were made."""
    spare = differences[1::4, -N_SPARE:].astype(np.int64)
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
    bits = np.uint64(RECIPROCAL_BITS)
    here, there = source, target
    width = np.uint64(differences[shape, spare + np.uint64(WIDTH)])
    per_width = np.uint64(differences[shape, spare + np.uint64(PER_WIDTH)])
    y_here = (here * per_width) >> bits
    y_there = (there * per_width) >> bits
    x_here = here - y_here * width
    x_there = there - y_there * width
    turn = y_here * width + x_there
    first, last = spare + np.uint64(FIRST_ROW), spare + np.uint64(LAST_ROW)
    rows[first] = min(rows[first], np.int32(min(y_here, y_there)))
    rows[last] = max(rows[last], np.int32(max(y_here, y_there)))
    per_x = np.uint64(differences[shape, spare + np.uint64(PER_TILE_WIDTH)])
    per_y = np.uint64(differences[shape, spare + np.uint64(PER_TILE_HEIGHT)])
    leaves = ((x_here * per_x) >> bits) ^ ((x_there * per_x) >> bits)
    leaves |= ((y_here * per_y) >> bits) ^ ((y_there * per_y) >> bits)
    in_tile = np.int32(leaves == np.uint64(0))
    differences[tile, spare + np.uint64(IN_TILE)] += in_tile
    along_x = base + np.uint64(x_there < x_here)
    along_y = base + np.uint64(SOUTH) - np.uint64(y_there < y_here)
    if differences[shape, spare + np.uint64(IS_TORUS)] != np.int32(0):
        height = np.uint64(differences[shape, spare + np.uint64(HEIGHT)])
        along_x = go_around(x_here, x_there, width, base, EAST, y_here * width, 1, differences)
        along_y = go_around(y_here, y_there, height, base, SOUTH, x_there, width, differences)
    differences[along_x, here] += np.int32(1)
    differences[along_x, turn] -= np.int32(1)
    differences[along_y, turn] += np.int32(1)
    differences[along_y, there] -= np.int32(1)


@device
def go_around(start, end, length, base, ahead, first_node, stride, differences):
    """Return the row of the shorter way in a ring; write +1 where it passes the edge.

    ahead: the direction in which places of the ring rise, EAST or SOUTH; its opposite is 1 away.
    first_node, stride: node of place 0 and distance between neighbouring places.
    """
    onward = base + np.uint64(ahead)
    opposite = base + (np.uint64(WEST) if ahead == EAST else np.uint64(NORTH))
    way = end - start if end >= start else end + length - start
    if way + way <= length:
        if end < start:
            differences[onward, first_node] += np.int32(1)
        return onward
    if end > start:
        last_node = first_node + (length - np.uint64(1)) * np.uint64(stride)
        differences[opposite, last_node] += np.int32(1)
    return opposite


@kernel("i8(i8, i8[:], i8[:], i4[:,:])")
def count_packets(fabric, source, target, differences):
    """Count a packet from each source[i] to target[i] on one fabric."""
    base = np.uint64(4 * fabric)
    for i in range(source.size):
        count_packet(np.uint64(source[i]), np.uint64(target[i]), base, differences)
    return 0


@device
def sum_rows(rows, loads, width, n_nodes, first, last):
    """Add the running sums along rows first..last to the loads east and west; clear the differences."""
    for y in range(first, last + 1):
        load = np.int32(0)
        for node in range(y * width, (y + 1) * width):
            load += rows[EAST, node]
            loads[EAST * n_nodes + node] += load
            rows[EAST, node] = np.int32(0)
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
        for node in range(here, here + width):
            loads[SOUTH * n_nodes + node] += rows[SOUTH, node]
        if y < last:
            for node in range(here, here + width):
                rows[SOUTH, node + width] += rows[SOUTH, node]
        for node in range(here, here + width):
            rows[SOUTH, node] = np.int32(0)
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
            rows[NORTH, n_nodes + FIRST_ROW] = np.int32(height)
            rows[NORTH, n_nodes + LAST_ROW] = np.int32(-1)
            if rows[0, n_nodes + IS_TORUS] != np.int32(0):  # a run may go around the edge
                first, last = np.int64(0), height - 1
            of_fabric = loads[row, 4 * fabric * n_nodes : 4 * (fabric + 1) * n_nodes]
            sum_rows(rows, of_fabric, width, n_nodes, first, last)
            if first < last:
                sum_columns(rows, of_fabric, width, n_nodes, first, last)
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
