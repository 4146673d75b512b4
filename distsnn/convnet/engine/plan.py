"""From layers to cores and ranks: which core holds which places, which rank which cores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.chip import Chip
from distsnn.convnet.engine.layers import Layer
from distsnn.convnet.engine.tiles import Tiles, cut_layer, fits_together, pooled_tiles
from distsnn.errors import CapacityError, describe
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.placement import place
from distsnn.mesh import Mesh

MAX_CHIPS = 64


@dataclass(frozen=True)
class Place:
    """Where a layer is: its tiles, the core of each, int32 [tiles], and of each place."""

    layer: Layer
    tiles: Tiles
    core_of_tile: np.ndarray

    @property
    def core_of_place(self) -> np.ndarray:
        """Core of each place, int32 [places]."""
        return self.core_of_tile[self.tiles.tile_of_place()]


@dataclass(frozen=True)
class ConvPlan:
    """All layers on one mesh. chip: as large as all chips together; n_chips of them."""

    chip: Chip
    n_chips: int
    places: dict[str, Place]
    rank_of_core: np.ndarray
    n_blocks: int

    def neurons_of_core(self) -> np.ndarray:
        """Return the neurons on each core, int64 [cores]."""
        counts = np.zeros(self.chip.n_cores, dtype=np.int64)
        for one in self.places.values():
            np.add.at(counts, one.core_of_tile, one.tiles.places() * one.layer.maps)
        return counts


def make_plan(
    layers: tuple[Layer, ...],
    chip: Chip,
    grid_of: object,
    n_ranks: int,
    placement: str = "rows",
    neurons_per_core: int | None = None,
    seed: int = 1,
) -> ConvPlan:
    """Cut, place and deal the layers.

    grid_of(n_ranks, width, height) gives the grid of ranks. If the chip has too few cores, the
    smallest array of chips is taken that has enough. Raises CapacityError, UsageError.
    """
    per_core = min(neurons_per_core or chip.neurons_per_core, chip.neurons_per_core)
    tiles, block_of = _cut(layers, per_core)
    n_blocks = 1 + max(int(blocks.max()) for blocks in block_of.values())
    mesh, n_chips = _enough_chips(chip, n_blocks)
    core_of_block = place(
        placement, Mesh.of_chip(mesh), n_blocks, seed,
        lambda: _traffic(layers, tiles, block_of, n_blocks),
    )  # fmt: skip
    places = {
        layer.name: Place(layer, tiles[layer.name], core_of_block[block_of[layer.name]])
        for layer in layers
    }
    grid = grid_of(n_ranks, mesh.width, mesh.height)  # type: ignore[operator]
    ranks = rank_of_core(_work(layers, places, mesh.n_cores), mesh.width, mesh.height, grid)
    return ConvPlan(mesh, n_chips, places, ranks, n_blocks)


def _cut(
    layers: tuple[Layer, ...], per_core: int
) -> tuple[dict[str, Tiles], dict[str, np.ndarray]]:
    """Return the tiles of each layer, and the block of each tile."""
    tiles: dict[str, Tiles] = {}
    block_of: dict[str, np.ndarray] = {}
    n_blocks = 0
    for layer in layers:
        if layer.kind == "pool" and layer.name in _shared(layers, per_core):
            source = tiles[layer.source]
            tiles[layer.name] = pooled_tiles(source, layer.height, layer.width, layer.stride)
            block_of[layer.name] = block_of[layer.source]
            continue
        unit, pooled = 1, 0
        for other in layers:
            if other.source == layer.name and other.name in _shared(layers, per_core):
                unit, pooled = other.stride, other.maps
        tiles[layer.name] = cut_layer(
            layer.name, layer.height, layer.width, layer.maps, per_core, unit, pooled
        )
        n_tiles = tiles[layer.name].n_tiles
        block_of[layer.name] = np.arange(n_blocks, n_blocks + n_tiles)
        n_blocks += n_tiles
    return tiles, block_of


def _shared(layers: tuple[Layer, ...], per_core: int) -> set[str]:
    """Return the pooling layers that lie on the cores of the places that they pool."""
    maps = {layer.name: layer.maps for layer in layers}
    return {
        layer.name
        for layer in layers
        if layer.kind == "pool"
        and fits_together(layer.stride, maps[layer.source], layer.maps, per_core)
    }


def _enough_chips(chip: Chip, n_blocks: int) -> tuple[Chip, int]:
    """Return the mesh of the smallest array of chips with so many cores, and their number."""
    arrays = [(x, y) for y in range(1, 9) for x in (y, y + 1)]
    for x, y in arrays:
        if x * y <= MAX_CHIPS and x * y * chip.n_cores >= n_blocks:
            return chip.array(x, y), x * y
    raise CapacityError(
        describe(
            f"network on chip {chip.name}", "needs", f"{n_blocks} cores",
            f"{MAX_CHIPS} chips of {chip.n_cores} cores", "Use smaller images or fewer maps.",
        )
    )  # fmt: skip


def _work(layers: tuple[Layer, ...], places: dict[str, Place], n_cores: int) -> np.ndarray:
    """Return the work expected on each core: synaptic events if every neuron spiked."""
    work = np.zeros(n_cores)
    of_name = {layer.name: layer for layer in layers}
    for layer in layers:
        synapses = layer.synapses_per_neuron(of_name[layer.source]) if layer.source else 1
        if layer.kind in ("conv", "pool"):
            one = places[layer.name]
            np.add.at(work, one.core_of_tile, one.tiles.places() * float(layer.maps * synapses))
    return work


def _traffic(
    layers: tuple[Layer, ...],
    tiles: dict[str, Tiles],
    block_of: dict[str, np.ndarray],
    n_blocks: int,
) -> np.ndarray:
    """Return expected packets between blocks, float64, one spike per place."""
    traffic = np.zeros((n_blocks, n_blocks))
    of_name = {layer.name: layer for layer in layers}
    for layer in layers:
        if not layer.source:
            continue
        source = of_name[layer.source]
        own, before = tiles[layer.name], tiles[source.name]
        rows = _reached(before.row_ends, layer.reach(source.height, layer.height), own.row_ends)
        columns = _reached(
            before.column_ends, layer.reach(source.width, layer.width), own.column_ends
        )
        pairs = np.einsum("ab,cd->acbd", rows, columns).reshape(before.n_tiles, own.n_tiles)
        traffic[np.ix_(block_of[source.name], block_of[layer.name])] += pairs
    return traffic


def _reached(source_ends: np.ndarray, reach: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return how many rows of each source tile reach each tile, float64 [source tiles, tiles]."""
    hits = (reach[:, :1] < ends[None, 1:]) & (reach[:, 1:] > ends[None, :-1])
    total = np.concatenate([np.zeros((1, ends.size - 1)), np.cumsum(hits, axis=0)])
    return total[source_ends[1:]] - total[source_ends[:-1]]
