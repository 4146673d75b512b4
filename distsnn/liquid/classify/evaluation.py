"""Evaluates a trained liquid on other recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from distsnn.comm import Comm
from distsnn.errors import InputFileError
from distsnn.liquid.classify.protocols import confusion_of
from distsnn.liquid.classify.training import NO_RECURRENCE
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.inputs.encoding import Progress
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.liquid import Liquid, without_recurrence
from distsnn.liquid.respond import Responses, respond
from distsnn.liquid.saved.digests import digests_of_stimuli
from distsnn.liquid.saved.folder import SavedRun
from distsnn.liquid.states import input_features
from distsnn.simulation import Settings


@dataclass(frozen=True)
class Evaluation:
    """Accuracies in percent, None if the run has no such read-out. On rank 0 only."""

    accuracy: float
    baseline_accuracy: float | None
    no_recurrence_accuracy: float | None
    labels: np.ndarray
    predicted: np.ndarray
    confusion: np.ndarray
    of_speaker: dict[str, float]
    responses: Responses
    seconds: float


def liquid_of(run: SavedRun) -> Liquid:
    """Return the liquid that a run was trained with."""
    preset = run.preset
    return Liquid(
        preset.column, preset.wiring, run.encoder.n_channels, run.encoder.image, run.seed,
        preset.dt_ms, run.neurons_per_core,
    )  # fmt: skip


def labels_of(samples: Samples, classes: Sequence[str]) -> np.ndarray:
    """Return the class of each recording, int64. Raises InputFileError for one not in ``classes``."""
    unknown = sorted(set(samples.classes) - set(classes))
    if unknown:
        raise InputFileError(
            f"{samples.items[0].path.parent}: must be of the classes of the training, "
            f"{', '.join(classes)}, got {unknown[0]}. Leave it out, or train again."
        )
    return np.array([list(classes).index(item.label) for item in samples.items])


def evaluate(
    run: SavedRun,
    samples: Samples,
    stimuli: Sequence[InputSpikes],
    settings: Settings,
    comm: Comm,
    *,
    replicas: int = 1,
    progress: Progress | None = None,
) -> Evaluation | None:
    """Play all recordings into the trained liquid; return the result on rank 0. Collective.

    Raises InputFileError for classes that the run was not trained on, and if the liquid responds to
    a recording of the training with other spikes than it did then.
    """
    began = perf_counter()
    labels, liquid, preset = labels_of(samples, run.classes), liquid_of(run), run.preset
    responses = respond(liquid, preset, stimuli, settings, comm, replicas, progress, "liquid")
    comm.agree(_difference(run, samples, stimuli, responses))
    bare = None
    if "without_recurrence" in run.readouts:
        bare_liquid = without_recurrence(liquid)
        bare = respond(
            bare_liquid, preset, stimuli, settings, comm, replicas, progress, NO_RECURRENCE
        )
    if comm.rank != 0 or responses is None:
        return None

    predicted, of_bare, of_input = _predictions(run, stimuli, responses, bare)
    return Evaluation(
        _percent(predicted, labels),
        None if of_bare is None else _percent(of_bare, labels),
        None if of_input is None else _percent(of_input, labels),
        labels, predicted, confusion_of(labels, predicted, len(run.classes)),
        _by_speaker(samples, predicted, labels), responses, perf_counter() - began,
    )  # fmt: skip


def _predictions(
    run: SavedRun, stimuli: Sequence[InputSpikes], responses: Responses, bare: Responses | None
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Return the classes predicted with the liquid, without its recurrence and without it."""
    readouts, of_bare, of_input = run.readouts, None, None
    if bare is not None:
        of_bare = readouts["without_recurrence"].readout.predict(bare.features)
    if "without_liquid" in readouts:
        saved, n_channels = readouts["without_liquid"], liquid_of(run).n_channels
        features = input_features(stimuli, n_channels, saved.times, run.preset)
        of_input = saved.readout.predict(features)
    return readouts["liquid"].readout.predict(responses.features), of_bare, of_input


def _difference(
    run: SavedRun, samples: Samples, stimuli: Sequence[InputSpikes], responses: Responses | None
) -> InputFileError | None:
    """Return an error if the response to a recording of the training differs from its response then.

    The wiring has changed, for example with the version, and the read-outs no longer fit it.
    """
    if responses is None:
        return None
    # Digest of the stimulus -> digest of the response in the training.
    known = dict(zip(*(row.tolist() for row in run.trained_on), strict=True))
    digests = zip(digests_of_stimuli(stimuli), responses.spike_digests, strict=True)
    for item, (stimulus, spikes) in zip(samples.items, digests, strict=True):
        if known.get(int(stimulus), int(spikes)) != int(spikes):
            return InputFileError(
                f"{item.path}: response must be the same spikes as in the training, got others. The "
                "read-outs belong to another liquid: train it again."
            )
    return None


def _percent(predicted: np.ndarray, labels: np.ndarray) -> float:
    return 100.0 * float((predicted == labels).mean())


def _by_speaker(samples: Samples, predicted: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    speaker = np.array([item.speaker for item in samples.items])
    return {
        name: _percent(predicted[speaker == name], labels[speaker == name])
        for name in samples.speakers
        if name
    }
