"""Read-outs: the features of an image that the classifier gets.

A read-out is a list of blocks "LAYER.QUANTITY@GRID". GRID: a pooling grid of g x g cells, or
``all`` for every position. QUANTITY, per map and cell:

    time        sum over spikes of a value that falls with their bin
    spike       whether there was a spike
    potential   the largest potential after all input, as of neurons with an infinite threshold

The published read-out is "LAYER.potential@1".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from distsnn.checks import choice, must_be
from distsnn.convnet.settings import ConvSettings, SdnnSettings
from distsnn.errors import UsageError

PATTERN = re.compile(r"^(\w+)\.(time|spike|potential)@([0-9]{1,5}|all)$")


@dataclass(frozen=True)
class Block:
    """One block of a read-out. grid: cells along a side; 0: every position."""

    layer: str
    quantity: str
    grid: int

    def __str__(self) -> str:
        return f"{self.layer}.{self.quantity}@{self.grid or 'all'}"


def parse_readouts(settings: SdnnSettings) -> dict[str, tuple[Block, ...]]:
    """Return the blocks of each read-out. Raises UsageError for a block that cannot be read."""
    return {
        name: tuple(_block(settings, name, part) for part in re.split(r"[\s+,]+", text.strip()))
        for name, text in settings.readouts.items()
    }


def all_blocks(settings: SdnnSettings) -> tuple[Block, ...]:
    """Return the blocks of all read-outs, each once, in order."""
    readouts = parse_readouts(settings).values()
    return tuple(dict.fromkeys(block for blocks in readouts for block in blocks))


def _block(settings: SdnnSettings, name: str, text: str) -> Block:
    setting = f"readouts.{name}"
    match = PATTERN.match(text)
    if match is None:
        limit = "LAYER.QUANTITY@GRID with time, spike or potential"
        remedy = "Write conv1.time@4 conv1.potential@4, for instance."
        raise UsageError(must_be(setting, limit, text, remedy))
    layers = {layer.name: layer for layer in settings.layers}
    choice(f"{setting}: layer", match[1], list(layers))
    if match[2] == "potential" and not isinstance(layers[match[1]], ConvSettings):
        limit = "of a convolution, if it reads potentials"
        raise UsageError(must_be(setting, limit, text, "Use time or spike."))
    # Grid 0 stands for every position.
    grid = 0 if match[3] == "all" else int(match[3])
    if match[3] != "all" and grid == 0:
        raise UsageError(must_be(f"{setting}: grid", "at least 1", grid, "Write 1, or all."))
    return Block(match[1], match[2], grid)
