"""Spike trains of sources, made window by window of model time.

A window has a generator of its own, keyed by seed, population and number of the window, so that no
number depends on how runs cut the time. After a change of parameters, a train begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

WINDOW_MS = 1000.0
Spikes = tuple[np.ndarray, np.ndarray]  # times in ms, float64, and cells, int64
NONE: Spikes = (np.empty(0), np.empty(0, np.int64))


class Trains:
    """The spikes of a population of sources. key: numbers from which all randomness follows."""

    def __init__(self, size: int, key: tuple[int, ...]) -> None:
        self.size, self.key = size, key

    def generator(self, *more: int) -> np.random.Generator:
        """Return a generator for a purpose."""
        return np.random.default_rng([*self.key, *more])

    def restart(self, values: Mapping[str, Any], from_ms: float) -> None:
        """Take parameters that hold from a time on."""
        self.values, self.from_ms = values, from_ms

    def window(self, start_ms: float, stop_ms: float) -> Spikes:
        """Return the spikes with start_ms < t <= stop_ms, of a window that follows the last one."""
        raise NotImplementedError

    def within_limits(self, times: np.ndarray, cells: np.ndarray) -> Spikes:
        """Return the spikes between start and start + duration of their cells."""
        start = np.asarray(self.values["start"], float)
        stop = start + np.asarray(self.values["duration"], float)
        is_active = (times >= start[cells]) & (times < stop[cells])
        return times[is_active], cells[is_active]


class ArrayTrains(Trains):
    """Given spikes."""

    def restart(self, values: Mapping[str, Any], from_ms: float) -> None:
        """Take spike times, of which those after from_ms count."""
        super().restart(values, from_ms)
        trains = [np.asarray(train.value, float) for train in values["spike_times"]]
        # One list of all spikes, cell by cell.
        self._cells = np.repeat(np.arange(self.size), [train.size for train in trains])
        self._times = np.concatenate([np.empty(0), *trains])

    def window(self, start_ms: float, stop_ms: float) -> Spikes:
        """Return the spikes with start_ms < t <= stop_ms; at time 0 also those of 0."""
        is_in = (self._times > start_ms) & (self._times <= stop_ms)
        if start_ms == 0.0:
            is_in |= self._times == 0.0
        return self._times[is_in], self._cells[is_in]


class PoissonTrains(Trains):
    """Independent Poisson processes."""

    def window(self, start_ms: float, stop_ms: float) -> Spikes:
        """Return the spikes of a window: a Poisson number of uniform times."""
        # A Poisson process has no memory: each window is drawn on its own.
        rng = self.generator(round(start_ms), round(self.from_ms * 1e6))
        rate = np.asarray(self.values["rate"], float)
        counts = rng.poisson(rate * (stop_ms - start_ms) * 1e-3)
        cells = np.repeat(np.arange(self.size), counts)
        # (start, stop], since random() is in [0, 1)
        times = stop_ms - rng.random(cells.size) * (stop_ms - start_ms)
        return self.within_limits(times, cells)


class RenewalTrains(Trains):
    """Processes with independent intervals, which begin at ``start``."""

    def restart(self, values: Mapping[str, Any], from_ms: float) -> None:
        """Take parameters; the first interval begins at from_ms, or at start if it is later."""
        super().restart(values, from_ms)
        self._rng = self.generator(round(from_ms * 1e6))
        begin = np.maximum(np.asarray(values["start"], float), from_ms)
        self._next = begin + self.intervals(self._rng, np.arange(self.size))

    def intervals(self, rng: np.random.Generator, cells: np.ndarray) -> np.ndarray:
        """Return the next interval of each of some cells, in ms."""
        raise NotImplementedError

    def window(self, start_ms: float, stop_ms: float) -> Spikes:
        """Return the spikes of a window, one of each cell that has more at a time."""
        parts = [NONE]
        # Each round gives the next spike of all cells that have one in the window.
        due = np.flatnonzero(self._next <= stop_ms)
        while due.size:
            parts.append((self._next[due].copy(), due))
            self._next[due] += self.intervals(self._rng, due)
            due = due[self._next[due] <= stop_ms]
        times, cells = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return self.within_limits(times, cells)


class RefractoryTrains(RenewalTrains):
    """Poisson processes with dead time: rate is that of the spikes."""

    def intervals(self, rng: np.random.Generator, cells: np.ndarray) -> np.ndarray:
        """Return dead time + exponential interval, of the mean 1 / rate."""
        rate = np.asarray(self.values["rate"], float)[cells]
        dead_ms = np.asarray(self.values["tau_refrac"], float)[cells]
        with np.errstate(divide="ignore"):
            mean_ms = 1000.0 / rate - dead_ms
        return np.asarray(dead_ms + rng.exponential(size=cells.size) * mean_ms)


class GammaTrains(RenewalTrains):
    """Gamma processes: intervals of shape alpha and rate beta."""

    def intervals(self, rng: np.random.Generator, cells: np.ndarray) -> np.ndarray:
        """Return intervals of the mean alpha / beta."""
        alpha = np.asarray(self.values["alpha"], float)[cells]
        with np.errstate(divide="ignore"):
            scale_ms = 1000.0 / np.asarray(self.values["beta"], float)[cells]
        return np.asarray(rng.standard_gamma(alpha) * scale_ms)


class InhomogeneousGammaTrains(Trains):
    """Gamma processes whose shape a and scale b (in s) follow histograms of time.

    The probability of a spike in a short step of age u is that of the gamma distribution of now:
    1 - S(u + h) / S(u). Muller et al. 2007, Neural Comput 19:2958.
    """

    STEP_MS = 0.1

    def restart(self, values: Mapping[str, Any], from_ms: float) -> None:
        """Take parameters; ages are counted from from_ms, or from start if it is later."""
        super().restart(values, from_ms)
        self._rng = self.generator(round(from_ms * 1e6))
        self._last = np.maximum(np.asarray(values["start"], float), from_ms)

    def window(self, start_ms: float, stop_ms: float) -> Spikes:
        """Return the spikes of a window."""
        from scipy.special import gammaincc

        parts = [NONE]
        # Step by step, since a and b may change between any two.
        for t in np.arange(start_ms, stop_ms - 1e-9, self.STEP_MS):
            a, b_ms = self._now("a", t), 1000.0 * self._now("b", t)
            age = np.maximum(t - self._last, 0.0) / b_ms
            survival = gammaincc(a, age)
            with np.errstate(invalid="ignore", divide="ignore"):
                fires = 1.0 - gammaincc(a, age + self.STEP_MS / b_ms) / survival
            # Beyond the precision of S, a spike is certain.
            fires = np.where(survival > 0.0, fires, 1.0)
            is_active = t >= self._last
            at = np.flatnonzero((self._rng.random(self.size) < fires) & is_active)
            times = t + self.STEP_MS * (1.0 - self._rng.random(at.size))
            self._last[at] = times
            parts.append((times, at))
        times, cells = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return self.within_limits(times, cells)

    def _now(self, name: str, t: float) -> np.ndarray:
        """Return a parameter of all cells at a time."""
        values = []
        for bins, column in zip(self.values["tbins"], self.values[name], strict=True):
            k = max(0, int(np.searchsorted(bins.value, t, side="right")) - 1)
            values.append(float(np.asarray(column.value)[k]))
        return np.array(values)
