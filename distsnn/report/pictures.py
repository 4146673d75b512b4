"""Pictures of a run: a raster with rates, and the mesh with the load of each directed link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from distsnn.report.document import mesh_traffic
from distsnn.simulation import Result

MOST_ROWS = 2000  # more neurons than a picture has pixels are sampled
EXCITATORY, INHIBITORY = "#20639b", "#c0392b"


def draw_run(result: Result, folder: Path, discard_ms: float = 0.0) -> list[Path]:
    """Draw raster.png and mesh.png into ``folder``; return their paths."""
    import matplotlib

    matplotlib.use("Agg")
    from distsnn.traffic.pictures import draw_mesh

    raster, mesh = folder / "raster.png", folder / "mesh.png"
    draw_raster(result, raster, discard_ms)
    draw_mesh(mesh_traffic(result), mesh)
    return [raster, mesh]


def draw_raster(result: Result, path: Path, discard_ms: float = 0.0) -> None:
    """Draw sampled spike trains of all populations and their rates."""
    import matplotlib.pyplot as plt

    populations = result.network.populations
    n_neurons = result.network.n_neurons
    share = min(1.0, MOST_ROWS / n_neurons)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(11, 6), width_ratios=(4, 1), layout="constrained"
    )
    row, ticks = 0, []
    for k, population in enumerate(populations):
        n_rows = max(3, round(population.size * share))
        every = max(1, population.size // n_rows)
        time_ms, neuron = result.spikes(population.name)
        shown = neuron % every == 0
        color = _color(population, k)
        rows = row + neuron[shown] // every
        left.plot(time_ms[shown], rows, ".", color=color, ms=1.6, mew=0, rasterized=True)
        height = -(-population.size // every)
        ticks.append((row + height / 2, population.name))
        row += height
        left.axhline(row, color="0.85", lw=0.5)
    left.set_yticks([at for at, _ in ticks], [name for _, name in ticks])
    left.set_ylim(row, 0)
    left.set_xlim(0, result.duration_ms)
    left.set_xlabel("time (ms)")
    sampled = "" if share == 1.0 else f", one neuron in {round(1 / share)} shown"
    left.set_title(f"{result.network.name}: {n_neurons:,} neurons{sampled}", loc="left")
    _draw_rates(right, result, discard_ms)
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _draw_rates(axes: Any, result: Result, discard_ms: float) -> None:
    populations = result.network.populations
    rates = [result.statistics(one.name, discard_ms).rate_hz for one in populations]
    places = np.arange(len(populations))
    axes.barh(places, rates, color=[_color(one, k) for k, one in enumerate(populations)])
    for place, rate in zip(places, rates, strict=True):
        axes.text(rate, place, f" {rate:.2f}", va="center", fontsize=8)
    axes.set_yticks(places, [one.name for one in populations])
    axes.invert_yaxis()
    axes.set_xlim(0, max([*rates, 1e-9]) * 1.3)
    axes.set_xlabel("rate (Hz)")
    axes.spines[["top", "right"]].set_visible(False)


def _color(population: Any, k: int) -> str:
    name = population.name.lower()
    if name.endswith("i") or "inh" in name:
        return INHIBITORY
    return EXCITATORY if name.endswith("e") or "exc" in name else f"C{k % 10}"
