"""Preferred stimuli: for each feature map, a picture of the input that it responds to.

A kernel of the first layer is a picture already: weights of ON minus weights of OFF. The picture of a
deeper kernel is the sum of the pictures of the maps before it, each at the position of its weight and
times it. Through a pooling layer a picture is averaged over all positions of the window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.convnet.filters import input_filters
from distsnn.convnet.settings import ConvSettings, InputSettings, SdnnSettings


@dataclass(frozen=True)
class Pictures:
    """images: float64 [maps, height, width], seen by one neuron; step: pixels between neighbours."""

    images: np.ndarray
    step: int


def preferred(settings: SdnnSettings, weights: dict[str, np.ndarray]) -> dict[str, Pictures]:
    """Return the pictures of every convolution. weights: float32 [maps, channels * k * k] by layer."""
    pictures: dict[str, Pictures] = {}
    # Receptive fields grow layer by layer, from one pixel of the input.
    seen = input_pictures(settings.input)
    for layer in settings.layers:
        if isinstance(layer, ConvSettings):
            n_channels = len(seen.images)
            kernels = weights[layer.name].reshape(
                layer.maps, n_channels, layer.kernel, layer.kernel
            )
            seen = through_kernels(seen, kernels.astype(np.float64))
            pictures[layer.name] = seen
        else:
            # Any position of the window may have fired: average over all of them.
            window = np.full((layer.size, layer.size), 1.0 / layer.size**2)
            images = np.stack([_spread(image, window, seen.step) for image in seen.images])
            seen = Pictures(images, seen.step * layer.stride)
    return pictures


def input_pictures(settings: InputSettings) -> Pictures:
    """Return one pixel per channel: 1 for ON, -1 for OFF."""
    filters = input_filters(settings)
    # The sign of a filter's centre: ON or OFF.
    centre = filters[:, filters.shape[1] // 2]
    return Pictures(np.sign(centre).astype(np.float64)[:, None, None], 1)


def through_kernels(seen: Pictures, kernels: np.ndarray) -> Pictures:
    """Return the pictures of maps whose kernels see the pictures of other maps."""
    images = [
        sum(_spread(seen.images[c], kernel[c], seen.step) for c in range(len(seen.images)))
        for kernel in kernels
    ]
    return Pictures(np.stack(images), seen.step)


def _spread(image: np.ndarray, weights: np.ndarray, step: int) -> np.ndarray:
    """Return the sum of the image at all positions of the kernel, ``step`` pixels apart, weighted."""
    height, width = image.shape
    k_y, k_x = weights.shape
    out = np.zeros((height + step * (k_y - 1), width + step * (k_x - 1)))
    for y, x in zip(*np.nonzero(weights), strict=True):
        # out += w[y, x] * image, shifted by (y, x) * step
        out[y * step : y * step + height, x * step : x * step + width] += weights[y, x] * image
    return out
