"""Trains the read-out of a liquid and the two that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.classify.protocols import (
    Division,
    Score,
    alpha_for_all,
    choose_alpha,
    copies_of,
    divisions,
    score,
)
from distsnn.liquid.classify.readout import Readout, fit_ridge, fit_sklearn, gram_matrix
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.inputs.encoding import Progress
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.liquid import Liquid, without_recurrence
from distsnn.liquid.parameters import Preset, ReadoutTimes
from distsnn.liquid.respond import Responses, respond
from distsnn.liquid.saved.digests import digests_of_stimuli
from distsnn.liquid.states import input_features
from distsnn.simulation import Settings

BASELINE_TIMES = (3, 5, 8, 12)  # numbers of triangular windows
NO_RECURRENCE = "no recurrence"


@dataclass(frozen=True)
class Trained:
    """A read-out, and its scores on recordings that it was not trained on."""

    name: str
    readout: Readout
    times: ReadoutTimes
    alpha: float
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Training:
    """Result of a training, on rank 0.

    trained_on: uint64 [2, recordings], digests of the stimuli, without copies, and of the liquid's
    spikes in response.
    """

    liquid: Trained
    without_recurrence: Trained | None
    without_liquid: Trained
    responses: Responses
    labels: np.ndarray
    classes: tuple[str, ...]
    seconds: float
    trained_on: np.ndarray


@dataclass(frozen=True)
class Labelled:
    """The class of each recording, int64 [recordings], and the divisions for cross-validation."""

    labels: np.ndarray
    n_classes: int
    divisions: list[Division]


def train(
    samples: Samples,
    stimuli: Sequence[InputSpikes],
    liquid: Liquid,
    preset: Preset,
    settings: Settings,
    comm: Comm,
    *,
    replicas: int = 1,
    kind: str = "ridge",
    compare: bool = True,
    progress: Progress | None = None,
) -> Training | None:
    """Play everything, train, and score; return it on rank 0 (else None). Collective.

    stimuli: of all recordings, then of their moved copies, if any, copy after copy. kind: of the
    read-out that is kept; scores are always those of ridge. compare: also train with recurrent
    weights at zero. Every regularisation is chosen on training recordings only.
    """
    began = perf_counter()
    responses = respond(liquid, preset, stimuli, settings, comm, replicas, progress, "liquid")
    bare = None
    if compare:
        bare = respond(
            without_recurrence(liquid), preset, stimuli, settings, comm, replicas, progress,
            NO_RECURRENCE,
        )  # fmt: skip
    if comm.rank != 0 or responses is None:
        return None
    classes = tuple(samples.classes)
    labels = np.array([classes.index(item.label) for item in samples.items])
    data = Labelled(labels, len(classes), divisions(samples))
    return Training(
        _trained("liquid", responses.features, data, preset.times, kind, progress),
        _trained(NO_RECURRENCE, bare.features, data, preset.times, kind, progress) if bare else None,
        best_without_liquid(stimuli, liquid.n_channels, preset, data, progress),
        responses, labels, classes, perf_counter() - began,
        np.stack([digests_of_stimuli(stimuli[: labels.size]), responses.spike_digests[: labels.size]]),
    )  # fmt: skip


def _trained(
    name: str,
    features: np.ndarray,
    data: Labelled,
    times: ReadoutTimes,
    kind: str,
    progress: Progress | None,
) -> Trained:
    # All scores need inner products only, which are computed once.
    gram = gram_matrix(features)
    n_groups = sum(len(division.names) for division in data.divisions)
    n_done = count()

    def after_group() -> None:
        if progress is not None:
            progress(f"read-out of {name}", next(n_done), n_groups)

    after_group()
    labels, n = data.labels, data.n_classes
    scores = [score(gram, labels, n, division, after_group) for division in data.divisions]
    # The read-out that is kept is trained on all recordings and copies.
    alpha = alpha_for_all(gram, labels, n, data.divisions)
    n_copies = copies_of(gram, labels)
    with_copies = np.tile(labels, n_copies)
    if kind == "ridge":
        readout = fit_ridge(features, gram, with_copies, n, alpha * n_copies)
    else:
        readout = fit_sklearn(kind, features, with_copies, n, 1.0 / (alpha * n_copies))
    return Trained(name, readout, times, alpha, tuple(scores))


def best_without_liquid(
    stimuli: Sequence[InputSpikes],
    n_channels: int,
    preset: Preset,
    data: Labelled,
    progress: Progress | None = None,
) -> Trained:
    """Return the best read-out of the input channels over several sets of read-out times.

    The times are chosen on the recordings that it is scored with, a slight advantage for it.
    """
    # Baseline: triangular windows of several numbers, and the times of the liquid.
    options = [replace(preset.times, kind="triangular", n=n) for n in BASELINE_TIMES]
    options.append(preset.times)
    labels, n = data.labels, data.n_classes
    everyone = np.arange(labels.size)
    shares = []
    for k, times in enumerate(options):
        if progress is not None:
            progress("times for the input", k, len(options))
        gram = gram_matrix(input_features(stimuli[: labels.size], n_channels, times, preset))
        of_divisions = [
            choose_alpha(gram, labels, n, division.group, everyone)[1]
            for division in data.divisions
        ]
        # Mean share right over the divisions.
        shares.append(float(np.mean(of_divisions)))
    times = options[int(np.argmax(shares))]
    features = input_features(stimuli, n_channels, times, preset)
    return _trained("input", features, data, times, "ridge", progress)
