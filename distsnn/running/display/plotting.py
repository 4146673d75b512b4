"""Spikes, traces and rates of a result, drawn into axes of matplotlib.

A figure is made only for a user who gives no axes, by pyplot, so that notebooks show it. Settings of
matplotlib are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.network import Network
from distsnn.network.network import Neurons
from distsnn.network.views import PopulationView
from distsnn.running.recorded import probe_of, require_recorded, spike_steps_of, trace_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from distsnn.running.result import Result

MAX_ROWS = 1200  # more neurons than a picture has pixels are sampled
MIN_ROWS = 36  # of a population, so that its name finds room
MAX_POINTS = 250_000
N_BINS = 200  # of the rates over time
MAX_TRACES = 10
EXCITATORY, INHIBITORY = "#1f4e8c", "#c8442e"
OTHERS = ("#3a7d44", "#7a5195", "#b8860b", "#2a9d9d", "#8c564b", "#5b5b5b")


def plot_raster(result: Result, neurons: Neurons | None, ax: Axes | None) -> Axes:
    """Draw the spikes of neurons, or of all, sampled if there are too many."""
    parts = _parts(result, neurons)
    axes = _axes("Result.plot_raster", ax)
    if parts:
        draw_trains(axes, result, parts)
    _set_times(axes, result)
    return axes


def plot_trace(result: Result, neurons: Neurons, variable: str, ax: Axes | None) -> Axes:
    """Draw the samples of a state variable, a line for each neuron, of up to ``MAX_TRACES``."""
    times_ms, values = trace_of(result, neurons, variable)
    axes = _axes("Result.plot_trace", ax)
    n_neurons = values.shape[1]
    every = -(-n_neurons // MAX_TRACES)  # rounded up, so that no more than MAX_TRACES are drawn
    for k in range(0, n_neurons, every):
        axes.plot(times_ms, values[:, k], lw=1.0)
    views = result.network.views(neurons)
    probe = probe_of(result, views[0], variable)
    unit = probe.population.model.units.get(variable, "")
    axes.set_xlabel("time (ms)")
    axes.set_ylabel(f"{variable} ({unit})" if unit else variable)
    sampled = "" if every == 1 else f", {-(-n_neurons // every)} of {n_neurons:,} neurons shown"
    title = " + ".join(view.label for view in views) + sampled
    axes.set_title(title, loc="left", fontsize="medium")
    return axes


def plot_rates(result: Result, neurons: Neurons | None, ax: Axes | None) -> Axes:
    """Draw the rate of each population over time, in at most ``N_BINS`` bins."""
    parts = _parts(result, neurons)
    # All that may be refused comes before a figure is made.
    binned = [(part, *binned_spikes(result, part)) for part in parts]
    axes = _axes("Result.plot_rates", ax)
    for part, counts, edges_ms in binned:
        # rate = spikes / (neurons * width of the bin)
        rates_hz = counts / (len(part) * np.diff(edges_ms) * 1e-3)
        axes.stairs(rates_hz, edges_ms, baseline=None, lw=1.1, label=part.label)
    _set_times(axes, result)
    axes.set_ylim(bottom=0.0)  # rates are compared by their heights
    axes.set_ylabel("rate (Hz)")
    if parts:
        axes.legend(frameon=False, fontsize="small")
    return axes


def draw_trains(axes: Axes, result: Result, parts: Sequence[PopulationView]) -> np.ndarray:
    """Draw the spikes of parts below each other, as many neurons of each as there is room for.

    Returns the first row of each part, int64 [parts + 1]. Parts that are not recorded stay empty.
    """
    network = result.network
    trains = [
        spike_steps_of(result, part) if network.records_spikes(part.population) else None
        for part in parts
    ]
    sizes = [len(part) for part in parts]
    n_neurons = sum(sizes)
    every, starts = _rows(sizes, sum(train[0].size for train in trains if train is not None))
    dot = float(np.clip(380.0 / starts[-1], 1.2, 4.0))  # the axes are about 380 points high
    # A part has the colour of its population, a line above it, and no points if it is not recorded.
    colors = population_colors(network)
    for k, (part, train) in enumerate(zip(parts, trains, strict=True)):
        if k:
            axes.axhline(starts[k], color="0.8", lw=0.6, zorder=0)
        if train is None:
            continue
        step, number = train
        shown = number % every[k] == 0
        times_ms = (step[shown] + 1) * network.dt_ms
        # row of neuron n: in the middle of line n // every, counted from the first of its part
        rows = starts[k] + number[shown] // every[k] + 0.5
        color = colors[part.population.index]
        axes.plot(times_ms, rows, "o", ms=dot, mew=0, color=color, rasterized=True)
    # The first population is on top.
    axes.set_ylim(starts[-1], 0)
    labels = [f"{part.label}  {size:,}" for part, size in zip(parts, sizes, strict=True)]
    axes.set_yticks(0.5 * (starts[1:] + starts[:-1]), labels, fontsize=8)
    axes.tick_params(axis="y", length=0)
    sampled = "" if max(every) == 1 else f", about one train in {n_neurons / starts[-1]:.0f} shown"
    axes.set_title(f"{network.name}: {n_neurons:,} neurons{sampled}", loc="left", fontsize=10)
    return starts


def _rows(sizes: Sequence[int], n_spikes: int) -> tuple[list[int], np.ndarray]:
    """Return which neurons of each part have a row, every k-th, and the first rows, int64 [parts + 1].

    Rows and points stay within their limits.
    """
    share = min(1.0, MAX_ROWS / sum(sizes), MAX_POINTS / max(1, n_spikes))
    # size * share rows, but no fewer than MIN_ROWS; k is rounded down
    every = [max(1, size // max(MIN_ROWS, round(size * share))) for size in sizes]
    heights = [-(-size // k) for size, k in zip(sizes, every, strict=True)]
    return every, np.concatenate([[0], np.cumsum(heights)])


def binned_spikes(result: Result, neurons: Neurons) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes in bins of time (int64 [bins]) and the edges in ms (float64 [bins + 1]).

    Bins are equal numbers of whole steps; the last one may be shorter.
    """
    step, _ = spike_steps_of(result, neurons)
    n_steps = result.n_steps
    steps_of_bin = max(1, -(-n_steps // N_BINS))
    # b = steps of the run / N_BINS, rounded up
    # edges: 0, b, 2 b, ... and the end of the run
    edges = np.append(np.arange(0, n_steps, steps_of_bin), n_steps)
    counts = np.bincount(step // steps_of_bin, minlength=edges.size - 1)
    return counts, edges * result.network.dt_ms


def population_colors(network: Network) -> list[str]:
    """Return a colour per population: excitatory, inhibitory, or others without projections."""
    does: dict[int, str] = {}
    for projection in network.projections:
        n_receptors = len(projection.target.model.receptors)
        # Negative weights inhibit, and so do all weights onto the last of several receptors.
        inhibits = projection.weight.expected() < 0 or (
            n_receptors > 1 and projection.receptor == n_receptors - 1
        )
        does.setdefault(projection.source.index, INHIBITORY if inhibits else EXCITATORY)
    return [does.get(k, OTHERS[k % len(OTHERS)]) for k in range(len(network.populations))]


def _set_times(axes: Axes, result: Result) -> None:
    """Let the axis of times show the whole run, if there has been one."""
    if result.n_steps > 0:
        axes.set_xlim(0.0, result.duration_ms)
    axes.set_xlabel("time (ms)")


def _parts(result: Result, neurons: Neurons | None) -> list[PopulationView]:
    network = result.network
    if neurons is None:
        return [p.view() for p in network.populations if network.records_spikes(p)]
    for view in network.views(neurons):
        require_recorded(network, view)
    return list(network.views(neurons))


def _axes(call: str, ax: Any) -> Axes:
    """Return the user's axes, or those of a new figure."""
    from matplotlib.axes import Axes

    if ax is None:
        from matplotlib import pyplot

        # pyplot chooses how figures are shown, and notebooks show those it has made.
        return pyplot.subplots(layout="constrained")[1]
    if not isinstance(ax, Axes):
        limit = "axes of matplotlib"
        raise UsageError(must_be(f"{call}: ax", limit, ax, "Give what plt.subplots() returned."))
    return ax
