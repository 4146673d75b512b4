"""A rank's part of each layer: arrays, and the kernels bound to them."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.convnet.checks import MAX_THRESHOLD
from distsnn.convnet.engine.layers import Layer
from distsnn.convnet.engine.plan import n_positions
from distsnn.convnet.filters import input_filters
from distsnn.convnet.settings import ConvSettings, InputSettings
from distsnn.errors import UsageError
from distsnn.kernels.conv.input import EDGE, INVERSE, LINEAR, N_RADIX, RANK, ZERO, encode
from distsnn.kernels.conv.layer import N_SHAPE, run_layer
from distsnn.kernels.conv.learn import (
    ONE,
    find_candidates,
    mark_pre_before_post,
    update_map,
    write_bank,
)
from distsnn.kernels.conv.pool import run_pool

NEVER = 1 << 30  # more input spikes than a neuron gets
CODES = {"rank": RANK, "linear": LINEAR, "inverse": INVERSE}
BORDERS = {"zero": ZERO, "edge": EDGE}


class InputPart:
    """Turns images into spikes.

    images: uint8 [images, height * width]. max_images: largest number of images whose spikes
    are appended to ``spikes`` before they are sent.
    """

    def __init__(
        self, settings: InputSettings, layer: Layer, images: np.ndarray, max_images: int
    ) -> None:
        self.layer, self.images = layer, images
        n_pixels, size = layer.n_positions, settings.filter_size
        shape = [
            layer.height, layer.width, size, BORDERS[settings.border], settings.bins,
            CODES[settings.code], settings.normalise_radius,
        ]  # fmt: skip
        self.spikes = np.empty(max_images * layer.n_neurons + 1, dtype=np.uint32)
        n_padded = (layer.height + size - 1) * (layer.width + size - 1)
        self._encode = encode.bind(
            images,
            np.array(shape, dtype=np.int64),
            np.array([settings.threshold], dtype=np.float32),
            input_filters(settings),
            np.empty(n_padded, dtype=np.float32),
            np.empty((layer.n_maps, n_pixels), dtype=np.float32),  # responses
            np.empty(n_pixels, dtype=np.float32),  # sums along rows
            np.empty((2, layer.n_neurons), dtype=np.uint32),  # keys that are sorted
            np.empty((2, layer.n_neurons), dtype=np.uint32),  # and their neurons
            np.empty(N_RADIX, dtype=np.int64),
            self.spikes,
        )

    def run(self, image: int, image_in_batch: int, n_before: int) -> int:
        """Append the spikes of one image; return the new number."""
        return self._encode(image, image_in_batch, self.layer.bits, n_before)


class Arrivals:
    """Spikes that reach this rank's part of a layer, by image of the batch and bin.

    indices[starts[s] : starts[s + 1]], s = image * n_bins + bin: uint32, neurons of ``source``.
    """

    def __init__(self, source: Layer, batch: int, n_bins: int) -> None:
        self.source, self.batch, self.n_bins = source, batch, n_bins
        self.starts = np.zeros(batch * n_bins + 2, dtype=np.int64)
        self.indices = np.empty(batch * source.n_neurons, dtype=np.uint32)


def _shape(layer: Layer, arrivals: Arrivals, offset: int) -> np.ndarray:
    """Return a layer's shape as its kernels read it, int64. offset: padding or stride."""
    source = arrivals.source
    shape = np.zeros(N_SHAPE, dtype=np.int64)
    shape[:] = (
        source.n_maps, source.width, layer.size, offset, layer.n_maps, layer.width,
        arrivals.n_bins, source.bits, layer.bits,
    )  # fmt: skip
    return shape


