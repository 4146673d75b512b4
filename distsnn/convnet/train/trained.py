"""A trained network, read from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.convnet.classify import svm
from distsnn.convnet.presets import settings_in
from distsnn.convnet.settings import ConvSettings, SdnnSettings
from distsnn.convnet.train.run_folder import Pieces, RunFolder
from distsnn.input_files.limits import as_path, refused


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
    if not folder.has("report.json"):
        remedy = "Give the same sdnn train command again: it goes on from its last piece."
        raise refused(path, "a folder of a finished training", "one that is not finished", remedy)
    height, width = about["image_size"]
    pieces = Pieces(folder, settings, (height, width), len(about["classes"]))
    convolutions = [layer for layer in settings.layers if isinstance(layer, ConvSettings)]
    return Trained(
        settings, tuple(about["classes"]), (height, width),
        {layer.name: pieces.layer(layer.name) for layer in convolutions},
        {name: pieces.classifier(name) for name in settings.readouts},
        folder.read_json("report.json"),
        folder.read_json("eval.json") if folder.has("eval.json") else {},
    )  # fmt: skip
