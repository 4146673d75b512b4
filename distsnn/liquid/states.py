"""From spikes to features: the state of a liquid at the read-out times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.parameters import Preset, ReadoutTimes

MIN_GAP = 1e-3  # steps between two read-out times, which must ascend


def reading_times(
    stimulus: InputSpikes, n_steps: int, times: ReadoutTimes, dt_ms: float
) -> np.ndarray:
    """Return when the state is read, float64 [times.n] in steps, ascending.

    Clock ``time``: ``n_steps`` is divided equally. Clock ``input``: the spikes of the stimulus are
    divided equally, and the state is read ``lag_ms`` after the last spike of each part, so that a
    word whose first half is spoken slowly is read later there. Triangular windows have the first
    peak at 0 and the last at the end.
    """
    n = times.n
    is_triangular = times.kind == "triangular" and n > 1
    # Triangular windows need a peak at both ends; filtered states are read at the end of parts.
    shares = np.linspace(0.0, 1.0, n) if is_triangular else (np.arange(n) + 1.0) / n
    if times.clock == "time" or not stimulus.step.size:
        return shares * n_steps
    # Index of the spike that ends each part.
    spike = np.minimum((shares * stimulus.step.size).astype(np.int64), stimulus.step.size - 1)
    read_at = np.minimum(stimulus.step[spike] + times.lag_ms / dt_ms, float(n_steps))
    # Ascending by at least MIN_GAP each, so that no window is empty.
    return np.maximum.accumulate(read_at + MIN_GAP * np.arange(n))


def features(
    step: np.ndarray,
    neuron: np.ndarray,
    n_neurons: int,
    read_at: np.ndarray,
    times: ReadoutTimes,
    dt_ms: float,
) -> np.ndarray:
    """Return the features of one recording, float32 [times.n * n_neurons], time after time.

    step, neuron: int64, of each spike, with a neuron's spikes in order of time. read_at: float64
    [times.n], see ``reading_times``. Spikes after the last read-out time do not count.
    """
    at = step + 1.0  # a spike counts from the end of its step on
    inside = at <= read_at[-1]
    at, neuron = at[inside], neuron[inside]
    if times.kind == "filtered":
        values = _filtered(at, neuron, n_neurons, read_at, times.tau_ms / dt_ms)
    else:
        values = _triangular(at, neuron, n_neurons, read_at)
    # The square root evens out the variance of counts.
    return np.sqrt(values).astype(np.float32)


def _filtered(
    at: np.ndarray, neuron: np.ndarray, n_neurons: int, read_at: np.ndarray, tau: float
) -> np.ndarray:
    """Return x(T) = sum of exp(-(T - t) / tau) over the spikes up to each read-out time T."""
    n = read_at.size
    # Read-out time k that follows the spike; its weight at T_k is exp(-(T_k - t) / tau).
    window = np.searchsorted(read_at, at)
    weight = np.exp(-(read_at[window] - at) / tau)
    flat = np.bincount(window * n_neurons + neuron, weight, n * n_neurons)
    state = flat.astype(np.float64).reshape(n, n_neurons)  # bincount of nothing has integers
    # x(T_k) = x(T_k-1) exp(-(T_k - T_k-1) / tau) + spikes since T_k-1
    decay = np.exp(-np.diff(read_at) / tau)
    for k in range(1, n):
        state[k] += decay[k - 1] * state[k - 1]
    return state.ravel()


def _triangular(
    at: np.ndarray, neuron: np.ndarray, n_neurons: int, peaks: np.ndarray
) -> np.ndarray:
    """Return spike counts in overlapping triangular windows, which add up to 1 at any time.

    A spike between two peaks counts in both windows, by linear interpolation.
    """
    n = peaks.size
    if n == 1:
        return np.bincount(neuron, minlength=n_neurons).astype(np.float64)
    # The middle of the step, at - 1/2, between peaks left and left + 1.
    left = np.clip(np.searchsorted(peaks, at, side="right") - 1, 0, n - 2)
    share = np.clip((at - 0.5 - peaks[left]) / (peaks[left + 1] - peaks[left]), 0.0, 1.0)
    index = left * n_neurons + neuron
    size = n * n_neurons
    # 1 - share to the window of the left peak, share to that of the right one.
    return np.bincount(index, 1.0 - share, size) + np.bincount(index + n_neurons, share, size)


def input_features(
    stimuli: Sequence[InputSpikes], n_channels: int, times: ReadoutTimes, preset: Preset
) -> np.ndarray:
    """Return the same features of the input channels themselves, without a liquid, float32."""
    tail = preset.tail_steps
    table = np.empty((len(stimuli), times.n * n_channels), np.float32)
    for k, stimulus in enumerate(stimuli):
        read_at = reading_times(stimulus, stimulus.n_steps + tail, times, preset.dt_ms)
        table[k] = features(
            stimulus.step, stimulus.channel, n_channels, read_at, times, preset.dt_ms
        )
    return table
