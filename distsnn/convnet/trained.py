"""A trained network as it lies in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.convnet import svm
from distsnn.convnet.readout import parse_readouts
from distsnn.convnet.run_folder import RunFolder
from distsnn.convnet.settings import ConvSettings, SdnnSettings
from distsnn.errors import InputFileError


@dataclass(frozen=True)
class Trained:
    """settings; image_size: height, width; layers: arrays by layer; classifiers by read-out.

    report, evaluation: of the training and of the last evaluation, {} without one.
    """

    settings: SdnnSettings
    classes: tuple[str, ...]
    image_size: tuple[int, int]
    layers: dict[str, dict[str, np.ndarray]]
    classifiers: dict[str, svm.Classifier]
    report: dict[str, Any]
    evaluation: dict[str, Any]


def load_trained(path: Path) -> Trained:
    """Return what ``sdnn train`` has left in a folder. Raises InputFileError."""
    folder = RunFolder(path)
    about = folder.about()
    settings = SdnnSettings.from_dict(about["settings"], f"{path}/settings.json")
    if not folder.has("report.json"):
        raise InputFileError(
            f"{path}: holds a training that is not finished, limit finished ones. "
            "Give the same sdnn train command again: it goes on from its last piece."
        )
    names = [layer.name for layer in settings.layers if isinstance(layer, ConvSettings)]
    classifiers = {
        name: svm.Classifier.from_arrays(folder.load(f"svm-{name}.npz"))
        for name in parse_readouts(settings)
    }
    height, width = about["image_size"]
    return Trained(
        settings,
        tuple(about["classes"]),
        (int(height), int(width)),
        {name: folder.load(f"layer-{name}.npz") for name in names},
        classifiers,
        folder.read_json("report.json"),
        folder.read_json("eval.json") if folder.has("eval.json") else {},
    )
