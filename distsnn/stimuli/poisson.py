"""Independent Poisson spike trains, one per neuron.

    P(k spikes in a step) = m^k exp(-m) / k!,   m = rate dt

Source: Brunel 2000, J Comput Neurosci 8:183 (a train of its own for each neuron); Devroye 1986,
Non-Uniform Random Variate Generation, III.2 (counts by inversion).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distsnn.checks import MAX_INT64, number
from distsnn.stimuli.checks import float32
from distsnn.time_grid import MAX_STEPS, given_steps

THING = "Poisson stimulus"
NEVER = MAX_INT64  # a step that does not come
MAX_PER_STEP = 10_000.0
N_WORDS = 2.0**32


@dataclass(frozen=True)
class Poisson:
    """A train of its own for each neuron of the population, at ``rate_hz``, from start to stop.

    weight: in the receptor's unit, within float32. receptor: name or index, None for the first one
    if the weight is not negative, else for the last. Drives the steps t with start_ms <= t dt <
    stop_ms; both are whole numbers of the network's steps; a stop later than any step can be is
    none. Raises NetworkError.
    """

    rate_hz: float
    weight: float
    receptor: str | int | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        number(f"{THING}: rate_hz", self.rate_hz, 0.0)
        float32(f"{THING}: weight", self.weight)
        start_ms = number(f"{THING}: start_ms", self.start_ms, 0.0)
        remedy = "Give one that is not before the start."
        number(f"{THING}: stop_ms", self.stop_ms, start_ms, math.inf, remedy=remedy)

    def mean_per_step(self, dt_ms: float) -> float:
        """Return the mean number of spikes per neuron and step."""
        return self.rate_hz * dt_ms * 1e-3

    def first_and_end(self, dt_ms: float, thing: str = THING) -> tuple[int, int]:
        """Return the first step that is driven and the step after the last."""
        first = given_steps(f"{thing}: start_ms", self.start_ms, dt_ms)
        if self.stop_ms / dt_ms > MAX_STEPS:
            return first, NEVER
        return first, given_steps(f"{thing}: stop_ms", self.stop_ms, dt_ms)


def poisson_thresholds(mean: float) -> np.ndarray:
    """Return thresholds, uint32 ascending, for counts of this mean in one step.

    For a uniform 32-bit word u the number of thresholds <= u is Poisson distributed: threshold[k]
    is 2^32 P(count <= k), rounded; the table ends where the tail is below 2^-32.
    """
    remedy = "Lower the rate or the time step."
    number(f"{THING}: mean count per step", mean, 0.0, MAX_PER_STEP, remedy=remedy)
    if mean == 0.0:
        return np.empty(0, dtype=np.uint32)
    mode = int(mean)
    n_above = 64 + math.ceil(16.0 * math.sqrt(mean))
    above = np.cumprod(mean / np.arange(mode + 1, mode + 1 + n_above))
    below = np.cumprod(np.arange(mode, 0, -1) / mean)[::-1]
    weights = np.concatenate([below, [1.0], above])
    words = np.rint(np.cumsum(weights) / weights.sum() * N_WORDS)
    return words[words < N_WORDS].astype(np.uint32)
