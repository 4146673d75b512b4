"""Reports of ``distsnn lsm``: plain data for JSON, and tables for the terminal."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.liquid.classify.evaluation import Evaluation
from distsnn.liquid.classify.protocols import confusion_of
from distsnn.liquid.classify.training import Trained, Training
from distsnn.liquid.respond import Responses
from distsnn.report.tables import print_table


def cost_of(responses: Responses, dt_ms: float) -> dict[str, Any]:
    """Return spikes, energy, packets and time, per recording that was played."""
    n_samples = responses.features.shape[0]
    # Model time over all recordings that were played.
    model_s = responses.n_steps * dt_ms * 1e-3
    joules = responses.joules
    return {
        "spikes_per_sample": responses.n_spikes / n_samples,
        "input_spikes_per_sample": responses.n_input_spikes / n_samples,
        "joules_per_sample": None if joules is None else joules / n_samples,
        "packets_per_sample": responses.n_packets / n_samples,
        "neurons": responses.n_neurons,
        "cores": responses.n_cores,
        "synapses": responses.n_synapses,
        # rate = spikes / neurons / model time
        "mean_rate_hz": responses.n_spikes / responses.n_neurons / model_s,
        "model_seconds": model_s,
        "play_seconds": responses.play_s,
        "samples_per_second": n_samples / max(responses.play_s, 1e-9),
        # Model time over wall time.
        "times_real_time": model_s / max(responses.play_s, 1e-9),
        "digest": responses.digest,
        "traffic_digest": responses.traffic_digest,
    }


def training_report(training: Training, dt_ms: float) -> dict[str, Any]:
    """Return the report of a training as plain data."""
    first = training.liquid.scores[0]
    report: dict[str, Any] = {
        "n_train": int(training.labels.size),
        "n_played": int(training.responses.features.shape[0]),
        "seconds": training.seconds,
        "accuracies": {
            name: {score.division.name: score.accuracy for score in trained.scores}
            for name, trained in _rows(training)
        },
        "by_group": {
            score.division.name: dict(zip(score.division.names, score.of_group, strict=True))
            for score in training.liquid.scores
        },
        "alpha": {name: trained.alpha for name, trained in _rows(training)},
        "baseline_times": f"{training.without_liquid.times.kind} x {training.without_liquid.times.n}",
        "confusion": confusion_of(training.labels, first.predicted, len(training.classes)).tolist(),
    }
    report.update(cost_of(training.responses, dt_ms))
    return report


def _rows(training: Training) -> list[tuple[str, Trained]]:
    rows = [("liquid", training.liquid)]
    if training.without_recurrence is not None:
        rows.append(("recurrent weights at zero", training.without_recurrence))
    return [*rows, ("input without liquid, tuned", training.without_liquid)]


def evaluation_report(
    evaluation: Evaluation, classes: tuple[str, ...], dt_ms: float
) -> dict[str, Any]:
    """Return the report of an evaluation as plain data."""
    n = int(evaluation.labels.size)
    return {
        "accuracy": evaluation.accuracy,
        "n_test": n,
        "seconds": evaluation.seconds,
        "baseline_accuracy": evaluation.baseline_accuracy,
        "no_recurrence_accuracy": evaluation.no_recurrence_accuracy,
        "classes": list(classes),
        "confusion": evaluation.confusion.tolist(),
        "by_speaker": evaluation.of_speaker,
        **cost_of(evaluation.responses, dt_ms),
    }


def print_training(report: dict[str, Any], classes: tuple[str, ...]) -> None:
    """Print a training's accuracies and costs."""
    names = list(next(iter(report["accuracies"].values())))
    rows = [
        [name, *(f"{scores[division]:.2f} %" for division in names)]
        for name, scores in report["accuracies"].items()
    ]
    title = f"Recordings not trained on, of {report['n_train']}"
    n_copies = report.get("n_played", report["n_train"]) // report["n_train"]
    if n_copies > 1:
        title += f", with {n_copies - 1} shifted copies of each in training"
    print_table(title, ["read-out of", *names], rows)
    for division, groups in report["by_group"].items():
        rows = [[name, f"{value:.1f} %"] for name, value in groups.items()]
        print_table(f"Liquid, by {division}", ["", "accuracy"], rows)
    print_confusion(report["confusion"], classes)
    print_cost(report)


def print_evaluation(report: dict[str, Any]) -> None:
    """Print an evaluation's accuracies and costs."""
    rows = [["liquid", f"{report['accuracy']:.2f} %"]]
    if report["no_recurrence_accuracy"] is not None:
        rows.append(["recurrent weights at zero", f"{report['no_recurrence_accuracy']:.2f} %"])
    if report["baseline_accuracy"] is not None:
        rows.append(["input without liquid, tuned", f"{report['baseline_accuracy']:.2f} %"])
    print_table(f"{report['n_test']} recordings", ["read-out of", "accuracy"], rows)
    if len(report["by_speaker"]) > 1:
        rows = [[name, f"{value:.1f} %"] for name, value in report["by_speaker"].items()]
        print_table("Liquid, by speaker", ["", "accuracy"], rows)
    print_confusion(report["confusion"], tuple(report["classes"]))
    print_cost(report)


def print_confusion(confusion: list[list[int]], classes: tuple[str, ...]) -> None:
    """Print the confusion matrix, unless it has more than 20 classes."""
    if len(classes) > 20:
        return
    rows = [
        [name, *(str(n) if n else "." for n in row)]
        for name, row in zip(classes, confusion, strict=True)
    ]
    print_table("Class (row), predicted class (column)", ["", *classes], rows)


def print_cost(report: dict[str, Any]) -> None:
    """Print the cost of a training or an evaluation."""
    joules = report["joules_per_sample"]
    rows = [
        ["liquid", f"{report['neurons']:,} neurons, {report['synapses']:,} synapses, "
         f"{report['cores']} cores"],
        ["spikes per recording", f"{report['spikes_per_sample']:,.0f} "
         f"({report['mean_rate_hz']:.1f} Hz), input {report['input_spikes_per_sample']:,.0f}"],
        ["packets on the mesh per recording", f"{report['packets_per_sample']:,.0f}"],
        ["energy per recording on the chip", "not known" if joules is None else f"{joules:.3g} J"],
        ["speed", f"{report['samples_per_second']:.1f} recordings/s, "
         f"{report['times_real_time']:.0f} x real time"],
        ["wall time", f"{report['seconds']:.1f} s"],
        ["digest of the states", report["digest"]],
        ["digest of the traffic", report["traffic_digest"] or "none, of several copies"],
    ]  # fmt: skip
    print_table("Cost", ["", ""], rows)


def print_measures(measures: dict[str, Any]) -> None:
    """Print the measures of a liquid."""
    ranks, separation = measures["ranks"], measures["separation"]
    rows = [
        [f"{name} rank", f"{value} of {ranks['most']}"] for name, value in ranks["values"].items()
    ]
    rows += [
        [f"memory capacity, {name}", f"{sum(curve):.2f}"]
        for name, curve in measures["memory"]["curves"].items()
    ]
    rows += [
        [
            f"separation at d(u, v) = {name}",
            f"{float(np.mean(curve)):.3f} (inputs {separation['input_distance'][name]:.2f})",
        ]
        for name, curve in separation["curves"].items()
    ]
    rows.append(["spectral radius of the weights", f"{measures['spectral_radius']:.3f}"])
    print_table(f"A liquid of {measures['neurons']:,} neurons", ["", ""], rows)
