"""Pictures of a run: a raster with rates, and the mesh with the load of each directed link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.outputs import Delivery, save_figure
from distsnn.outputs.content import require_picture_format
from distsnn.report.document import mesh_traffic
from distsnn.running.display.plotting import (
    EXCITATORY,
    INHIBITORY,
    binned_spikes,
    draw_trains,
    population_colors,
)
from distsnn.simulation import Result


def picture_paths(plot: str | None, out: Path | None) -> list[Path]:
    """Return the paths of the raster and the mesh, none if ``plot`` is None.

    plot: a folder, or the file of the raster; the mesh is drawn in the same folder. Empty: ``out``, or
    else the current folder. Raises UsageError for a file of another format.
    """
    if plot is None:
        return []
    path = Path(plot) if plot else out or Path(".")
    if path.is_dir() or not path.suffix:
        return [path / "raster.png", path / "mesh.png"]
    require_picture_format(path)
    return [path, path.with_name(f"{path.stem}-mesh{path.suffix}")]


def draw_run(result: Result, raster: Path, mesh: Path, discard_ms: float = 0.0) -> None:
    """Draw the raster with rates, and the mesh, into picture files: both or none. Rank 0 only."""
    from distsnn.traffic.pictures import draw_mesh

    delivery = Delivery([raster, mesh])
    try:
        draw_raster(result, delivery.place(raster), discard_ms)
        draw_mesh(mesh_traffic(result), delivery.place(mesh))
        delivery.commit()
    finally:
        delivery.discard()


def draw_raster(result: Result, path: Path, discard_ms: float = 0.0) -> None:
    """Draw sampled spike trains of all populations, their rates over time, and their mean rates.

    discard_ms: shaded, and left out of the mean rates.
    """
    from matplotlib.figure import Figure

    # trains | mean rates
    # -------+-----------
    # course | names of its colours
    figure = Figure(figsize=(11, 7), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(4.6, 1), height_ratios=(4, 1))
    trains = figure.add_subplot(grid[0, 0])
    means = figure.add_subplot(grid[0, 1], sharey=trains)
    course = figure.add_subplot(grid[1, 0], sharex=trains)
    starts = draw_trains(trains, result, [p.view() for p in result.network])
    _draw_means(means, result, starts, discard_ms)
    _draw_course(course, result)
    names = figure.add_subplot(grid[1, 1])
    names.set_axis_off()
    names.legend(*course.get_legend_handles_labels(), loc="upper left", frameon=False, fontsize=8)
    # What the mean rates leave out is shaded.
    if discard_ms > 0:
        for axes in (trains, course):
            axes.axvspan(0.0, discard_ms, color="0.5", alpha=0.15, lw=0)
    trains.set_xlim(0.0, result.duration_ms)
    for axes in (trains, means, course):
        axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path, dpi=150)


def _draw_means(axes: Any, result: Result, starts: np.ndarray, discard_ms: float) -> None:
    populations = result.network.populations
    statistics = [result.statistics(population.name, discard_ms) for population in populations]
    rates = [trains.rate_hz for trains in statistics]
    # A bar is beside the middle of its population's rows and no higher than a twelfth of the axes.
    middles = 0.5 * (starts[1:] + starts[:-1])
    height = np.minimum(0.6 * np.diff(starts), 0.08 * starts[-1])
    axes.barh(middles, rates, height=height, color=population_colors(result.network))
    for trains, middle in zip(statistics, middles, strict=True):
        cv = "" if trains.cv_isi is None else f", CV {trains.cv_isi:.2f}"
        text = f"{trains.rate_hz:.2f}{cv}"
        axes.annotate(
            text, (trains.rate_hz, middle), xytext=(3, 0), textcoords="offset points", va="center",
            fontsize=7,
        )  # fmt: skip
    # The other half of the axes has room for the numbers beside the bars.
    axes.set_xlim(0, max([*rates, 1e-9]) * 2.1)
    axes.tick_params(axis="y", labelleft=False, length=0)
    axes.set_title("mean rate (Hz)", loc="left", fontsize=10)


def _draw_course(axes: Any, result: Result) -> None:
    """Draw the rate over time of all populations of one colour together."""
    edges_ms = np.zeros(2)
    counts: dict[str, np.ndarray] = {}
    neurons: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    network = result.network
    for population, color in zip(network.populations, population_colors(network), strict=True):
        if not network.records_spikes(population):
            continue
        spikes, edges_ms = binned_spikes(result, population)
        counts[color] = counts.get(color, 0) + spikes
        neurons[color] = neurons.get(color, 0) + population.size
        names.setdefault(color, []).append(population.name)
    for color, spikes in counts.items():
        label = {EXCITATORY: "excitatory", INHIBITORY: "inhibitory"}.get(color, names[color][0])
        # rate = spikes / (neurons * width of the bin)
        rate = spikes / (neurons[color] * np.diff(edges_ms) * 1e-3)
        axes.stairs(rate, edges_ms, baseline=None, color=color, lw=1.1, label=label)
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("rate (Hz)", fontsize=9)
