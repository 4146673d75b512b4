"""Pictures of a liquid: accuracies, confusion, one recording and its response, and measures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.outputs import save_figure

EXCITATORY, INHIBITORY, INPUT = "#20639b", "#c0392b", "#444444"
COLOURS = ("#20639b", "#7aa6c2", "#bbbbbb")


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def draw_accuracies(accuracies: dict[str, dict[str, float]], path: Path) -> Path:
    """Draw one group of bars for each division of the recordings, one bar for each read-out."""
    divisions = list(next(iter(accuracies.values())))
    figure = _figure(2.2 + 2.2 * len(divisions), 3.6)
    axes = figure.subplots()
    width = 0.8 / len(accuracies)
    for k, (name, scores) in enumerate(accuracies.items()):
        # Bars of a group side by side around its tick.
        x = np.arange(len(divisions)) + (k - (len(accuracies) - 1) / 2) * width
        values = [scores[division] for division in divisions]
        bars = axes.bar(x, values, width * 0.92, label=name, color=COLOURS[k % 3])
        axes.bar_label(bars, [f"{value:.1f}" for value in values], fontsize=8)
    axes.set_xticks(np.arange(len(divisions)), divisions)
    lowest = min(min(scores.values()) for scores in accuracies.values())
    # From the next ten below the lowest bar, to spread the differences.
    axes.set_ylim(max(0.0, 10.0 * np.floor(lowest / 10.0) - 10.0), 104)
    axes.set_ylabel("recordings right (%)")
    figure.legend(loc="outside upper center", ncols=3, fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return _save(figure, path)


def draw_confusion(confusion: np.ndarray, classes: Sequence[str], path: Path) -> Path:
    """Draw the confusion matrix, coloured by the share of each class."""
    confusion = np.asarray(confusion, dtype=np.float64)
    # share[row, column] = recordings of class row taken for column / recordings of class row
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    size = max(3.6, 0.42 * len(classes) + 1.4)
    figure = _figure(size + 0.6, size)
    axes = figure.subplots()
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(confusion), strict=True):
        shade = "white" if share[row, column] > 0.5 else "black"
        axes.text(
            column, row, int(confusion[row, column]), ha="center", va="center", color=shade,
            fontsize=8,
        )  # fmt: skip
    axes.set_xticks(range(len(classes)), classes)
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("predicted class")
    axes.set_ylabel("class")
    figure.colorbar(image, label="share of the class")
    return _save(figure, path)


def draw_recording(
    input_spikes: tuple[np.ndarray, np.ndarray],
    liquid_spikes: tuple[np.ndarray, np.ndarray],
    n_excitatory: int,
    read_at: np.ndarray,
    dt_ms: float,
    title: str,
    path: Path,
) -> Path:
    """Draw the spikes of the channels and of the liquid (step, neuron), and the read-out times."""
    figure = _figure(8, 6)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
    step, channel = input_spikes
    top.plot(step * dt_ms, channel, ",", color=INPUT)
    top.set_ylabel("input channel")
    top.set_title(title, fontsize=10)
    step, neuron = liquid_spikes
    for chosen, colour, name in (
        (neuron < n_excitatory, EXCITATORY, "excitatory"),
        (neuron >= n_excitatory, INHIBITORY, "inhibitory"),
    ):
        bottom.plot(step[chosen] * dt_ms, neuron[chosen], ".", ms=1.2, color=colour, label=name)
    for axes in (top, bottom):
        for time in read_at:
            axes.axvline(time * dt_ms, color="#e0a030", lw=0.6, zorder=0)
    bottom.set_xlabel("time (ms); the state is read at the vertical lines")
    bottom.set_ylabel("neuron of the liquid")
    figure.legend(
        *bottom.get_legend_handles_labels(),
        loc="outside upper right",
        markerscale=6,
        fontsize=8,
        ncols=2,
    )
    return _save(figure, path)


def draw_measures(measures: dict[str, Any], path: Path) -> Path:
    """Draw separation, memory, ranks and spectral radius of a liquid (see ``measure_all``)."""
    figure = _figure(12, 3.6)
    axes = figure.subplots(1, 3)
    _draw_separation(axes[0], measures["separation"])
    _draw_memory(axes[1], measures["memory"])
    _draw_ranks(axes[2], measures["ranks"])
    radius = measures["spectral_radius"]
    title = f"{measures['neurons']} neurons, spectral radius of the weights {radius:.2f}"
    figure.suptitle(title, fontsize=10)
    return _save(figure, path)


def _draw_separation(axes: Any, separation: dict[str, Any]) -> None:
    for distance, curve in separation["curves"].items():
        axes.plot(separation["time_ms"], curve, label=f"d(u, v) = {distance}")
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("distance of states")
    axes.set_ylim(top=1.25 * max(max(curve) for curve in separation["curves"].values()))
    axes.legend(fontsize=8, loc="upper right", ncols=2)
    axes.set_title("Separation of inputs", fontsize=10)


def _draw_memory(axes: Any, memory: dict[str, Any]) -> None:
    for name, curve in memory["curves"].items():
        axes.plot(memory["delay_ms"], curve, marker=".", label=f"{name}: {sum(curve):.1f}")
    axes.set_xlabel("delay (ms)")
    axes.set_ylabel("r² of the recalled input")
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=8, title="memory capacity", title_fontsize=8)
    axes.set_title("Memory of the input", fontsize=10)


def _draw_ranks(axes: Any, ranks: dict[str, Any]) -> None:
    names = list(ranks["values"])
    bars = axes.bar(names, list(ranks["values"].values()), color=COLOURS[: len(names)])
    axes.bar_label(bars, fontsize=8)
    axes.set_ylabel(f"rank, of {ranks['most']}")
    axes.set_title("Kernel and generalisation rank", fontsize=10)


def _save(figure: Any, path: Path) -> Path:
    for axes in figure.axes:
        axes.tick_params(labelsize=8)
    save_figure(figure, path)
    return path
