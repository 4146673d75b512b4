"""A rank's part of each layer: arrays, and the kernels bound to them."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.checks import MAX_THRESHOLD
from distsnn.convnet.engine.layers import Layer
from distsnn.convnet.engine.panels import n_places
from distsnn.convnet.filters import input_filters
from distsnn.convnet.settings import ConvSettings, InputSettings
from distsnn.errors import UsageError
from distsnn.kernels.conv.input import EDGE, INVERSE, LINEAR, N_RADIX, RANK, ZERO, encode
from distsnn.kernels.conv.layer import N_SHAPE, run_layer
from distsnn.kernels.conv.learn import ONE, find_candidates, mark_early, update_map, write_stack
from distsnn.kernels.conv.pool import run_pool

NEVER = 1 << 30  # more input spikes than a neuron gets
CODES = {"rank": RANK, "linear": LINEAR, "inverse": INVERSE}
BORDERS = {"zero": ZERO, "edge": EDGE}


class InputPart:
    """Turns images into spikes. images: uint8 [images, height * width]."""

    def __init__(
        self, settings: InputSettings, layer: Layer, images: np.ndarray, most_images: int
    ) -> None:
        self.layer, self.images = layer, images
        n_pixels, size = layer.n_places, settings.filter_size
        filters = input_filters(settings)
        shape = [
            layer.height, layer.width, size, BORDERS[settings.border], settings.bins,
            CODES[settings.code], settings.normalise_radius,
        ]  # fmt: skip
        self.spikes = np.empty(most_images * layer.n_neurons + 1, dtype=np.uint32)
        n_padded = (layer.height + size - 1) * (layer.width + size - 1)
        self._encode = encode.bind(
            images,
            np.array(shape, dtype=np.int64),
            np.array([settings.threshold], dtype=np.float32),
            filters,
            np.empty(n_padded, dtype=np.float32),
            np.empty((layer.maps, n_pixels), dtype=np.float32),
            np.empty(n_pixels, dtype=np.float32),
            np.empty((2, layer.n_neurons), dtype=np.uint32),
            np.empty((2, layer.n_neurons), dtype=np.uint32),
            np.empty(N_RADIX, dtype=np.int64),
            self.spikes,
        )

    def run(self, image: int, image_in_batch: int, n_before: int) -> int:
        """Append the spikes of one image; return the new number."""
        return self._encode(image, image_in_batch, self.layer.bits, n_before)


class Arrivals:
    """Spikes that reach this rank's part of a layer, by image of the batch and bin."""

    def __init__(self, source: Layer, batch: int, n_bins: int) -> None:
        self.starts = np.zeros(batch * n_bins + 2, dtype=np.int64)
        self.indices = np.empty(batch * source.n_neurons, dtype=np.uint32)


