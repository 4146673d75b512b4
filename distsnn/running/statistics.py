"""Statistics of spike trains: rate, irregularity and synchrony."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.time_grid import nearest_steps

SYNCHRONY_BIN_MS = 3.0


@dataclass(frozen=True)
class TrainStatistics:
    """Statistics of the spikes of one population; None where undefined.

    rate_hz: spikes per neuron and second. cv_isi: coefficient of variation (standard deviation / mean)
    of the interspike intervals, averaged over neurons with at least 3 spikes. synchrony: variance /
    mean of the population's spike counts in bins of 3 ms (Potjans & Diesmann 2014).
    """

    n_spikes: int
    rate_hz: float
    cv_isi: float | None
    synchrony: float | None


def train_statistics(
    steps: np.ndarray, neurons: np.ndarray, n_neurons: int, n_steps: int, dt_ms: float
) -> TrainStatistics:
    """Return the statistics of a population's spikes.

    steps, neurons: int [spikes], step and neuron of each spike, sorted by step. n_steps: number of
    steps that they come from.
    """
    seconds = n_steps * dt_ms * 1e-3
    rate = steps.size / (n_neurons * seconds) if seconds > 0 else 0.0
    return TrainStatistics(
        int(steps.size),
        rate,
        _cv_of_intervals(steps, neurons, n_neurons),
        _synchrony(steps, n_steps, dt_ms),
    )


def _cv_of_intervals(steps: np.ndarray, neurons: np.ndarray, n_neurons: int) -> float | None:
    # A stable sort by neuron keeps each neuron's spikes in order of time; its intervals are their
    # differences.
    order = np.argsort(neurons, kind="stable")
    neuron, step = neurons[order], steps[order].astype(np.float64)
    is_same_neuron = neuron[1:] == neuron[:-1]
    intervals, owner = np.diff(step)[is_same_neuron], neuron[1:][is_same_neuron]
    # By neuron: number of intervals, sum of I, sum of I^2
    n = np.bincount(owner, minlength=n_neurons)
    sum_of_intervals = np.bincount(owner, intervals, n_neurons)
    sum_of_squares = np.bincount(owner, intervals**2, n_neurons)
    has_enough = n >= 2
    if not has_enough.any():
        return None
    mean = sum_of_intervals[has_enough] / n[has_enough]
    # Var(I) = E(I^2) - E(I)^2
    variance = np.maximum(sum_of_squares[has_enough] / n[has_enough] - mean**2, 0.0)
    return float(np.mean(np.sqrt(variance) / mean))


def _synchrony(steps: np.ndarray, n_steps: int, dt_ms: float) -> float | None:
    bin_steps = max(1, int(nearest_steps(SYNCHRONY_BIN_MS, dt_ms)))
    n_bins = n_steps // bin_steps
    if n_bins < 2 or steps.size == 0:
        return None
    # Fano factor of the population's spike counts; an incomplete last bin is left out.
    counts = np.bincount(steps // bin_steps, minlength=n_bins)[:n_bins]
    return float(counts.var() / counts.mean()) if counts.any() else None
