"""From layers to cores and ranks: which core holds which positions, which rank which cores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.comm import rank_grid
from distsnn.convnet.engine.layers import Layer
from distsnn.convnet.engine.patches import Patches, cut_layer, pooled_patches
from distsnn.errors import CapacityError
from distsnn.mapping import place, rank_of_core, wanted_per_core
from distsnn.mesh import Mesh

MAX_CHIPS = 64


@dataclass(frozen=True)
class PlacedLayer:
    """A layer, its patches, and the core of each patch, int32 [patches]."""

    layer: Layer
    patches: Patches
    core_of_patch: np.ndarray

    @property
    def core_of_position(self) -> np.ndarray:
        """Core of each position, int32 [positions]."""
        return self.core_of_patch[self.patches.patch_of_position()]

    @property
    def neurons_of_patch(self) -> np.ndarray:
        """Neurons of each patch, int64 [patches]."""
        return self.patches.n_positions() * self.layer.n_maps


@dataclass(frozen=True)
class ConvPlan:
    """All layers on one mesh. chip: as large as all chips together; n_chips of them."""

    chip: Chip
    n_chips: int
    layers: dict[str, PlacedLayer]
    rank_of_core: np.ndarray
    n_blocks: int

    def neurons_of_core(self) -> np.ndarray:
        """Return the neurons on each core, int64 [cores]."""
        counts = np.zeros(self.chip.n_cores, dtype=np.int64)
        for placed in self.layers.values():
            np.add.at(counts, placed.core_of_patch, placed.neurons_of_patch)
        return counts


def make_plan(
    layers: tuple[Layer, ...],
    chip: Chip,
    n_ranks: int,
    placement: str = "rows",
    neurons_per_core: int | None = None,
    seed: int = 1,
) -> ConvPlan:
    """Cut and place the layers, and assign the cores to ranks.

    If the chip has too few cores, the smallest array of chips that has enough is taken. Raises
    CapacityError, UsageError, LaunchError.
    """
    per_core = wanted_per_core(chip, neurons_per_core)
    # Stage 1: layers into patches, patches into blocks.
    patches, block_of = _cut(layers, per_core)
    n_blocks = 1 + max(int(blocks.max()) for blocks in block_of.values())
    # Stage 2: as many chips as the blocks need, as one mesh.
    mesh, n_chips = _enough_chips(chip, n_blocks)
    # Stage 3: blocks onto cores by the expected traffic.
    core_of_block = place(
        placement, Mesh.of_chip(mesh), n_blocks, seed,
        lambda: _traffic(layers, patches, block_of, n_blocks),
    )  # fmt: skip
    placed = {
        layer.name: PlacedLayer(layer, patches[layer.name], core_of_block[block_of[layer.name]])
        for layer in layers
    }
    # Stage 4: cores onto ranks by the expected work.
    grid = rank_grid(n_ranks, mesh.width, mesh.height)
    ranks = rank_of_core(_work(placed, mesh.n_cores), mesh.width, mesh.height, grid)
    return ConvPlan(mesh, n_chips, placed, ranks, n_blocks)


def _cut(
    layers: tuple[Layer, ...], per_core: int
) -> tuple[dict[str, Patches], dict[str, np.ndarray]]:
    """Return the patches of each layer, and the block (the neurons of one core) of each patch."""
    patches: dict[str, Patches] = {}
    block_of: dict[str, np.ndarray] = {}
    n_blocks, sharing = 0, _sharing(layers, per_core)
    for layer in layers:
        if layer.name in sharing:
            source = patches[layer.source]
            patches[layer.name] = pooled_patches(source, layer.height, layer.width, layer.stride)
            block_of[layer.name] = block_of[layer.source]
            continue
        # Sides are multiples of the pooling stride if a pooling layer shares the cores.
        unit, pooled = 1, 0
        for other in layers:
            if other.source == layer.name and other.name in sharing:
                unit, pooled = other.stride, other.n_maps
        patches[layer.name] = cut_layer(
            layer.name, layer.height, layer.width, layer.n_maps, per_core, unit, pooled
        )
        n_patches = patches[layer.name].n_patches
        block_of[layer.name] = np.arange(n_blocks, n_blocks + n_patches)
        n_blocks += n_patches
    return patches, block_of


def _sharing(layers: tuple[Layer, ...], per_core: int) -> set[str]:
    """Return the pooling layers that are on the cores of the positions that they pool."""
    n_maps = {layer.name: layer.n_maps for layer in layers}
    return {
        layer.name
        for layer in layers
        if layer.kind == "pool"
        # A core has room for one pooling window with its positions.
        and layer.stride**2 * n_maps[layer.source] + layer.n_maps <= per_core
    }


def _enough_chips(chip: Chip, n_blocks: int) -> tuple[Chip, int]:
    """Return the mesh of the smallest array of chips with n_blocks cores, and its number of chips."""
    # 1x1, 2x1, 2x2, 3x2, ...: from the smallest to the largest.
    arrays = [(x, y) for y in range(1, 9) for x in (y, y + 1)]
    for x, y in arrays:
        if x * y <= MAX_CHIPS and x * y * chip.n_cores >= n_blocks:
            return chip.array(x, y), x * y
    limit = f"of at most {MAX_CHIPS * chip.n_cores} cores, those of {MAX_CHIPS} chips"
    remedy = "Use smaller images or fewer maps."
    raise CapacityError(must_be(f"network on chip {chip.name}", limit, n_blocks, remedy))


def _work(placed: dict[str, PlacedLayer], n_cores: int) -> np.ndarray:
    """Return the work expected on each core: synaptic events if every neuron spiked."""
    work = np.zeros(n_cores)
    for own in placed.values():
        if own.layer.kind in ("conv", "pool"):
            n_synapses = own.layer.synapses_per_neuron(placed[own.layer.source].layer)
            # Synaptic events of a core if each of its neurons gets one spike on every synapse.
            np.add.at(work, own.core_of_patch, own.neurons_of_patch * float(n_synapses))
    return work


def _traffic(
    layers: tuple[Layer, ...],
    patches: dict[str, Patches],
    block_of: dict[str, np.ndarray],
    n_blocks: int,
) -> np.ndarray:
    """Return expected packets between blocks, float64 [blocks, blocks], one spike per position."""
    traffic = np.zeros((n_blocks, n_blocks))
    of_name = {layer.name: layer for layer in layers}
    for layer in layers:
        if not layer.source:
            continue
        source = of_name[layer.source]
        own, before = patches[layer.name], patches[source.name]
        rows = _reached(before.row_ends, layer.reach(source.height, layer.height), own.row_ends)
        columns = _reached(
            before.column_ends, layer.reach(source.width, layer.width), own.column_ends
        )
        # Rows and columns are independent: spikes from patch (a, c) that reach patch (b, d).
        pairs = np.einsum("ab,cd->acbd", rows, columns).reshape(before.n_patches, own.n_patches)
        traffic[np.ix_(block_of[source.name], block_of[layer.name])] += pairs
    return traffic


def _reached(source_ends: np.ndarray, reach: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return how many rows of each source patch reach each patch, float64 [source patches, patches]."""
    # hits [source rows, patches]: a row reaches a patch if first < end of patch, end > first of patch.
    hits = (reach[:, :1] < ends[None, 1:]) & (reach[:, 1:] > ends[None, :-1])
    # Prefix sums over source rows: hits of a patch are the difference at its ends.
    total = np.concatenate([np.zeros((1, ends.size - 1)), np.cumsum(hits, axis=0)])
    return total[source_ends[1:]] - total[source_ends[:-1]]


