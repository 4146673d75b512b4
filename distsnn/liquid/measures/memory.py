"""Memory capacity: the accuracy with which past input is recalled from the state of a liquid.

Source: Jaeger 2001, GMD report 152 (memory capacity).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm import Comm
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid, without_recurrence
from distsnn.liquid.measures.probes import RATE_HZ, TAU_MS, play_inputs
from distsnn.random_streams import generator
from distsnn.simulation import Settings
from distsnn.time_grid import nearest_steps


def memory_capacity(
    states: np.ndarray, signal: np.ndarray, n_delays: int, alpha: float = 1e-4
) -> np.ndarray:
    """Return r^2 of recalling the signal k samples ago, k = 0 .. n_delays - 1; their sum is MC.

    states: [samples, features]; signal: [samples]. The first half trains a ridge read-out per
    delay, the second half tests it. MC is at most the number of features.
    """
    n = signal.size
    first, half = n_delays, (n + n_delays) // 2
    x = np.concatenate([states, np.ones((n, 1))], axis=1).astype(np.float64)
    train = x[first:half]
    # Ridge regression in primal variables: (X'X + lambda I) w = X'y
    square = train.T @ train
    # lambda = alpha trace(X'X) / features
    square[np.diag_indices_from(square)] += alpha * np.trace(square) / square.shape[0]
    # Column k: the signal k samples ago.
    past = np.stack([signal[first - k : n - k] for k in range(n_delays)], axis=1)
    weights = np.linalg.solve(square, train.T @ past[: half - first])
    recalled, wanted = x[half:] @ weights, past[half - first :]
    # r^2 = cov(recalled, wanted)^2 / (var(recalled) var(wanted))
    recalled = recalled - recalled.mean(axis=0)
    wanted = wanted - wanted.mean(axis=0)
    norm = (recalled**2).sum(axis=0) * (wanted**2).sum(axis=0)
    product = (recalled * wanted).sum(axis=0) ** 2
    return np.asarray(product / np.where(norm > 0, norm, 1.0))


def memory(
    liquid: Liquid,
    settings: Settings,
    comm: Comm,
    n_samples: int = 1500,
    sample_ms: float = 20.0,
    n_delays: int = 12,
) -> dict[str, Any] | None:
    """Return the memory curves of a liquid with and without recurrence, on rank 0.

    All channels follow one random signal u in [0, 1], drawn for every ``sample_ms``, as Poisson
    trains of rate 2 u ``RATE_HZ``; the state is read at the end of each sample. Collective.
    """
    random = generator(liquid.seed, "memory")
    per_sample = max(1, int(nearest_steps(sample_ms, liquid.dt_ms)))
    # u(k) uniform in [0, 1), one value per sample.
    signal = random.random(n_samples)
    # P(spike in a step) = 2 u rate dt, mean rate RATE_HZ
    probability = np.repeat(signal, per_sample) * 2.0 * RATE_HZ * liquid.dt_ms * 1e-3
    is_spike = random.random((probability.size, liquid.n_channels)) < probability[:, None]
    step, channel = np.nonzero(is_spike)
    stimulus = InputSpikes(step.astype(np.int64), channel.astype(np.int64), probability.size)
    curves: dict[str, list[float]] = {}
    tau = TAU_MS / liquid.dt_ms
    for name, played in (("liquid", liquid), ("weights at zero", without_recurrence(liquid))):
        for spikes in play_inputs(played, [stimulus], settings, comm):  # none but on rank 0
            states = sampled(
                spikes.step, spikes.neuron, liquid.n_neurons, n_samples, per_sample, tau
            )
            curves[name] = memory_capacity(states, signal, n_delays).tolist()
    if comm.rank != 0:
        return None
    delays = (np.arange(n_delays) * sample_ms).tolist()
    return {"delay_ms": delays, "curves": curves}


def sampled(
    step: np.ndarray,
    neuron: np.ndarray,
    n_neurons: int,
    n_samples: int,
    per_sample: int,
    tau: float,
) -> np.ndarray:
    """Return the filtered state at the end of every ``per_sample`` steps, [samples, neurons]."""
    sample = step // per_sample
    # exp(-(end of the sample - t) / tau)
    weight = np.exp(-((sample + 1) * per_sample - 1 - step) / tau)
    flat = np.bincount(sample * n_neurons + neuron, weight, n_samples * n_neurons)
    state = flat.astype(np.float64).reshape(n_samples, n_neurons)
    # x(k) = x(k - 1) exp(-T / tau) + filtered spikes of sample k
    decay = np.exp(-per_sample / tau)
    for k in range(1, n_samples):
        state[k] += decay * state[k - 1]
    return state
