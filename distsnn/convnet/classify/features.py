"""Features of a batch of images: int16 rows for the classifier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.engine.layers import Layer, grid_cells
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.engine.parts import ConvPart, PoolPart
from distsnn.convnet.readout import Block, all_blocks
from distsnn.errors import UsageError
from distsnn.kernels.conv.readout import LOWEST, add_spikes, highest_potentials

MAX_FEATURE = 32767  # of a feature


@dataclass
class BlockReader:
    """One block on this rank. features: int32 [batch, columns]; read(image, first, end spike).

    merge: of the features of all ranks. most: larger features become this.
    """

    block: Block
    features: np.ndarray
    lowest: int
    shift: int
    merge: np.ufunc
    read: Callable[[int, int, int], object]
    most: int = MAX_FEATURE


class Features:
    """Reads all blocks of all read-outs of a network, batch by batch."""

    def __init__(self, network: ConvNetwork) -> None:
        self.network = network
        self.blocks = all_blocks(network.settings)
        self.readers = [self._reader(block) for block in self.blocks]
        self._of_part: dict[str, list[BlockReader]] = {}
        for reader in self.readers:
            self._of_part.setdefault(reader.block.layer, []).append(reader)

    @property
    def columns(self) -> dict[Block, slice]:
        """The columns of each block."""
        columns, first = {}, 0
        for reader in self.readers:
            columns[reader.block] = slice(first, first + reader.features.shape[1])
            first += reader.features.shape[1]
        return columns

    @property
    def n_columns(self) -> int:
        """Columns of all blocks."""
        return sum(reader.features.shape[1] for reader in self.readers)

    def _reader(self, block: Block) -> BlockReader:
        network = self.network
        part = network.parts[block.layer]
        layer = part.layer
        # Columns of a block: cell * maps + map.
        cells, n_cells = cell_of_position(layer, block)
        features = np.zeros((network.batch, n_cells * layer.n_maps), dtype=np.int32)
        if block.quantity == "potential" and isinstance(part, ConvPart):
            # The largest sum of weights, n_synapses quanta of 2^16, fits 15 bits after the shift.
            shift = max(0, (part.n_synapses << 16).bit_length() - 15)
            highest = highest_potentials.bind(part.shape, part.panels, cells, part.v, features)
            return BlockReader(
                block, features, LOWEST, shift, np.maximum, lambda k, a, b: highest(k)
            )
        values, most = np.ones(network.n_bins, dtype=np.int32), 1  # whether there was a spike
        if block.quantity == "time":
            values = time_values(network.n_bins, network.settings.svm.ramp, cells, n_cells)
            most = MAX_FEATURE
        add = add_spikes.bind(part.spikes, part.shape, cells, values, features)
        return BlockReader(
            block, features, 0, 0, np.add, lambda k, a, b: add(a, b, layer.bits), most
        )

    def read(self, part: ConvPart | PoolPart, image: int, first: int, end: int) -> None:
        """Read one image of the batch from one part: its spikes are first .. end - 1."""
        for reader in self._of_part.get(part.layer.name, ()):
            reader.read(image, first, end)

    def begin(self) -> None:
        """Clear the features of the batch before."""
        for reader in self.readers:
            reader.features.fill(reader.lowest)

    def collect(self, n_images: int) -> np.ndarray | None:
        """Return the rows of the batch, int16 [images, columns], on rank 0. Collective."""
        comm = self.network.comm
        rows = []
        for reader in self.readers:
            own = reader.features[:n_images]
            parts = [own] if comm.n_ranks == 1 else comm.gather_arrays(own)
            if comm.rank == 0:
                # Spikes of a cell add up over its ranks; of potentials the largest counts.
                whole = parts[0] if len(parts) == 1 else reader.merge.reduce(parts)
                rows.append(np.minimum(whole >> reader.shift, reader.most).astype(np.int16))
        return np.concatenate(rows, axis=1) if comm.rank == 0 else None


def cell_of_position(layer: Layer, block: Block) -> tuple[np.ndarray, int]:
    """Return the grid cell of each position, int32 [positions], and the number of cells.

    Raises UsageError for a grid that is finer than the layer.
    """
    if not block.grid:
        return np.arange(layer.n_positions, dtype=np.int32), layer.n_positions
    if block.grid > min(layer.height, layer.width):
        limit = f"at most {min(layer.height, layer.width)}, the shorter side of the layer"
        remedy = "Use a smaller grid."
        raise UsageError(must_be(f"read-out {block}: grid", limit, block.grid, remedy))
    rows, columns = grid_cells(layer.height, block.grid), grid_cells(layer.width, block.grid)
    # cell = row of the grid * grid + column
    cells = rows[:, None] * block.grid + columns[None, :]
    return cells.ravel().astype(np.int32), block.grid**2


def time_values(n_bins: int, ramp: float, cells: np.ndarray, n_cells: int) -> np.ndarray:
    """Return the value of a spike in each bin, int32: falling from its largest value to near 0.

    f(t) = 1 for t <= ramp T, then linear down to 0 at T, times 255, or less if the sum over a whole
    cell could exceed a feature.
    """
    # Spikes of one map in a cell: at most one per position, so the sum fits 15 bits.
    fullest = int(np.bincount(cells, minlength=n_cells).max())
    largest = max(1, min(255, MAX_FEATURE // fullest))
    # (t / T - ramp) / (1 - ramp), 0 during the ramp
    fraction = np.clip((np.arange(n_bins) / n_bins - ramp) / (1.0 - ramp), 0.0, 1.0)
    return np.round(largest * (1.0 - fraction)).astype(np.int32)


def chosen_columns(
    features: Features, rows: np.ndarray, blocks: tuple[Block, ...]
) -> tuple[np.ndarray, list[tuple[Block, int]]]:
    """Return the columns of a read-out's blocks, and how many each block has."""
    columns = features.columns
    sizes = [(block, columns[block].stop - columns[block].start) for block in blocks]
    if blocks == features.blocks:
        return rows, sizes
    return np.concatenate([rows[:, columns[block]] for block in blocks], axis=1), sizes
