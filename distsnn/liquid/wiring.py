"""Which input lines reach which neuron of a liquid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.errors import NetworkError
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.liquid.geometry import Points
from distsnn.liquid.parameters import InputWiring


@dataclass(frozen=True)
class Joined:
    """Synapses from lines onto the neurons of one type: line[i] -> neuron[i], int64; is_negative."""

    line: np.ndarray
    neuron: np.ndarray
    is_negative: np.ndarray


@dataclass(frozen=True)
class Image:
    """Lines that are pixels: line = (channel * height + y) * width + x."""

    width: int
    height: int
    n_channels: int


def join_lines(
    points: Points, n_lines: int, wiring: InputWiring, image: Image | None, seed: int
) -> tuple[Joined, Joined]:
    """Return the input synapses onto the excitatory and onto the inhibitory neurons."""
    if wiring.fan < 1:
        raise NetworkError(f"liquid: fan is {wiring.fan}, limit at least 1. Make it larger.")
    n = points.n
    random = np.random.Generator(np.random.Philox(key=stream_key(seed, "liquid input")))
    if wiring.spread_pixels is None:
        line, neuron = _anywhere(n, n_lines, wiring.fan, random)
    elif image is None:
        raise NetworkError(
            "liquid: input is to be drawn around a pixel, limit lines that are an image. "
            "Leave spread_pixels out."
        )
    else:
        line, neuron = _around(points, image, wiring.fan, wiring.spread_pixels, random)
    is_negative = random.random(line.size) < wiring.negative_share
    n_excitatory = points.excitatory.shape[0]
    onto_e = neuron < n_excitatory
    return (
        Joined(line[onto_e], neuron[onto_e], is_negative[onto_e]),
        Joined(line[~onto_e], neuron[~onto_e] - n_excitatory, is_negative[~onto_e]),
    )


def _anywhere(
    n: int, n_lines: int, fan: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """``fan`` different lines for each neuron, all equally likely."""
    if fan > n_lines:
        raise NetworkError(
            f"liquid: fan is {fan}, limit {n_lines} lines. Lower it, or encode into more lines."
        )
    lines = np.empty((n, fan), dtype=np.int64)
    for first in range(0, n, 4096):  # in pieces: the keys of all at once would be large
        rows = lines[first : first + 4096]
        keys = random.random((rows.shape[0], n_lines), dtype=np.float32)
        rows[:] = np.argpartition(keys, fan - 1, axis=1)[:, :fan]
    return lines.ravel(), np.repeat(np.arange(n), fan)


def _around(
    points: Points, image: Image, fan: int, spread: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """``fan`` pixels drawn normally around each neuron's place; those outside are left out."""
    place = points.all()[:, :2].astype(np.float64)
    size = np.array([image.width, image.height], dtype=np.float64)
    centre = (place + 0.5) / np.array(points.shape[:2]) * size - 0.5
    drawn = np.rint(centre[:, None, :] + spread * random.standard_normal((points.n, fan, 2)))
    x, y = drawn[..., 0].astype(np.int64), drawn[..., 1].astype(np.int64)
    channel = random.integers(image.n_channels, size=x.shape)
    inside = (x >= 0) & (x < image.width) & (y >= 0) & (y < image.height)
    neuron = np.broadcast_to(np.arange(points.n)[:, None], x.shape)[inside]
    return ((channel * image.height + y) * image.width + x)[inside], neuron
