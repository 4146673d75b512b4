"""Encodes numbers as spikes on input channels: integrators, delay lines, rate and latency codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.random_streams import generator


@dataclass(frozen=True)
class InputSpikes:
    """step: int64, ascending; channel: int64; n_steps: how long the stimulus lasts."""

    step: np.ndarray
    channel: np.ndarray
    n_steps: int

    @classmethod
    def of(cls, step: np.ndarray, channel: np.ndarray, n_steps: int) -> InputSpikes:
        """Return spikes in order of time, then channel."""
        step, channel = np.asarray(step, np.int64), np.asarray(channel, np.int64)
        order = np.lexsort((channel, step))
        return cls(step[order], channel[order], int(n_steps))


def integrate(levels: np.ndarray, gain: float, phases: np.ndarray) -> InputSpikes:
    """Return a spike whenever a channel's running sum of gain * level passes a whole number.

    levels: [steps, channels], not negative. phases: [channels] in [0, 1), the initial sums. This is a
    perfect integrator with threshold 1, from which each spike subtracts 1.
    """
    if gain * float(levels.max(initial=0.0)) > 1.0:
        largest = float(levels.max())
        limit = f"at most {1.0 / largest:.3g} for levels up to {largest:.3g}, one spike per step"
        raise UsageError(must_be("integrators: gain", limit, gain, "Lower it."))
    # S(t) = phase + sum over t' <= t of gain * level(t')
    total = np.cumsum(levels.astype(np.float64) * gain, axis=0) + phases
    # A channel spikes in a step if its sum passes a whole number.
    whole = np.floor(total)
    before = np.concatenate([np.floor(phases)[None], whole[:-1]])
    step, channel = np.nonzero(whole > before)
    return InputSpikes(step.astype(np.int64), channel.astype(np.int64), levels.shape[0])


def phases_of(n_channels: int, seed: int) -> np.ndarray:
    """Return the integrators' sums at the beginning, float64 [n_channels] in [0, 0.99)."""
    random = generator(seed, "encoder phases")
    return random.random(n_channels) * 0.99


def with_delays(spikes: InputSpikes, n_channels: int, delays: tuple[int, ...]) -> InputSpikes:
    """Return every channel once per delay, in steps: channel d * n_channels + i is i delayed by d."""
    step = np.concatenate([spikes.step + delay for delay in delays])
    channel = np.concatenate([spikes.channel + k * n_channels for k in range(len(delays))])
    return InputSpikes.of(step, channel, spikes.n_steps + max(delays))


def rate_code(
    values: np.ndarray, n_steps: int, dt_ms: float, max_hz: float, seed: int
) -> InputSpikes:
    """Return Poisson-like spikes: channel i spikes in a step with probability values[i] max_hz dt.

    values: [channels] from 0 to 1.
    """
    # P(spike in a step) = value * max_hz * dt
    probability = _unit(values) * max_hz * dt_ms * 1e-3
    if probability.max(initial=0.0) > 1.0:
        limit = f"at most {1e3 / dt_ms:g} Hz, one spike per step"
        raise UsageError(must_be("rate code: max_hz", limit, max_hz, "Lower it."))
    random = generator(seed, "rate code")
    step, channel = np.nonzero(random.random((n_steps, probability.size)) < probability)
    return InputSpikes(step.astype(np.int64), channel.astype(np.int64), n_steps)


def latency_code(values: np.ndarray, n_steps: int, least: float = 0.0) -> InputSpikes:
    """Return one spike per channel, the earlier the larger its value; none if it is <= ``least``.

    values: [channels] from 0 to 1; a value of 1 spikes in step 0, ``least`` would in the last step.
    """
    values = _unit(values)
    channel = np.flatnonzero(values > least)
    # t = n_steps (1 - value) / (1 - least)
    share = (1.0 - values[channel]) / max(1.0 - least, 1e-12)
    step = np.minimum((share * n_steps).astype(np.int64), n_steps - 1)
    return InputSpikes.of(step, channel, n_steps)


def _unit(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64).ravel()
    if values.size and not (values.min() >= 0.0 and values.max() <= 1.0):
        got = f"{values.min():.3g} to {values.max():.3g}"
        raise UsageError(f"encoder: values must be from 0 to 1, got {got}. Scale them.")
    return values
