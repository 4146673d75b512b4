"""Turns numbers into spikes on lines: integrators, delay lines, rate and latency of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.errors import UsageError
from distsnn.kernels.numbers.threefry import stream_key


@dataclass(frozen=True)
class LineSpikes:
    """step: int64, ascending; line: int64; n_steps: how long the stimulus lasts."""

    step: np.ndarray
    line: np.ndarray
    n_steps: int

    @classmethod
    def of(cls, step: np.ndarray, line: np.ndarray, n_steps: int) -> LineSpikes:
        """Return spikes in order of time, then line."""
        step, line = np.asarray(step, np.int64), np.asarray(line, np.int64)
        order = np.lexsort((line, step))
        return cls(step[order], line[order], int(n_steps))


def integrate(levels: np.ndarray, gain: float, phases: np.ndarray) -> LineSpikes:
    """Return a spike whenever a line's running sum of gain * level passes a whole number.

    levels: [steps, lines], not negative. phases: [lines] in [0, 1), the sums at the beginning. This
    is a perfect integrator with threshold 1 that loses 1 with each spike.
    """
    if gain * float(levels.max(initial=0.0)) > 1.0:
        raise UsageError(
            f"integrators: gain {gain} on levels up to {float(levels.max()):.3g}, limit one spike "
            "in a step. Lower the gain."
        )
    total = np.cumsum(levels.astype(np.float64) * gain, axis=0) + phases
    whole = np.floor(total)
    before = np.concatenate([np.floor(phases)[None], whole[:-1]])
    step, line = np.nonzero(whole > before)
    return LineSpikes(step.astype(np.int64), line.astype(np.int64), levels.shape[0])


def phases_of(n_lines: int, seed: int) -> np.ndarray:
    """Return the integrators' sums at the beginning, float64 [n_lines] in [0, 0.99)."""
    random = np.random.Generator(np.random.Philox(key=stream_key(seed, "encoder phases")))
    return random.random(n_lines) * 0.99


def with_delays(spikes: LineSpikes, n_lines: int, delays: tuple[int, ...]) -> LineSpikes:
    """Return every line once per delay (in steps): line d * n_lines + i is line i, delayed."""
    step = np.concatenate([spikes.step + delay for delay in delays])
    line = np.concatenate([spikes.line + k * n_lines for k in range(len(delays))])
    return LineSpikes.of(step, line, spikes.n_steps + max(delays))


def rate_code(
    values: np.ndarray, n_steps: int, dt_ms: float, most_hz: float, seed: int
) -> LineSpikes:
    """Return Poisson-like spikes: line i spikes in a step with chance values[i] most_hz dt.

    values: [lines] from 0 to 1.
    """
    chance = _unit(values) * most_hz * dt_ms * 1e-3
    if chance.max(initial=0.0) > 1.0:
        raise UsageError(
            f"rate code: {most_hz} Hz, limit {1e3 / dt_ms:g} Hz, a spike in every step. Lower it."
        )
    random = np.random.Generator(np.random.Philox(key=stream_key(seed, "rate code")))
    step, line = np.nonzero(random.random((n_steps, chance.size)) < chance)
    return LineSpikes(step.astype(np.int64), line.astype(np.int64), n_steps)


def latency_code(values: np.ndarray, n_steps: int, least: float = 0.0) -> LineSpikes:
    """Return one spike per line, the earlier the larger its value; none where it is <= ``least``.

    values: [lines] from 0 to 1; 1 spikes in step 0, the least that spikes in the last step.
    """
    values = _unit(values)
    line = np.flatnonzero(values > least)
    share = (1.0 - values[line]) / max(1.0 - least, 1e-12)
    step = np.minimum((share * n_steps).astype(np.int64), n_steps - 1)
    return LineSpikes.of(step, line, n_steps)


def _unit(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64).ravel()
    if values.size and not (values.min() >= 0.0 and values.max() <= 1.0):
        raise UsageError(
            f"encoder: values from {values.min():.3g} to {values.max():.3g}, limit 0 to 1. "
            "Scale them."
        )
    return values
