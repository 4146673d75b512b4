"""Firing patterns: each neuron of a published set under its own current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.gallery.run import Run, plain, trace
from distsnn.gallery.style import BLUE, GREY, SMALL, head
from distsnn.network import Network
from distsnn.neurons.patterns import Pattern
from distsnn.simulation import Result
from distsnn.stimuli import Current
from distsnn.time_grid import given_steps, nearest_steps


@dataclass(frozen=True)
class PatternPicture:
    """A picture with a panel for each pattern; spikes are drawn up to ``peak_mv``."""

    patterns: Mapping[str, Pattern]
    title: str
    peak_mv: float
    n_columns: int = 4

    def runs(self) -> list[Run]:
        """Return the runs, one for each time step in use: one neuron for each pattern."""
        simulated = []
        for dt_ms, group in _by_step(self.patterns).items():
            network = Network(dt_ms=dt_ms, name="patterns")
            for name, pattern in group.items():
                cell = network.population(plain(name), 1, pattern.model, initial=pattern.initial)
                network.stimulate(cell, Current(steps=pattern.current))
                network.record(cell, "v")
            simulated.append(Run(network, max(pattern.duration_ms for pattern in group.values())))
        return simulated

    def measure(self, results: Sequence[Result]) -> dict[str, dict[str, Any]]:
        """Return for each pattern time_ms, v_mv, current, spikes_ms and dt_ms, in its duration."""
        measured: dict[str, dict[str, Any]] = {}
        groups = _by_step(self.patterns)
        for result, (dt_ms, group) in zip(results, groups.items(), strict=True):
            for name, pattern in group.items():
                n_steps = given_steps(name, pattern.duration_ms, dt_ms)
                time_ms, v = trace(result, plain(name), "v")
                step, _ = result.spike_steps(plain(name))
                measured[name] = {
                    "time_ms": time_ms[:n_steps],
                    "v_mv": v[:n_steps, 0],
                    "current": _current(pattern, time_ms[:n_steps] - dt_ms),
                    "spikes_ms": (step[step < n_steps] + 1) * dt_ms,
                    "dt_ms": dt_ms,
                }
        return {name: measured[name] for name in self.patterns}

    def draw(self, measured: Mapping[str, Mapping[str, Any]], figure: Any) -> None:
        """Draw each pattern's v over its current, with a bar of time."""
        n_rows = -(-len(measured) // self.n_columns)
        figure.set_size_inches(2.6 * self.n_columns, 1.55 * n_rows + 0.4)
        head(figure, self.title)
        panels = figure.subplots(n_rows, self.n_columns, squeeze=False).ravel()
        for axes, (name, pattern) in zip(panels, measured.items(), strict=False):
            _draw_one(axes, name, pattern, self.peak_mv)
        for axes in panels:
            axes.set_axis_off()


def _draw_one(axes: Any, name: str, measured: Mapping[str, Any], peak_mv: float) -> None:
    time_ms, v = measured["time_ms"], measured["v_mv"].copy()
    at = nearest_steps(measured["spikes_ms"], measured["dt_ms"]) - 1
    # v is recorded at the end of a step, after the reset: the peak is drawn before it.
    time = np.insert(time_ms, at, time_ms[at])
    axes.plot(time, np.insert(v, at, peak_mv), color=BLUE, lw=0.8)
    # A current that never changes is drawn with its onset: 0 before the first step.
    current = measured["current"]
    began = [] if np.ptp(current) > 0 else [0.0]
    current = np.concatenate([began, current])
    low, high = float(v.min()), peak_mv
    span = high - low
    height = max(float(np.ptp(current)), 1e-9)
    base = low - 0.42 * span
    level = base + 0.22 * span * (current - current.min()) / height
    axes.plot(np.concatenate([time_ms[: len(began)], time_ms]), level, color=GREY, lw=0.9)
    end, bar = float(time_ms[-1]), 20.0 if time_ms[-1] < 450 else 100.0
    axes.plot([end - bar, end], [base - 0.1 * span] * 2, color="black", lw=1.4)
    axes.text(end, base - 0.16 * span, f"{bar:g} ms", fontsize=6.5, ha="right", va="top")
    axes.set_ylim(base - 0.36 * span, high + 0.05 * span)
    axes.set_title(name, fontsize=SMALL, loc="left", pad=2)


def _current(pattern: Pattern, begins_ms: np.ndarray) -> np.ndarray:
    """Return the current in the steps that begin at ``begins_ms``."""
    starts = np.array([start for start, _ in pattern.current])
    levels = np.array([0.0, *(level for _, level in pattern.current)])
    return levels[np.searchsorted(starts, begins_ms + 1e-6, side="right")]


def _by_step(patterns: Mapping[str, Pattern]) -> dict[float, dict[str, Pattern]]:
    groups: dict[float, dict[str, Pattern]] = {}
    for name, pattern in patterns.items():
        groups.setdefault(pattern.dt_ms, {})[name] = pattern
    return groups
