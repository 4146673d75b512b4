"""A routing order of a user's: Y first, then X; on a torus the shorter way in each."""

from distsnn.kernels import device
from distsnn.kernels.mesh.routing import EAST, NORTH, SOUTH, WEST, routing_order, steps_along


@device
def leg(x, y, to_x, to_y, width, height, is_torus):
    along_y = steps_along(y, to_y, height, is_torus)
    if along_y != 0:
        return (SOUTH if along_y > 0 else NORTH), abs(along_y)
    along_x = steps_along(x, to_x, width, is_torus)
    return (EAST if along_x > 0 else WEST), abs(along_x)


order = routing_order(leg)
