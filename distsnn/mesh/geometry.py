"""A mesh of nodes and its directed links, in whole numbers.

Nodes are numbered row by row, node = y * width + x, row 0 at the top: east is x + 1, south y + 1.
A directed link belongs to the node that it leaves; its id is direction * n_nodes + node.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.errors import UsageError
from distsnn.kernels.mesh.routing import (
    EAST,
    NORTH,
    SOUTH,
    WEST,
    RoutingOrder,
    load_routing,
)

DIRECTION_NAMES = ("east", "west", "north", "south")
# Coordinates of the next node by direction, in the order EAST, WEST, NORTH, SOUTH.
X_STEP = (1, -1, 0, 0)
Y_STEP = (0, 0, -1, 1)


@dataclass(frozen=True)
class Mesh:
    """``width`` x ``height`` nodes; with ``wrap`` both ends of every row and column are joined.

    order: the routing order of packets.
    """

    width: int
    height: int
    wrap: bool = False
    order: RoutingOrder = field(default_factory=load_routing)

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            got = f"{self.width} x {self.height}"
            raise UsageError(must_be("mesh", "at least 1 x 1 nodes", got, "Make it larger."))

    @classmethod
    def of_chip(cls, chip: Chip) -> Mesh:
        """Return the mesh of the cores of a chip, with its routing order."""
        return cls(chip.width, chip.height, chip.wrap, load_routing(chip.routing))

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return self.width * self.height

    def node(self, x: int, y: int) -> int:
        """Return the number of the node at x, y."""
        return y * self.width + x

    def xy(self, node: int) -> tuple[int, int]:
        """Return x, y of a node."""
        return node % self.width, node // self.width

    def neighbour(self, node: int, direction: int) -> int:
        """Return the node that the link of ``direction`` leads to, -1 if there is no link."""
        x, y = self.xy(node)
        x, y = x + X_STEP[direction], y + Y_STEP[direction]
        if self.wrap:
            x, y = x % self.width, y % self.height
        # A ring of one node leads back to itself: no link.
        is_inside = 0 <= x < self.width and 0 <= y < self.height
        return self.node(x, y) if is_inside and self.node(x, y) != node else -1

    def link(self, direction: int, node: int) -> int:
        """Return the id of a directed link."""
        return direction * self.n_nodes + node

    def link_ends(self, link: int) -> tuple[int, int]:
        """Return the nodes that a link leaves and leads to (-1: there is no such link)."""
        direction, node = divmod(link, self.n_nodes)
        return node, self.neighbour(node, direction)

    @property
    def n_links(self) -> int:
        """Number of directed links that exist."""
        # Links of a row that lead east: width - 1 on a line, width on a ring of more than one node.
        columns = self.width if self.wrap and self.width > 1 else self.width - 1
        rows = self.height if self.wrap and self.height > 1 else self.height - 1
        # Each connection is two directed links.
        return 2 * (columns * self.height + rows * self.width)


__all__ = [
    "DIRECTION_NAMES",
    "EAST",
    "NORTH",
    "SOUTH",
    "WEST",
    "X_STEP",
    "Y_STEP",
    "Mesh",
]
