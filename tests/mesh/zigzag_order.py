"""A routing order with many corners: one link at a time along the axis with the longer way left."""

from distsnn.kernels import device
from distsnn.kernels.mesh.routing import EAST, NORTH, SOUTH, WEST, routing_order, steps_along


@device
def leg(x, y, to_x, to_y, width, height, is_torus):
    along_x = steps_along(x, to_x, width, is_torus)
    along_y = steps_along(y, to_y, height, is_torus)
    if abs(along_x) >= abs(along_y):
        return (EAST if along_x > 0 else WEST), min(abs(along_x), 1)
    return (SOUTH if along_y > 0 else NORTH), 1


order = routing_order(leg)
