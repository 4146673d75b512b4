"""X first, then Y: along the row of the source to the column of the target, then along the column.

On a torus each dimension takes the shorter way; east and south if both are equally long.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.mesh.routing import EAST, NORTH, SOUTH, WEST, routing_order, steps_along


@device
def leg(x, y, to_x, to_y, width, height, is_torus):
    """Return direction and links of the next straight run; 0 links at the target."""
    along_x = steps_along(x, to_x, width, is_torus)
    if along_x != 0:
        return (EAST if along_x > 0 else WEST), abs(along_x)
    along_y = steps_along(y, to_y, height, is_torus)
    return (SOUTH if along_y > 0 else NORTH), abs(along_y)


@device
def hops(x, y, to_x, to_y, width, height, is_torus):
    """Return the links from node to node: |dx| + |dy|."""
    along_x = steps_along(x, to_x, width, is_torus)
    return abs(along_x) + abs(steps_along(y, to_y, height, is_torus))


@device
def mark(here, there, x, y, to_x, to_y, width, ring_height, n, base, differences):
    """Write n packets into the differences, on a mesh without a branch.

    The corner of the route is at (to_x, y). A run of length 0 cancels.
    """
    corner = y * width + to_x
    along_x = base + np.uint64(to_x < x)  # EAST 0, WEST 1
    along_y = base + np.uint64(SOUTH) - np.uint64(to_y < y)  # SOUTH 3, NORTH 2
    if ring_height:
        along_x = go_around(x, to_x, width, base, EAST, y * width, 1, n, differences)
        along_y = go_around(y, to_y, ring_height, base, SOUTH, to_x, width, n, differences)
    # one run from here to the corner, one from the corner to there
    differences[along_x, here] += n
    differences[along_x, corner] -= n
    differences[along_y, corner] += n
    differences[along_y, there] -= n


@device
def go_around(start, end, length, base, ahead, first_node, stride, n, differences):
    """Return the row of the shorter way in a ring; write +n where it passes the edge.

    ahead: the direction in which positions rise, EAST or SOUTH; its opposite is 1 away. first_node,
    stride: node of position 0 and distance between neighbouring positions.
    """
    onward = base + np.uint64(ahead)
    opposite = base + (np.uint64(WEST) if ahead == EAST else np.uint64(NORTH))
    steps = end - start if end >= start else end + length - start
    if steps + steps <= length:
        if end < start:
            differences[onward, first_node] += n
        return onward
    if end > start:
        last_node = first_node + (length - np.uint64(1)) * np.uint64(stride)
        differences[opposite, last_node] += n
    return opposite


order = routing_order(leg, hops, mark)
