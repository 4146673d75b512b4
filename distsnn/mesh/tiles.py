"""The mesh of tiles under a mesh of cores: one router serves a rectangle of cores.

The load of a link between tiles is the sum of the loads of the core links that cross this boundary in
the rows (columns) of the tile; packets need not be counted a second time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.mesh.geometry import EAST, NORTH, SOUTH, WEST, Mesh


@dataclass(frozen=True)
class Tiling:
    """Tiles of ``tile_width`` x ``tile_height`` nodes over a mesh of ``cores``."""

    cores: Mesh
    tile_width: int
    tile_height: int

    def __post_init__(self) -> None:
        cores = self.cores
        if cores.width % self.tile_width or cores.height % self.tile_height:
            limit = f"divisors of {cores.width} x {cores.height} cores"
            got = f"{self.tile_width} x {self.tile_height}"
            raise UsageError(must_be("tiles", limit, got, "Choose another size."))

    @property
    def tiles(self) -> Mesh:
        """The mesh of tiles; a single column or row of tiles has nothing to wrap to."""
        width = self.cores.width // self.tile_width
        height = self.cores.height // self.tile_height
        return Mesh(width, height, self.cores.wrap, self.cores.order)

    def tile_of(self, cores: np.ndarray) -> np.ndarray:
        """Return the tile of each core."""
        # tile = (y
        # tile_height) * tiles in a row + x
        # tile_width
        y, x = np.divmod(np.asarray(cores), self.cores.width)
        return y // self.tile_height * self.tiles.width + x // self.tile_width

    def link_of_core_link(self) -> np.ndarray:
        """Return for each link between cores the link between tiles that it is part of.

        int32 [4 * n_cores], both numbered direction * nodes + node; -1 within a tile.
        """
        y, x = np.divmod(np.arange(self.cores.n_nodes), self.cores.width)
        tile, tiles = self.tile_of(np.arange(self.cores.n_nodes)), self.tiles
        # A link leaves its tile if its node is the last one of the tile in the link's direction.
        leaves = {
            EAST: (x % self.tile_width == self.tile_width - 1) & (tiles.width > 1),
            WEST: (x % self.tile_width == 0) & (tiles.width > 1),
            NORTH: (y % self.tile_height == 0) & (tiles.height > 1),
            SOUTH: (y % self.tile_height == self.tile_height - 1) & (tiles.height > 1),
        }
        result = np.empty((4, self.cores.n_nodes), dtype=np.int32)
        for direction, does in leaves.items():
            result[direction] = np.where(does, direction * tiles.n_nodes + tile, -1)
        return result.ravel()

    def tile_loads(self, loads: np.ndarray) -> np.ndarray:
        """Return loads [..., 4, n_tiles] of the links between tiles from those between cores.

        loads: [..., 4, n_cores], of any number type; leading axes (steps, fabrics) are kept.
        """
        cores, tiles = self.cores, self.tiles
        leading = loads.shape[:-2]
        shaped = loads.reshape(*leading, 4, cores.height, cores.width)
        result = np.zeros((*leading, 4, tiles.height, tiles.width), dtype=loads.dtype)
        # East and west: sum over the rows of a tile; north and south: over its columns.
        by_rows = (*leading, tiles.height, self.tile_height, tiles.width)
        by_columns = (*leading, tiles.height, tiles.width, self.tile_width)
        last_x, last_y = self.tile_width - 1, self.tile_height - 1
        if tiles.width > 1:
            # The last column of each tile sends east, the first one west.
            east = shaped[..., EAST, :, last_x :: self.tile_width]
            west = shaped[..., WEST, :, :: self.tile_width]
            result[..., EAST, :, :] = east.reshape(by_rows).sum(axis=-2)
            result[..., WEST, :, :] = west.reshape(by_rows).sum(axis=-2)
        if tiles.height > 1:
            # The last row of each tile sends south, the first one north.
            south = shaped[..., SOUTH, last_y :: self.tile_height, :]
            north = shaped[..., NORTH, :: self.tile_height, :]
            result[..., SOUTH, :, :] = south.reshape(by_columns).sum(axis=-1)
            result[..., NORTH, :, :] = north.reshape(by_columns).sum(axis=-1)
        return result.reshape(*leading, 4, tiles.n_nodes)