def own_panels(placed: PlacedLayer, is_own_core: np.ndarray) -> np.ndarray:
    """Return the rectangles of a layer that are on own cores, int64 [panels, 5].

    Columns: first row, end row, first column, end column, number of positions in earlier panels.
    Neighbouring patches are joined along rows, then equal stretches of neighbouring rows.
    """
    patches = placed.patches
    own = is_own_core[placed.core_of_patch].reshape(patches.n_rows, patches.n_columns)
    # First row of each stretch of own patches that continues in the current row.
    open_stretches: dict[tuple[int, int], int] = {}
    rectangles: list[tuple[int, int, int, int]] = []
    for row in range(patches.n_rows + 1):  # the last one ends what is open
        here = set(_stretches(own[row])) if row < patches.n_rows else set()
        for stretch in [stretch for stretch in open_stretches if stretch not in here]:
            rectangles.append((open_stretches.pop(stretch), row, *stretch))
        for stretch in here:
            open_stretches.setdefault(stretch, row)
    rows, columns = patches.row_ends, patches.column_ends
    # From patches to positions; pooled patches may be empty.
    panels = [
        (int(rows[a]), int(rows[b]), int(columns[c]), int(columns[d]))
        for a, b, c, d in sorted(rectangles)
        if rows[a] < rows[b] and columns[c] < columns[d]
    ]
    # Number of positions before each panel: the column FIRST of the kernels.
    sizes = [(b - a) * (d - c) for a, b, c, d in panels]
    firsts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    table = np.array(panels, dtype=np.int64).reshape(-1, 4)
    return np.ascontiguousarray(np.concatenate([table, firsts[: len(panels), None]], axis=1))


def n_positions(panels: np.ndarray) -> int:
    """Return the number of positions of all panels."""
    return int(((panels[:, 1] - panels[:, 0]) * (panels[:, 3] - panels[:, 2])).sum())


def _stretches(row: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of own patches of one row: first, end."""
    # +1 where a run of own patches begins, -1 where it ends.
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
