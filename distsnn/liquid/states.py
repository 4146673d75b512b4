"""From spikes to features: the state of a liquid at chosen times."""

from __future__ import annotations

import numpy as np

from distsnn.liquid.inputs.encoders import LineSpikes
from distsnn.liquid.parameters import ReadoutTimes

MIN_GAP = 1e-3  # steps between read-out times, so that they ascend


def reading_times(
    stimulus: LineSpikes, n_steps: int, times: ReadoutTimes, dt_ms: float
) -> np.ndarray:
    """Return when the state is read, float64 [times.n] in steps, ascending.

    Clock ``time``: at equal parts of ``n_steps``. Clock ``input``: whenever an equal part of the
    stimulus' spikes has arrived, and ``lag_ms`` later; so a word that is spoken slowly in its first
    half is read later there. Hats have the first top at 0 and the last at the end.
    """
    n = times.n
    shares = (
        np.linspace(0.0, 1.0, n) if times.kind == "hats" and n > 1 else (np.arange(n) + 1.0) / n
    )
    if times.clock == "time" or not stimulus.step.size:
        return shares * n_steps
    place = np.minimum((shares * stimulus.step.size).astype(np.int64), stimulus.step.size - 1)
    ends = np.minimum(stimulus.step[place] + times.lag_ms / dt_ms, float(n_steps))
    return np.maximum.accumulate(ends + MIN_GAP * np.arange(n))


def features(
    step: np.ndarray,
    neuron: np.ndarray,
    n_neurons: int,
    ends: np.ndarray,
    times: ReadoutTimes,
    dt_ms: float,
) -> np.ndarray:
    """Return the features of one recording, float32 [times.n * n_neurons], time after time.

    step, neuron: int64, of each spike, with a neuron's spikes in order of time. ends: see
    ``reading_times``. Spikes after the last end do not count.
    """
    at = step + 1.0  # a spike is there at the end of its step
    inside = at <= ends[-1]
    at, neuron = at[inside], neuron[inside]
    if times.kind == "filtered":
        values = _filtered(at, neuron, n_neurons, ends, times.tau_ms / dt_ms)
    else:
        values = _hats(at, neuron, n_neurons, ends)
    return np.sqrt(values).astype(np.float32)


def _filtered(
    at: np.ndarray, neuron: np.ndarray, n_neurons: int, ends: np.ndarray, tau: float
) -> np.ndarray:
    """Sums of exp(-(end - at) / tau) over the spikes up to each end."""
    n = ends.size
    window = np.searchsorted(ends, at)
    weight = np.exp(-(ends[window] - at) / tau)
    flat = np.bincount(window * n_neurons + neuron, weight, n * n_neurons)
    state = flat.astype(np.float64).reshape(n, n_neurons)  # of no spikes it is of integers
    decay = np.exp(-np.diff(ends) / tau)
    for k in range(1, n):
        state[k] += decay[k - 1] * state[k - 1]
    return state.ravel()


def _hats(at: np.ndarray, neuron: np.ndarray, n_neurons: int, tops: np.ndarray) -> np.ndarray:
    """Spikes counted in triangles from one top to the next; they add up to 1 everywhere."""
    n = tops.size
    if n == 1:
        return np.bincount(neuron, minlength=n_neurons).astype(np.float64)
    left = np.clip(np.searchsorted(tops, at, side="right") - 1, 0, n - 2)
    share = np.clip((at - 0.5 - tops[left]) / (tops[left + 1] - tops[left]), 0.0, 1.0)
    cell = left * n_neurons + neuron
    size = n * n_neurons
    return np.bincount(cell, 1.0 - share, size) + np.bincount(cell + n_neurons, share, size)
