"""Trains a liquid's read-out, and the two that it has to be compared with."""

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
from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.parameters import Preset, ReadoutTimes
from distsnn.liquid.respond import Progress, Responses, input_features, respond
from distsnn.liquid.saved.digests import digests_of_stimuli
from distsnn.simulation import Settings

BASELINE_TIMES = (3, 5, 8, 12)


@dataclass(frozen=True)
class Trained:
    """A read-out and how well it does on recordings that it was not trained on."""

    name: str
    readout: Readout
    times: ReadoutTimes
    alpha: float
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Training:
    """All that a training gives, on rank 0.

    trained_on: uint64 [2, recordings], digests of the stimuli, without copies, and of the spikes that
    the liquid answered with.
    """

    liquid: Trained
    without_recurrence: Trained | None
    without_liquid: Trained
    responses: Responses
    labels: np.ndarray
    classes: tuple[str, ...]
    seconds: float
    trained_on: np.ndarray


def train(
    samples: Samples,
    stimuli: Sequence[LineSpikes],
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

    stimuli: of all recordings, and perhaps of moved copies of all, copy after copy.
    kind: of the read-out that is kept (the scores are always those of ridge). compare: also train
    with recurrent weights at zero. Every regularisation is chosen on training recordings only.
    """
    began = perf_counter()
    done = respond(liquid, preset, stimuli, settings, comm, replicas, progress, "liquid")
    silent = None
    if compare:
        bare = replace(liquid, column=replace(liquid.column, recurrence=0.0))
        silent = respond(bare, preset, stimuli, settings, comm, replicas, progress, "no recurrence")
    if comm.rank != 0 or done is None:
        return None
    classes = tuple(samples.classes)
    labels = np.array([classes.index(item.label) for item in samples.items])
    found = divisions(samples)
    n = len(classes)
    main = _trained("liquid", done.features, labels, n, found, preset.times, kind, progress)
    zero = None
    if silent is not None:
        zero = _trained(
            "no recurrence", silent.features, labels, n, found, preset.times, kind, progress
        )
    plain = best_without_liquid(stimuli, liquid.n_lines, preset, labels, n, found, progress)
    seconds = perf_counter() - began
    heard = done.spike_digests[: labels.size]
    trained_on = np.stack([digests_of_stimuli(stimuli[: labels.size]), heard])
    return Training(main, zero, plain, done, labels, classes, seconds, trained_on)


def _trained(
    name: str,
    features: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    found: list[Division],
    times: ReadoutTimes,
    kind: str = "ridge",
    progress: Progress | None = None,
) -> Trained:
    gram = gram_matrix(features)
    n_groups = sum(len(division.names) for division in found)
    n_done = count()

    def after_group() -> None:
        if progress is not None:
            progress(f"read-out of {name}", next(n_done), n_groups)

    after_group()
    scores = [score(gram, labels, n_classes, division, after_group) for division in found]
    alpha = alpha_for_all(gram, labels, n_classes, found)
    n_copies = copies_of(gram, labels)
    everyone = np.tile(labels, n_copies)
    if kind == "ridge":
        readout = fit_ridge(features, gram, everyone, n_classes, alpha * n_copies)
    else:
        readout = fit_sklearn(kind, features, everyone, n_classes, 1.0 / (alpha * n_copies))
    return Trained(name, readout, times, alpha, tuple(scores))


def best_without_liquid(
    stimuli: Sequence[LineSpikes],
    n_lines: int,
    preset: Preset,
    labels: np.ndarray,
    n_classes: int,
    found: list[Division],
    progress: Progress | None = None,
) -> Trained:
    """Return the read-out of the input lines that does best, tuned over its own times.

    The times are chosen on the very recordings that it is scored with, which favours it slightly.
    """
    options = [replace(preset.times, kind="hats", n=n) for n in BASELINE_TIMES]
    options.append(preset.times)
    shares = []
    everyone = np.arange(labels.size)
    plain = stimuli[: labels.size]
    for k, times in enumerate(options):
        if progress is not None:
            progress("times for the input", k, len(options))
        gram = gram_matrix(input_features(plain, n_lines, times, preset))
        each = [choose_alpha(gram, labels, n_classes, one.group, everyone)[1] for one in found]
        shares.append(float(np.mean(each)))
    times = options[int(np.argmax(shares))]
    features = input_features(stimuli, n_lines, times, preset)
    return _trained("input", features, labels, n_classes, found, times, progress=progress)
