"""The mesh: geometry, routes and link loads, in whole numbers."""

from distsnn.mesh.box import Box
from distsnn.mesh.geometry import DIRECTION_NAMES, EAST, NORTH, SOUTH, WEST, Mesh
from distsnn.mesh.loads import hops_between, link_loads, matrix_link_loads
from distsnn.mesh.route import Run, hops, next_direction, route, walk
from distsnn.mesh.tiles import Tiling

__all__ = [
    "DIRECTION_NAMES",
    "EAST",
    "NORTH",
    "SOUTH",
    "WEST",
    "Box",
    "Mesh",
    "Run",
    "Tiling",
    "hops",
    "hops_between",
    "link_loads",
    "matrix_link_loads",
    "next_direction",
    "route",
    "walk",
]
