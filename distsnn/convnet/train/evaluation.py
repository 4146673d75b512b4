"""Evaluation of a trained network on labelled images."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.convnet.classify.extraction import extract
from distsnn.convnet.classify.features import Features, chosen_columns
from distsnn.convnet.classify.svm import Classifier
from distsnn.convnet.engine.account import account_of, digest_of, run_report
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.images.image_set import ImageSet
from distsnn.convnet.machine import Machine
from distsnn.convnet.readout import parse_readouts
from distsnn.convnet.settings import SdnnSettings
from distsnn.convnet.train.progress import Progress
from distsnn.convnet.train.trained import Trained
from distsnn.errors import InputFileError


def network_of(trained: Trained, data: ImageSet, machine: Machine) -> ConvNetwork:
    """Return the network with its learned weights and thresholds. Collective. Raises InputFileError."""
    images = data.images
    if images.shape[1:] != trained.image_size:
        height, width = trained.image_size
        raise InputFileError(
            f"{data.source}: must be images of {height}x{width}, as trained, got "
            f"{images.shape[1]}x{images.shape[2]}. Name images of that size, or train with input.size."
        )
    network = ConvNetwork(trained.settings, images, machine)
    for part in network.convolutions:
        learned = trained.layers[part.layer.name]
        part.set_weights(learned["weights"])
        theta = learned["theta"]
        if part.settings.read_threshold > 0.0:
            theta = np.full_like(theta, part.settings.read_threshold)
        part.set_theta(theta)
    return network


def evaluate(
    trained: Trained, data: ImageSet, machine: Machine, progress: Progress
) -> dict[str, Any]:
    """Return the report on rank 0, {} elsewhere. Collective. data: classes as trained."""
    began = perf_counter()
    network = network_of(trained, data, machine)
    features = Features(network)
    ready = perf_counter()
    extracted = extract(network, machine, np.arange(len(data)), progress.counted("features"))
    seen = perf_counter()
    report: dict[str, Any] = {}
    if machine.is_root:
        readouts = scores(trained.settings, trained.classifiers, features, extracted.rows, data)
        done = perf_counter()
        report = {
            **run_report(network, machine, extracted.per_image),
            **next(iter(readouts.values())),
            "n_test": len(data),
            "seconds": done - began,
            "seconds_of": {
                "build": ready - began, "features": seen - ready, "classifiers": done - seen
            },
            "images_per_second": len(data) / max(1e-9, done - ready),
            "classes": list(trained.classes),
            "readouts": readouts,
            "source": data.source,
            "digest": digest_of(extracted.rows, extracted.per_image),
        }  # fmt: skip
        if extracted.counts is not None:
            report |= account_of(extracted.counts, network, len(data))
    network.close()
    return report


def scores(
    settings: SdnnSettings,
    classifiers: Mapping[str, Classifier],
    features: Features,
    rows: np.ndarray,
    data: ImageSet,
) -> dict[str, dict[str, Any]]:
    """Return accuracy and confusion of each read-out. rows: int16 [images, columns], of ``data``."""
    columns = {
        name: chosen_columns(features, rows, blocks)[0]
        for name, blocks in parse_readouts(settings).items()
    }
    return {name: score(classifiers[name].classes(own), data) for name, own in columns.items()}


def score(predicted: np.ndarray, data: ImageSet) -> dict[str, Any]:
    """Return accuracy in percent and the confusion, rows: true class, columns: predicted class."""
    n = len(data.classes)
    confusion = np.zeros((n, n), dtype=np.int64)
    # confusion[true class, predicted class]
    np.add.at(confusion, (data.labels, predicted), 1)
    accuracy = 100.0 * float(np.trace(confusion)) / max(1, len(data))
    return {"accuracy": accuracy, "confusion": confusion.tolist()}
