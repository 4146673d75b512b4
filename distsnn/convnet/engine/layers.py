"""The layers of a network with their sizes, and which places reach which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.convnet.checks import MAX_SYNAPSES
from distsnn.convnet.classify.readout import Block, parse_readouts
from distsnn.convnet.settings import ConvSettings, LayerSettings, SdnnSettings
from distsnn.errors import CapacityError, UsageError, describe
from distsnn.input_files.limits import max_file_bytes
from distsnn.kernels.formats import AXON_BITS


@dataclass(frozen=True)
class Layer:
    """A layer: height x width places with ``maps`` neurons each.

    kind: "input", "conv", "pool", or "cells", the counters of a read-out. source: the layer it
    listens to, "" for the input. size: side of kernel, window; for cells the number in a row.
    of a convolution.
    """

    name: str
    kind: str
    height: int
    width: int
    maps: int
    source: str = ""
    size: int = 1
    padding: int = 0
    stride: int = 1
    settings: ConvSettings | None = None

    @property
    def n_places(self) -> int:
        """Places."""
        return self.height * self.width

    @property
    def n_neurons(self) -> int:
        """Neurons."""
        return self.n_places * self.maps

    @property
    def bits(self) -> int:
        """Bits of a neuron's index."""
        return max(1, (self.n_neurons - 1).bit_length())

    def reach(self, n_source: int, n_own: int) -> np.ndarray:
        """Return which rows of this layer each source row reaches, int32 [n_source, 2]: first, end.

        The same for columns. n_own: rows of this layer.
        """
        at = np.arange(n_source)
        if self.kind == "conv":
            first, end = at + self.padding - self.size + 1, at + self.padding + 1
        elif self.kind == "pool":
            first, end = (at - self.size + self.stride) // self.stride, at // self.stride + 1
        else:
            first = cells_of(n_source, n_own)
            end = first + 1
        return np.stack([np.clip(first, 0, n_own), np.clip(end, 0, n_own)], 1).astype(np.int32)

    def synapses_per_neuron(self, source: Layer) -> int:
        """Inputs of a neuron."""
        per_window = {"conv": self.size**2 * source.maps, "pool": self.size**2}
        return per_window.get(self.kind, -(-source.n_places // max(1, self.n_places)))


def cells_of(n_places: int, n_cells: int) -> np.ndarray:
    """Return the cell of each row (column): floor(n_cells * row / n_places)."""
    return np.arange(n_places) * n_cells // n_places


def build_layers(
    settings: SdnnSettings, height: int, width: int, n_channels: int
) -> tuple[Layer, ...]:
    """Return input, layers and read-out counters, each after the one it listens to.

    Raises UsageError where an image is too small for a layer, CapacityError for a layer with too
    many neurons for a packet.
    """
    layers = [Layer("input", "input", height, width, n_channels)]
    for one in settings.layers:
        layers.append(_next_layer(one, layers[-1]))
    layers += [_counters(block, layers) for block in counted_blocks(settings)]
    for layer in layers:
        if layer.bits > AXON_BITS:
            raise CapacityError(
                describe(
                    f"layer {layer.name}", "has", f"{layer.n_neurons} neurons", 1 << AXON_BITS,
                    "Use smaller images or fewer maps.",
                )
            )  # fmt: skip
    return tuple(layers)


def _next_layer(one: LayerSettings, before: Layer) -> Layer:
    """Return the layer that ``one`` makes of the places before it."""
    conv = one if isinstance(one, ConvSettings) else None
    if isinstance(one, ConvSettings):
        kind, size, stride, padding, maps = "conv", one.kernel, 1, one.padding, one.maps
    else:
        kind, size, stride, padding, maps = "pool", one.size, one.stride, 0, before.maps
    rows = (before.height + 2 * padding - size) // stride + 1
    columns = (before.width + 2 * padding - size) // stride + 1
    if min(rows, columns) < 1 or size > min(before.height, before.width) + 2 * padding:
        got = f"{before.height} x {before.width} places before it"
        limit = f"windows of {size} x {size}"
        raise UsageError(describe(f"layer {one.name}", "has", got, limit, "Use larger images."))
    layer = Layer(one.name, kind, rows, columns, maps, before.name, size, padding, stride, conv)
    n_synapses = layer.synapses_per_neuron(before)
    if n_synapses > MAX_SYNAPSES:
        raise CapacityError(
            describe(
                f"layer {one.name}", "has", f"{n_synapses} synapses per neuron", MAX_SYNAPSES,
                "Use smaller kernels or fewer maps before it.",
            )
        )  # fmt: skip
    # Weights, and the same in quanta.
    n_bytes = 8 * n_synapses * layer.maps if conv else 0
    if n_bytes > max_file_bytes():
        raise CapacityError(
            describe(
                f"layer {one.name}", "needs", f"{n_bytes} bytes of weights",
                f"{max_file_bytes()}, half of this machine's memory", "Use fewer maps.",
            )
        )  # fmt: skip
    return layer


def counted_blocks(settings: SdnnSettings) -> list[Block]:
    """Return the blocks that spikes are sent to counters for: times and spikes."""
    blocks = dict.fromkeys(
        block for blocks in parse_readouts(settings).values() for block in blocks
    )
    return [block for block in blocks if block.what != "potential"]


def _counters(block: Block, layers: list[Layer]) -> Layer:
    source = next(layer for layer in layers if layer.name == block.layer)
    height, width = (block.grid, block.grid) if block.grid else (source.height, source.width)
    return Layer(str(block), "cells", height, width, source.maps, source.name)
