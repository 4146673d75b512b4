"""Independent Poisson spike trains, one per neuron.

    P(k spikes in a step) = m^k exp(-m) / k!,   m = rate dt

Source: Brunel 2000, J Comput Neurosci 8:183 (a train of its own for each neuron); Devroye 1986,
Non-Uniform Random Variate Generation, III.2 (counts by inversion).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT32, MAX_INT64, must_be, number
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import MAX_WHOLE, float32, require_whole
from distsnn.stimuli.input import Input
from distsnn.time_grid import MAX_STEPS, given_steps

THING = "Poisson stimulus"
NEVER = MAX_INT64  # a step that does not come
MAX_PER_STEP = 10_000.0
N_WORDS = 2.0**32


@dataclass(frozen=True)
class Poisson(Input):
    """A train of its own for each neuron of the population, at ``rate_hz``, from start to stop.

    weight: in the receptor's unit, within float32. receptor: name or index, None for the first one
    if the weight is not negative, else for the last. Drives the steps t with start_ms <= t dt <
    stop_ms; both are whole numbers of the network's steps; a stop later than any step can be is
    none. Raises NetworkError.
    """

    has_receptor: ClassVar[bool] = True
    parameter_units: ClassVar[dict[str, str]] = {"weight": "(unit of the receptor)"}

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

    def receptor_and_weight(self) -> tuple[str | int | None, float]:
        """Return the receptor, None for the one by the weight's sign, and the weight."""
        return self.receptor, self.weight

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless counts come from a table and the sum of a step is a float32."""
        mean = self.mean_per_step(dt_ms)
        if mean > MAX_PER_STEP:
            limit = f"such that a step has a mean number of spikes from 0 to {MAX_PER_STEP:g}"
            remedy = "Lower the rate or the time step."
            raise NetworkError(must_be(f"{thing}: rate_hz", limit, self.rate_hz, remedy))
        self.first_and_end(dt_ms, thing)
        most = max(1, poisson_thresholds(mean).size)  # spikes of one step
        quantum = min(model.weight_quanta, default=0.0)
        if quantum:
            require_whole(f"{thing}: weight", self.weight, quantum, MAX_WHOLE / most)
        elif abs(self.weight) * most > MAX_FLOAT32:
            limit = f"a size of at most {MAX_FLOAT32 / most:g} if {most} spikes may come at once"
            raise NetworkError(must_be(f"{thing}: weight", limit, self.weight, "Scale it."))

    def mean_per_step(self, dt_ms: float) -> float:
        """Return the mean number of spikes per neuron and step."""
        return self.rate_hz * dt_ms * 1e-3

    def first_and_end(self, dt_ms: float, thing: str = THING) -> tuple[int, int]:
        """Return the first step that is driven and the step after the last."""
        first = given_steps(f"{thing}: start_ms", self.start_ms, dt_ms)
        if self.stop_ms / dt_ms > MAX_STEPS:
            return first, NEVER
        return first, given_steps(f"{thing}: stop_ms", self.stop_ms, dt_ms)

    def thresholds(self, dt_ms: float) -> np.ndarray:
        """Return the table from which the spikes of a step are drawn, see poisson_thresholds."""
        return poisson_thresholds(self.mean_per_step(dt_ms))


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
    thresholds: np.ndarray = words[words < N_WORDS].astype(np.uint32)
    return thresholds
