"""A trained network, read from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.convnet.classify import svm
from distsnn.convnet.presets import settings_in
from distsnn.convnet.readout import parse_readouts
from distsnn.convnet.settings import ConvSettings, SdnnSettings
from distsnn.convnet.train.run_folder import RunFolder
from distsnn.convnet.train.run_pieces import Shapes, require_finished
from distsnn.input_files.limits import as_path


@dataclass(frozen=True)
class Trained:
    """A trained network. image_size: height, width; layers: arrays by layer; classifiers by read-out.

    report, evaluation: of the training and of the last evaluation, {} without one.
    """

    settings: SdnnSettings
    classes: tuple[str, ...]
    image_size: tuple[int, int]
    layers: dict[str, dict[str, np.ndarray]]
    classifiers: dict[str, svm.Classifier]
    report: dict[str, Any]
    evaluation: dict[str, Any]


def load_trained(path: str | Path) -> Trained:
    """Return the network that ``sdnn train`` has written to a folder. Raises InputFileError."""
    path = as_path(path)
    folder = RunFolder(path)
    about = folder.about()
    # Settings first: the shapes of all arrays follow from them.
    settings = settings_in(path / "settings.json", about["settings"])
    require_finished(path, folder.has("report.json"))
    height, width = about["image_size"]
    shapes = Shapes(settings, height, width, len(about["classes"]))
    layers, classifiers = {}, {}
    for layer in settings.layers:
        if isinstance(layer, ConvSettings):
            piece = f"layer-{layer.name}.npz"
            layers[layer.name] = folder.load(piece)
            shapes.layer(path / piece, layer.name, layers[layer.name])
    for name in parse_readouts(settings):
        piece = f"svm-{name}.npz"
        arrays = folder.load(piece)
        shapes.classifier(path / piece, name, arrays)
        classifiers[name] = svm.Classifier.from_arrays(arrays)
    return Trained(
        settings, tuple(about["classes"]), (height, width), layers, classifiers,
        folder.read_json("report.json"),
        folder.read_json("eval.json") if folder.has("eval.json") else {},
    )  # fmt: skip
