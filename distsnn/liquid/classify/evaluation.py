"""How a trained liquid does on other recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from distsnn.comm import Comm
from distsnn.errors import InputFileError
from distsnn.liquid.classify.protocols import confusion_of
from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.respond import Progress, Responses, input_features, respond
from distsnn.liquid.saved.digests import digests_of_stimuli
from distsnn.liquid.saved.folder import SavedRun
from distsnn.simulation import Settings


@dataclass(frozen=True)
class Evaluation:
    """Accuracies in percent; None where the run has no such read-out. Rank 0 only."""

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
        preset.column, preset.wiring, run.encoder.n_lines, run.encoder.image, run.seed,
        preset.dt_ms, run.neurons_per_core,
    )  # fmt: skip


def labels_of(samples: Samples, classes: Sequence[str]) -> np.ndarray:
    """Return the number of each recording's class; raises where the run does not know one."""
    unknown = sorted(set(samples.classes) - set(classes))
    if unknown:
        raise InputFileError(
            f"{samples.items[0].path.parent}: holds class {unknown[0]}, limit {', '.join(classes)}, "
            "those that the run was trained on. Leave it out, or train again."
        )
    return np.array([list(classes).index(item.label) for item in samples.items])


def evaluate(
    run: SavedRun,
    samples: Samples,
    stimuli: Sequence[LineSpikes],
    settings: Settings,
    comm: Comm,
    *,
    replicas: int = 1,
    progress: Progress | None = None,
) -> Evaluation | None:
    """Play all recordings to the trained liquid; return it on rank 0 (else None). Collective."""
    began = perf_counter()
    labels = labels_of(samples, run.classes)
    liquid, preset = liquid_of(run), run.preset
    done = respond(liquid, preset, stimuli, settings, comm, replicas, progress, "liquid")
    comm.agree(_difference(run, samples, stimuli, done))
    silent = None
    if "without_recurrence" in run.readouts:
        bare = replace(liquid, column=replace(liquid.column, recurrence=0.0))
        silent = respond(bare, preset, stimuli, settings, comm, replicas, progress, "no recurrence")
    if comm.rank != 0 or done is None:
        return None
    predicted = run.readouts["liquid"].readout.predict(done.features)
    zero = plain = None
    if silent is not None:
        zero = _percent(run.readouts["without_recurrence"].readout.predict(silent.features), labels)
    if "without_liquid" in run.readouts:
        saved = run.readouts["without_liquid"]
        features = input_features(stimuli, liquid.n_lines, saved.times, preset)
        plain = _percent(saved.readout.predict(features), labels)
    return Evaluation(
        _percent(predicted, labels), plain, zero, labels, predicted,
        confusion_of(labels, predicted, len(run.classes)), _by_speaker(samples, predicted, labels),
        done, perf_counter() - began,
    )  # fmt: skip


def _difference(
    run: SavedRun, samples: Samples, stimuli: Sequence[LineSpikes], done: Responses | None
) -> InputFileError | None:
    """Return what is wrong where the liquid hears what it was trained on and answers otherwise.

    So it would be with another version's wiring: the read-outs would be of another liquid.
    """
    if done is None:
        return None
    known = dict(zip(*(row.tolist() for row in run.trained_on), strict=True))
    heard = zip(samples.items, digests_of_stimuli(stimuli), done.spike_digests, strict=True)
    for item, stimulus, spikes in heard:
        if known.get(int(stimulus), int(spikes)) != int(spikes):
            return InputFileError(
                f"{item.path}: must bring forth the spikes that it did when the run was trained, got "
                "others. The liquid is not the one of the read-outs: train it again."
            )
    return None


def _percent(predicted: np.ndarray, labels: np.ndarray) -> float:
    return 100.0 * float((predicted == labels).mean())


def _by_speaker(samples: Samples, predicted: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    who = np.array([item.speaker for item in samples.items])
    return {
        name: _percent(predicted[who == name], labels[who == name])
        for name in samples.speakers
        if name
    }
