"""The part of a mesh in which packets between given nodes stay.

A route does not leave the rectangle around its two ends, so counters are needed only in the rectangle
around all nodes in use. On a torus a route may wrap around the edge; the box is then the whole mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.mesh.geometry import Mesh


@dataclass(frozen=True)
class Box:
    """A rectangle of the nodes of ``outer``, a mesh of its own with nodes in the same order.

    x, y: its first column and row in the outer mesh.
    """

    outer: Mesh
    inner: Mesh
    x: int
    y: int

    @classmethod
    def around(
        cls, mesh: Mesh, nodes: np.ndarray, tile_width: int = 1, tile_height: int = 1
    ) -> Box:
        """Return the smallest box with all ``nodes`` that begins at the edge of a tile."""
        if mesh.wrap or not nodes.size:
            return cls(mesh, mesh, 0, 0)
        # Columns and rows in use; the corner is moved to the edge of its tile.
        y, x = np.divmod(nodes, mesh.width)
        left = int(x.min()) // tile_width * tile_width
        top = int(y.min()) // tile_height * tile_height
        size = int(x.max()) + 1 - left, int(y.max()) + 1 - top
        inner = Mesh(*size, order=mesh.order)
        return cls(mesh, inner, left, top)

    @property
    def nodes(self) -> np.ndarray:
        """The outer number of each node of the box, int64 [nodes], ascending."""
        y, x = np.divmod(np.arange(self.inner.n_nodes), self.inner.width)
        # node = y * width + x in the outer mesh
        return (y + self.y) * self.outer.width + x + self.x

    def number_of(self, nodes: np.ndarray) -> np.ndarray:
        """Return the number in the box of outer nodes that are in it, in the same dtype."""
        y, x = np.divmod(np.asarray(nodes, dtype=np.int64), self.outer.width)
        # The inverse: subtract the corner, number with the inner width.
        return ((y - self.y) * self.inner.width + x - self.x).astype(nodes.dtype)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return values [..., nodes of the box] as values of all outer nodes, 0 elsewhere."""
        whole = np.zeros((*values.shape[:-1], self.outer.n_nodes), dtype=values.dtype)
        whole[..., self.nodes] = values
        return whole
