"""The layers of a network with their sizes, and which positions reach which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.checks import MAX_SYNAPSES
from distsnn.convnet.readout import Block, all_blocks
from distsnn.convnet.settings import ConvSettings, LayerSettings, SdnnSettings
from distsnn.errors import CapacityError, UsageError
from distsnn.input_files.limits import max_file_bytes
from distsnn.kernels.formats import AXON_BITS


@dataclass(frozen=True)
class Layer:
    """A layer: height x width positions with ``n_maps`` feature maps, one neuron of each per position.

    kind: "input", "conv", "pool", or "readout", the counters of a read-out on a pooling grid. source:
    the layer that it takes spikes from, "" for the input. size: side of a kernel or pooling window.
    settings: of a convolution.
    """

    name: str
    kind: str
    height: int
    width: int
    n_maps: int
    source: str = ""
    size: int = 1
    padding: int = 0
    stride: int = 1
    settings: ConvSettings | None = None

    @property
    def n_positions(self) -> int:
        """Positions."""
        return self.height * self.width

    @property
    def n_neurons(self) -> int:
        """Neurons."""
        return self.n_positions * self.n_maps

    @property
    def bits(self) -> int:
        """Bits of a neuron's index in its layer, (row * width + column) * n_maps + map."""
        return max(1, (self.n_neurons - 1).bit_length())

    def reach(self, n_source: int, n_own: int) -> np.ndarray:
        """Return which rows of this layer each source row reaches, int32 [n_source, 2]: first, end.

        The same for columns. n_own: rows (columns) of this layer.
        """
        at = np.arange(n_source)
        if self.kind == "conv":  # row r sees source rows r - padding ... r - padding + size - 1
            first, end = at + self.padding - self.size + 1, at + self.padding + 1
        elif self.kind == "pool":  # row r sees source rows r * stride ... r * stride + size - 1
            first, end = (at - self.size + self.stride) // self.stride, at // self.stride + 1
        else:
            # A position feeds one cell of the grid.
            first = grid_cells(n_source, n_own)
            end = first + 1
        # Rows outside the layer are cut off: a row may reach none.
        return np.stack([np.clip(first, 0, n_own), np.clip(end, 0, n_own)], 1).astype(np.int32)

    def synapses_per_neuron(self, source: Layer) -> int:
        """Return the number of inputs of a neuron."""
        per_window = {"conv": self.size**2 * source.n_maps, "pool": self.size**2}
        return per_window.get(self.kind, -(-source.n_positions // max(1, self.n_positions)))


def grid_cells(n_positions: int, n_cells: int) -> np.ndarray:
    """Return the cell of a pooling grid for each row (column): floor(n_cells * row / n_positions)."""
    return np.arange(n_positions) * n_cells // n_positions


def build_layers(
    settings: SdnnSettings, height: int, width: int, n_channels: int
) -> tuple[Layer, ...]:
    """Return input, layers and read-out counters, each after its source.

    height, width: of the images, in pixels. Raises UsageError if an image is too small for a layer,
    CapacityError for a layer with too many neurons for a packet or too many weights for the memory.
    """
    layers = [Layer("input", "input", height, width, n_channels)]
    for layer_settings in settings.layers:
        layers.append(_next_layer(layer_settings, layers[-1]))
    # Times and spikes of read-outs are sent to counters, potentials are read where they are.
    blocks = [block for block in all_blocks(settings) if block.quantity != "potential"]
    layers += [_counters(block, layers) for block in blocks]
    for layer in layers:
        if layer.bits > AXON_BITS:
            limit = f"of at most {1 << AXON_BITS} neurons"
            remedy = "Use smaller images or fewer maps."
            raise CapacityError(must_be(f"layer {layer.name}", limit, layer.n_neurons, remedy))
    return tuple(layers)


def _next_layer(settings: LayerSettings, before: Layer) -> Layer:
    """Return the layer that follows ``before``. Raises UsageError, CapacityError."""
    conv = settings if isinstance(settings, ConvSettings) else None
    if isinstance(settings, ConvSettings):
        kind, size, stride = "conv", settings.kernel, 1
        padding, n_maps = settings.padding, settings.maps
    else:
        kind, size, stride = "pool", settings.size, settings.stride
        padding, n_maps = 0, before.n_maps
    # n_out = floor((n_in + 2 padding - size) / stride) + 1
    name, n_rows = f"layer {settings.name}", (before.height + 2 * padding - size) // stride + 1
    n_columns = (before.width + 2 * padding - size) // stride + 1
    if min(n_rows, n_columns) < 1 or size > min(before.height, before.width) + 2 * padding:
        limit = f"after a layer of at least {size} x {size} positions"
        got = f"{before.height} x {before.width}"
        raise UsageError(f"{name}: must be {limit}, got {got}. Use larger images.")
    layer = Layer(
        settings.name, kind, n_rows, n_columns, n_maps, before.name, size, padding, stride, conv
    )
    n_synapses = layer.synapses_per_neuron(before)
    if n_synapses > MAX_SYNAPSES:
        limit = f"of at most {MAX_SYNAPSES} synapses per neuron"
        remedy = "Use smaller kernels, or fewer maps in the layer before it."
        raise CapacityError(must_be(name, limit, n_synapses, remedy))
    n_bytes = 8 * n_synapses * n_maps if conv else 0  # float32 weights, and the same in quanta
    if n_bytes > max_file_bytes():
        limit = f"of at most {max_file_bytes()} bytes of weights, half of this machine's memory"
        raise CapacityError(must_be(name, limit, n_bytes, "Use fewer maps."))
    return layer


def _counters(block: Block, layers: list[Layer]) -> Layer:
    source = next(layer for layer in layers if layer.name == block.layer)
    height, width = (block.grid, block.grid) if block.grid else (source.height, source.width)
    return Layer(str(block), "readout", height, width, source.n_maps, source.name)
