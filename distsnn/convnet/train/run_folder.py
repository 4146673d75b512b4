"""A training on disk, in pieces: what is in its folder, and the arrays of each piece.

settings.json    settings of the network, digests of the images
layer-NAME.npz   a layer that has learned; layer-NAME.part.npz one that is learning
features/N.npz   features of a block of training images; removed after the classifiers are fitted
svm-NAME.npz     the classifier of a read-out
report.json      report of the training
eval.json        report of the last evaluation
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.chip import Chip
from distsnn.convnet.checks import MAX_PIXELS, MAX_THRESHOLD
from distsnn.convnet.classify.features import cell_of_position
from distsnn.convnet.classify.svm import Classifier, padded_columns
from distsnn.convnet.engine.layers import build_layers
from distsnn.convnet.filters import input_filters
from distsnn.convnet.readout import Block, all_blocks, parse_readouts
from distsnn.convnet.settings import SdnnSettings
from distsnn.input_files.limits import refused
from distsnn.kernels.conv.svm import N_NUMBERS
from distsnn.outputs import SDNN, OutputFolder
from distsnn.storage import Column, PieceFolder

Arrays = dict[str, np.ndarray]
ABOUT = {"settings", "classes", "image_size", "n_images", "images", "held_out", "chip"}


class RunFolder(PieceFolder):
    """The folder of one training."""

    def __init__(
        self, path: Path, restart: bool = False, claimed: OutputFolder | None = None
    ) -> None:
        super().__init__(path, SDNN, restart, claimed)

    def require_about(self, path: Path, about: Mapping[str, Any]) -> None:
        """Raise InputFileError unless settings.json is that of a training."""
        remedy = "Name a folder made by sdnn train, or train again with --restart."
        if set(about) != ABOUT:
            limit = f"settings of sdnn train: {', '.join(sorted(ABOUT))}"
            raise refused(path, limit, ", ".join(sorted(about)), remedy)
        if not isinstance(about["settings"], dict):
            raise refused(path, "settings of sdnn train", about["settings"], remedy)
        classes, size = about["classes"], about["image_size"]
        is_named = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
        if not is_named or len(classes) < 2 or len(set(classes)) != len(classes):
            raise refused(path, "settings with two or more classes", classes, remedy)
        is_sized = isinstance(size, list) and len(size) == 2 and all(type(n) is int for n in size)
        if not is_sized or not all(1 <= n <= MAX_PIXELS for n in size):
            raise refused(path, "settings with image_size [height, width]", size, remedy)


class Pieces:
    """Reads the pieces of a training; the shapes of their arrays follow from its settings.

    n_classes: of the images. chip: of the counters, None for any. Every method raises InputFileError.
    """

    def __init__(
        self,
        folder: RunFolder,
        settings: SdnnSettings,
        image_size: tuple[int, int],
        n_classes: int,
        chip: Chip | None = None,
    ) -> None:
        n_channels = input_filters(settings.input).shape[0]
        layers = build_layers(settings, *image_size, n_channels)
        self._layers = {layer.name: layer for layer in layers}
        self._folder, self._settings, self._n_classes = folder, settings, n_classes
        fabrics, cores = (None, None) if chip is None else (chip.n_fabrics, chip.n_cores)
        self._counts = {
            "links": Column(np.int64, (fabrics, 4, cores), 0),
            "per_core": Column(np.int64, (4, cores), 0),
            "numbers": Column(np.int64, (2,)), "spikes": Column(np.uint64, (1,)),
        }  # fmt: skip

    def layer(self, name: str, suffix: str = "") -> Arrays:
        """Return the state of a layer that has learned; suffix .part: of one that is learning."""
        layer = self._layers[name]
        n_synapses = layer.synapses_per_neuron(self._layers[layer.source])
        columns = {
            "weights": Column(np.float32, (layer.n_maps, n_synapses), 0.0, 1.0),
            "theta": Column(np.float32, (layer.n_maps,), 0.0, MAX_THRESHOLD),
            "n_shown": Column(np.int64, (1,), 0), "a_plus": Column(np.float32, (1,), 0.0, 1.0),
            "curve": Column(np.float64, (None, 2), 0.0), "wins": Column(np.int64, (layer.n_maps,), 0),
        }  # fmt: skip
        return self._folder.load(f"layer-{name}{suffix}.npz", columns, self._counts)

    def kept_layer(self, name: str) -> Arrays | None:
        """Return the state of a layer as far as it has learned, None if it has not begun."""
        for suffix in ("", ".part"):
            if self._folder.has(f"layer-{name}{suffix}.npz"):
                return self.layer(name, suffix)
        return None

    def kept_features(self, n_images: int, per_block: int) -> dict[int, Arrays]:
        """Return the features that exist, by number of the block of images."""
        n_columns = sum(self._n_columns(block) for block in all_blocks(self._settings))
        kept = {}
        for number in range(-(-n_images // per_block)):
            if self._folder.has(features_name(number)):
                n = min(per_block, n_images - number * per_block)  # the last one may be shorter
                columns = {
                    "rows": Column(np.int16, (n, n_columns)), **self._counts,
                    "per_image": Column(np.int64, (n, len(self._layers) - 1, 3), 0),
                }  # fmt: skip
                kept[number] = self._folder.load(features_name(number), columns)
        return kept

    def classifier(self, name: str) -> Classifier:
        """Return the classifier of a read-out."""
        n = sum(map(self._n_columns, parse_readouts(self._settings)[name]))
        columns = {
            "u": Column(np.float32, (self._n_classes, padded_columns(n))),
            "of_class": Column(np.float64, (self._n_classes, N_NUMBERS)),
            "numbers": Column(np.int64, (2,), 0),
        }
        return Classifier.from_arrays(self._folder.load(f"svm-{name}.npz", columns))

    def kept_classifiers(self) -> dict[str, Classifier]:
        """Return the classifiers that exist, by read-out."""
        names = self._settings.readouts
        return {
            name: self.classifier(name) for name in names if self._folder.has(f"svm-{name}.npz")
        }

    def _n_columns(self, block: Block) -> int:
        layer = self._layers[block.layer]
        return cell_of_position(layer, block)[1] * layer.n_maps


def features_name(number: int) -> str:
    """Return the name of the piece with the features of a block of images."""
    return f"features/{number:05}.npz"