class ConvPart:
    """Places of a convolution layer on this rank; what all of them share is a copy of the kernels.

    weights: float32 [maps, channels * k * k], the master; theta: float32 [maps]. ``set_theta`` and
    ``set_weights`` make what the kernels read.
    """

    def __init__(
        self,
        layer: Layer,
        source: Layer,
        panels: np.ndarray,
        arrivals: Arrivals,
        n_bins: int,
        batch: int,
        fires: bool,
    ) -> None:
        settings = layer.settings
        if settings is None:
            raise TypeError(f"layer {layer.name} is a {layer.kind}")
        self.layer, self.source, self.panels = layer, source, panels
        self.settings: ConvSettings = settings
        self.fires = fires
        m, n = layer.maps, n_places(panels)
        self.n_synapses = source.maps * layer.size**2
        shape = np.zeros(N_SHAPE, dtype=np.int64)
        shape[:] = (
            source.maps, source.width, layer.size, layer.padding, m, layer.width, n_bins,
            source.bits, layer.bits,
        )  # fmt: skip
        self.shape = shape
        self.weights = np.zeros((m, self.n_synapses), dtype=np.float32)
        self.theta = np.full(m, settings.threshold, dtype=np.float32)
        self.stack = np.zeros(self.n_synapses * m, dtype=np.int32)
        self.theta_quanta = np.zeros(m, dtype=np.int32)
        self.v = np.zeros(n * m, dtype=np.int32)
        n_in, n_seen = np.zeros((2, n), dtype=np.int32)
        time = np.zeros(n * m, dtype=np.uint8)
        hit = np.zeros(-(-m // 8) * 8, dtype=np.uint8)
        self.spikes = np.empty(batch * n * m + 1 if fires else 1, dtype=np.uint32)
        self._run = run_layer.bind(
            arrivals.starts, arrivals.indices, shape, panels, self.stack, self.theta_quanta,
            self.v, n_in, n_seen, time, hit, self.spikes,
        )  # fmt: skip
        self.early = np.zeros(self.n_synapses, dtype=np.uint8)
        self.rates = np.zeros(3, dtype=np.float32)
        self.winners = np.zeros(settings.winners, dtype=np.int32)
        self.candidates = np.zeros((n + 1, 5), dtype=np.int32)
        self.reached = np.zeros(2, dtype=np.int64)
        self._find = find_candidates.bind(
            arrivals.starts, arrivals.indices, shape, panels, self.stack, self.theta_quanta,
            self.v, n_in, n_seen, np.zeros(n, dtype=np.uint8), self.winners, self.candidates,
            self.reached,
        )  # fmt: skip
        self.mark_early = mark_early.bind(arrivals.starts, arrivals.indices, shape, self.early)
        self.update_map = update_map.bind(self.early, self.rates, shape, self.weights, self.stack)
        self._write_stack = write_stack.bind(shape, self.weights, self.stack)

    def set_weights(self, weights: np.ndarray) -> None:
        """Take new weights, float32 [maps, channels * k * k] from 0 to 1. Raises UsageError."""
        self._require("weights", weights, self.weights.shape, 1.0)
        self.weights[:] = weights
        self._write_stack()

    def set_theta(self, theta: np.ndarray) -> None:
        """Take new thresholds, float32 [maps], in units of weights. Raises UsageError."""
        self._require("theta", theta, self.theta.shape, MAX_THRESHOLD)
        self.theta[:] = theta
        self.theta_quanta[:] = np.ceil(self.theta.astype(np.float64) * ONE).astype(np.int64)
        lowest = int(self.theta_quanta.min())
        self.least = max(1, -(-lowest // int(ONE)))

    def _require(self, name: str, values: np.ndarray, shape: tuple[int, ...], most: float) -> None:
        """Raise UsageError unless quanta can hold the values."""
        is_right = values.shape == shape and bool(((values >= 0.0) & (values <= most)).all())
        if not is_right:
            limit = f"numbers from 0 to {most:g} of shape {shape}"
            raise UsageError(must_be(f"{self.layer.name}: {name}", limit, values, "Change them."))

    def run(self, image: int, n_before: int) -> int:
        """Run one image of the batch; append its spikes, return the new number."""
        least = self.least if self.fires else NEVER
        return self._run(image, int(self.settings.inhibition), least, n_before)

    def find_candidates(self, image: int, first_bin: int, is_stopping: bool, n_before: int) -> int:
        """Run one image of the batch as a layer that learns; see the kernel."""
        radius = self.settings.radius
        return self._find(image, first_bin, int(is_stopping), self.least, radius, n_before)


class PoolPart:
    """Places of a pooling layer on this rank."""

    def __init__(
        self,
        layer: Layer,
        source: Layer,
        panels: np.ndarray,
        arrivals: Arrivals,
        n_bins: int,
        batch: int,
    ) -> None:
        self.layer, self.source, self.panels = layer, source, panels
        n = n_places(panels) * layer.maps
        shape = np.zeros(N_SHAPE, dtype=np.int64)
        shape[:] = (
            source.maps, source.width, layer.size, layer.stride, layer.maps, layer.width, n_bins,
            source.bits, layer.bits,
        )  # fmt: skip
        self.shape = shape
        self.spikes = np.empty(batch * n + 1, dtype=np.uint32)
        self._run = run_pool.bind(
            arrivals.starts, arrivals.indices, shape, panels, np.zeros(n, dtype=np.uint8),
            np.zeros(n_bins + 1, dtype=np.int64), self.spikes,
        )  # fmt: skip

    def run(self, image: int, n_before: int) -> int:
        """Run one image of the batch; append its spikes, return the new number."""
        return self._run(image, n_before)
