"""Checks of the pieces of a training when they are read: shapes, types and ranges.

Compiled code does not check the arrays that it is given, so all that is read is checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from distsnn.chip import Chip
from distsnn.convnet.checks import MAX_PIXELS, MAX_THRESHOLD
from distsnn.convnet.classify.features import cell_of_position
from distsnn.convnet.classify.svm import padded_columns
from distsnn.convnet.engine.layers import Layer, build_layers
from distsnn.convnet.filters import input_filters
from distsnn.convnet.readout import Block, parse_readouts
from distsnn.convnet.settings import SdnnSettings
from distsnn.input_files.limits import refused
from distsnn.kernels.conv.svm import N_NUMBERS

AGAIN = "Remove it and give the same sdnn train command again."


class Column(NamedTuple):
    """An array: its type, its shape (None: any size), and the range of its numbers."""

    dtype: Any
    shape: tuple[int | None, ...]
    low: float = -np.inf
    high: float = np.inf


COUNTS = {
    "links": Column(np.int64, (None, 4, None), 0), "per_core": Column(np.int64, (4, None), 0),
    "numbers": Column(np.int64, (2,)), "spikes": Column(np.uint64, (1,)),
}  # fmt: skip


def require(path: Path, arrays: Mapping[str, np.ndarray], columns: Mapping[str, Column]) -> None:
    """Raise InputFileError unless the arrays are those of ``columns``, finite and in their ranges."""
    if set(arrays) != set(columns):
        limit = f"a file of {', '.join(sorted(columns))}"
        raise refused(path, limit, ", ".join(sorted(arrays)) or "nothing", AGAIN)
    for name, column in columns.items():
        values = arrays[name]
        is_shaped = values.ndim == len(column.shape) and all(
            n in (None, size) for n, size in zip(column.shape, values.shape, strict=True)
        )
        if values.dtype != column.dtype or not is_shaped:
            sizes = " x ".join("n" if n is None else str(n) for n in column.shape)
            limit = f"a file with {name} of {np.dtype(column.dtype)}, {sizes}"
            raise refused(path, limit, f"{values.dtype} of shape {values.shape}", AGAIN)
        # Comparisons with not-a-number are False.
        is_inside = (values >= column.low) & (values <= column.high)  # False for not-a-number
        if values.dtype.kind == "f":
            is_inside &= np.isfinite(values)
        if not is_inside.all():
            limit = f"a file with {name} of finite numbers from {column.low:g} to {column.high:g}"
            raise refused(path, limit, values[~is_inside][0], AGAIN)


def require_about(path: Path, about: Mapping[str, Any]) -> None:
    """Raise InputFileError unless settings.json is that of a training."""
    remedy = "Name a folder made by sdnn train, or train again with --restart."
    names = {"settings", "classes", "image_size", "n_images", "images", "held_out", "chip"}
    if set(about) != names:
        limit = f"settings of sdnn train: {', '.join(sorted(names))}"
        raise refused(path, limit, ", ".join(sorted(about)), remedy)
    if not isinstance(about["settings"], dict):
        raise refused(path, "settings of sdnn train", about["settings"], remedy)
    classes, size = about["classes"], about["image_size"]
    is_named = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    if not is_named or len(classes) < 2 or len(set(classes)) != len(classes):
        raise refused(path, "settings with two or more classes", about["classes"], remedy)
    is_sized = isinstance(size, list) and len(size) == 2 and all(type(n) is int for n in size)
    if not is_sized or not all(1 <= n <= MAX_PIXELS for n in size):
        raise refused(path, "settings with image_size [height, width]", about["image_size"], remedy)


class Shapes:
    """The shapes of the pieces of a training, derived from its settings."""

    def __init__(self, settings: SdnnSettings, height: int, width: int, n_classes: int) -> None:
        n_channels = input_filters(settings.input).shape[0]
        layers = build_layers(settings, height, width, n_channels)
        self._layers = {layer.name: layer for layer in layers}
        self._readouts = parse_readouts(settings)
        self._n_classes = n_classes

    def layer(self, path: Path, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Raise InputFileError unless these are the arrays of a layer that learns."""
        layer = self._layers[name]
        n_synapses = layer.synapses_per_neuron(self._layers[layer.source])
        columns = {
            "weights": Column(np.float32, (layer.n_maps, n_synapses), 0.0, 1.0),
            "theta": Column(np.float32, (layer.n_maps,), 0.0, MAX_THRESHOLD),
            "n_shown": Column(np.int64, (1,), 0), "a_plus": Column(np.float32, (1,), 0.0, 1.0),
            "curve": Column(np.float64, (None, 2), 0.0), "wins": Column(np.int64, (layer.n_maps,), 0),
        }  # fmt: skip
        require(path, arrays, columns | (COUNTS if "links" in arrays else {}))
        if "links" in arrays and arrays["links"].shape[2] != arrays["per_core"].shape[1]:
            raise refused(path, "a file of counts on one chip", "two numbers of cores", AGAIN)

    def classifier(self, path: Path, name: str, arrays: Mapping[str, np.ndarray]) -> None:
        """Raise InputFileError unless these are the arrays of a read-out's classifier."""
        n = sum(_n_columns(self._layers[block.layer], block) for block in self._readouts[name])
        columns = {
            "u": Column(np.float32, (self._n_classes, padded_columns(n))),
            "of_class": Column(np.float64, (self._n_classes, N_NUMBERS)),
            "numbers": Column(np.int64, (2,), 0),
        }
        require(path, arrays, columns)


def _n_columns(layer: Layer, block: Block) -> int:
    return cell_of_position(layer, block)[1] * layer.n_maps


def require_features(
    path: Path, arrays: Mapping[str, np.ndarray], n_images: int, n_columns: int, n_connections: int
) -> None:
    """Raise InputFileError unless these are the features of a block of images."""
    columns = {
        "rows": Column(np.int16, (n_images, n_columns)),
        "per_image": Column(np.int64, (n_images, n_connections, 3), 0), **COUNTS,
    }  # fmt: skip
    require(path, arrays, columns)


def require_same_chip(path: Path, arrays: Mapping[str, np.ndarray], chip: Chip) -> None:
    """Raise InputFileError unless counts are of this run's chip."""
    shape = chip.n_fabrics, chip.n_cores
    if "links" in arrays and arrays["links"].shape[::2] != shape:
        fabrics, cores = arrays["links"].shape[::2]
        limit = f"a file of counts of {shape[0]} fabrics and {shape[1]} cores, as this chip has"
        raise refused(path, limit, f"{fabrics} and {cores}", AGAIN)


def require_finished(path: Path, is_finished: bool) -> None:
    """Raise InputFileError unless a training has ended."""
    if not is_finished:
        remedy = "Give the same sdnn train command again: it goes on from its last piece."
        raise refused(path, "a folder of a finished training", "one that is not finished", remedy)