class ConvPart:
    """Positions of a convolution layer on this rank; every rank has a copy of the kernels.

    weights: float32 [maps, channels * k * k], the master copy; theta: float32 [maps]. ``set_theta``
    and ``set_weights`` derive what the compiled code reads: ``bank`` and ``theta_quanta``, in quanta.
    panels: see ``own_panels``. fires: whether another layer takes its spikes.
    """

    def __init__(self, layer: Layer, panels: np.ndarray, arrivals: Arrivals, fires: bool) -> None:
        if layer.settings is None:
            limit = "the settings of a convolution"
            raise UsageError(must_be(f"layer {layer.name}: settings", limit, None, "Give them."))
        self.layer, self.panels, self.fires = layer, panels, fires
        self.settings: ConvSettings = layer.settings
        m, n = layer.n_maps, n_positions(panels)
        self.n_synapses = arrivals.source.n_maps * layer.size**2
        self.shape = _shape(layer, arrivals, layer.padding)
        self.weights = np.zeros((m, self.n_synapses), dtype=np.float32)
        self.theta = np.zeros(m, dtype=np.float32)
        self.bank = np.zeros(self.n_synapses * m, dtype=np.int32)
        self.theta_quanta = np.zeros(m, dtype=np.int32)
        # Membrane potentials in quanta of 2^-16, positions x maps, maps fastest.
        self.v = np.zeros(n * m, dtype=np.int32)
        self.spikes = np.empty(arrivals.batch * n * m + 1 if fires else 1, dtype=np.uint32)
        self._write_bank = write_bank.bind(self.shape, self.weights, self.bank)
        # Input spikes of each position: all, and those at its last comparison with the threshold.
        n_in, n_seen = np.zeros((2, n), dtype=np.int32)
        neurons = (self.shape, panels, self.bank, self.theta_quanta, self.v, n_in, n_seen)
        time = np.zeros(n * m, dtype=np.uint8)
        hit = np.zeros(-(-m // 8) * 8, dtype=np.uint8)  # whole words of 8 flags
        arrived = (arrivals.starts, arrivals.indices)
        self._run = run_layer.bind(*arrived, *neurons, time, hit, self.spikes)
        self._bind_learning(arrived, neurons)
        self.set_theta(np.full(m, self.settings.threshold, dtype=np.float32))

    def _bind_learning(
        self, arrived: tuple[np.ndarray, ...], neurons: tuple[np.ndarray, ...]
    ) -> None:
        """Allocate the arrays of learning and bind its kernels."""
        n = n_positions(self.panels)
        self.pre_before_post = np.zeros(self.n_synapses, dtype=np.uint8)
        self.rates = np.zeros(3, dtype=np.float32)  # a_plus, a_minus, weight_edge
        self.winners = np.zeros(self.settings.winners, dtype=np.int32)
        self.candidates = np.zeros((n + 1, 5), dtype=np.int32)
        self.reached = np.zeros(2, dtype=np.int64)  # bin after the last one, own winners
        inhibited = np.zeros(n, dtype=np.uint8)
        chosen = (self.winners, self.candidates, self.reached)
        self._find = find_candidates.bind(*arrived, *neurons, inhibited, *chosen)
        mask = self.pre_before_post
        self.mark_pre_before_post = mark_pre_before_post.bind(*arrived, self.shape, mask)
        self.update_map = update_map.bind(mask, self.rates, self.shape, self.weights, self.bank)

    def set_weights(self, weights: np.ndarray) -> None:
        """Take new weights, float32 [maps, channels * k * k] from 0 to 1. Raises UsageError."""
        self._require("weights", weights, self.weights.shape, 1.0)
        self.weights[:] = weights
        self._write_bank()

    def set_theta(self, theta: np.ndarray) -> None:
        """Take new thresholds, float32 [maps], in units of weights. Raises UsageError."""
        self._require("theta", theta, self.theta.shape, MAX_THRESHOLD)
        self.theta[:] = theta
        # V >= theta in whole quanta.
        self.theta_quanta[:] = np.ceil(self.theta.astype(np.float64) * ONE).astype(np.int64)
        # A weight is at most 1: fewer input spikes than the lowest threshold make no neuron fire.
        lowest = int(self.theta_quanta.min())
        self.min_inputs = max(1, -(-lowest // int(ONE)))

    def _require(self, name: str, values: np.ndarray, shape: tuple[int, ...], high: float) -> None:
        """Raise UsageError unless quanta can hold the values."""
        is_right = values.shape == shape and bool(((values >= 0.0) & (values <= high)).all())
        if not is_right:
            limit = f"numbers from 0 to {high:g} of shape {shape}"
            raise UsageError(must_be(f"{self.layer.name}: {name}", limit, values, "Change them."))

    def run(self, image: int, n_before: int) -> int:
        """Run one image of the batch; append its spikes, return the new number."""
        min_inputs = self.min_inputs if self.fires else NEVER
        return self._run(image, int(self.settings.inhibition), min_inputs, n_before)

    def find_candidates(self, image: int, first_bin: int, is_stopping: bool, n_before: int) -> int:
        """Run one image of the batch as a layer that learns; see the kernel."""
        radius, min_inputs = self.settings.radius, self.min_inputs
        return self._find(image, first_bin, int(is_stopping), min_inputs, radius, n_before)


class PoolPart:
    """Positions of a pooling layer on this rank."""

    def __init__(self, layer: Layer, panels: np.ndarray, arrivals: Arrivals) -> None:
        self.layer, self.panels = layer, panels
        n, n_bins = n_positions(panels) * layer.n_maps, arrivals.n_bins
        self.shape = _shape(layer, arrivals, layer.stride)
        self.spikes = np.empty(arrivals.batch * n + 1, dtype=np.uint32)
        self._run = run_pool.bind(
            arrivals.starts, arrivals.indices, self.shape, panels, np.zeros(n, dtype=np.uint8),
            np.zeros(n_bins + 1, dtype=np.int64), self.spikes,
        )  # fmt: skip

    def run(self, image: int, n_before: int) -> int:
        """Run one image of the batch; append its spikes, return the new number."""
        return self._run(image, n_before)
