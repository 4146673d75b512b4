"""Which input channels reach which neuron of a liquid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.liquid.geometry import Points
from distsnn.liquid.parameters import InputWiring
from distsnn.random_streams import generator

ROWS_AT_ONCE = 4096  # neurons whose channels are drawn together: one random number per pair


@dataclass(frozen=True)
class InputSynapses:
    """Synapses onto the neurons of one type: channel[i] -> neuron[i], int64; is_negative: bool."""

    channel: np.ndarray
    neuron: np.ndarray
    is_negative: np.ndarray


@dataclass(frozen=True)
class Image:
    """Channels that are pixels: channel = (polarity * height + y) * width + x."""

    width: int
    height: int
    n_polarities: int


def input_synapses(
    points: Points, n_channels: int, wiring: InputWiring, image: Image | None, seed: int
) -> tuple[InputSynapses, InputSynapses]:
    """Return the input synapses onto the excitatory and onto the inhibitory neurons.

    Raises NetworkError for a fan-in larger than the number of channels, or for a spread without an
    image.
    """
    if wiring.fan < 1:
        raise NetworkError(must_be("liquid: fan", "at least 1", wiring.fan, "Raise it."))
    # One stream for all: channels first, then signs.
    random = generator(seed, "liquid input")
    if wiring.spread_pixels is None:
        channel, neuron = _anywhere(points.n, n_channels, wiring.fan, random)
    elif image is None:
        limit = "None for channels that are no image"
        raise NetworkError(
            must_be("liquid: spread_pixels", limit, wiring.spread_pixels, "Leave it out.")
        )
    else:
        channel, neuron = _around(points, image, wiring.fan, wiring.spread_pixels, random)
    is_negative = random.random(channel.size) < wiring.negative_share
    n_excitatory = points.excitatory.shape[0]
    onto_e = neuron < n_excitatory
    return (
        InputSynapses(channel[onto_e], neuron[onto_e], is_negative[onto_e]),
        InputSynapses(channel[~onto_e], neuron[~onto_e] - n_excitatory, is_negative[~onto_e]),
    )


def _anywhere(
    n: int, n_channels: int, fan: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``fan`` different channels for each neuron, all equally likely."""
    if fan > n_channels:
        limit = f"at most {n_channels}, the number of input channels"
        raise NetworkError(
            must_be("liquid: fan", limit, fan, "Lower it, or encode into more channels.")
        )
    channels = np.empty((n, fan), dtype=np.int64)
    for first in range(0, n, ROWS_AT_ONCE):
        rows = channels[first : first + ROWS_AT_ONCE]
        # The channels with the ``fan`` smallest random numbers are a sample without repetition.
        keys = random.random((rows.shape[0], n_channels), dtype=np.float32)
        rows[:] = np.argpartition(keys, fan - 1, axis=1)[:, :fan]
    return channels.ravel(), np.repeat(np.arange(n), fan)


def _around(
    points: Points, image: Image, fan: int, spread: float, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return ``fan`` pixels drawn normally around each neuron; those outside are left out.

    A neuron at grid point (x, y) of an X x Y grid is centred on pixel
    ((x + 1/2) / X * width - 1/2, (y + 1/2) / Y * height - 1/2).
    """
    xy = points.all()[:, :2].astype(np.float64)
    size = np.array([image.width, image.height], dtype=np.float64)
    # Grid point to pixel, both at their centres.
    centre = (xy + 0.5) / np.array(points.shape[:2]) * size - 0.5
    drawn = np.rint(centre[:, None, :] + spread * random.standard_normal((points.n, fan, 2)))
    x, y = drawn[..., 0].astype(np.int64), drawn[..., 1].astype(np.int64)
    polarity = random.integers(image.n_polarities, size=x.shape)
    inside = (x >= 0) & (x < image.width) & (y >= 0) & (y < image.height)
    neuron = np.broadcast_to(np.arange(points.n)[:, None], x.shape)[inside]
    # channel = (polarity * height + y) * width + x
    channel = (polarity * image.height + y) * image.width + x
    return channel[inside], neuron
