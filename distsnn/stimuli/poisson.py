"""Independent Poisson spike trains, one per neuron.

    P(k spikes in a step) = m^k exp(-m) / k!,   m = rate dt

Source: Brunel 2000, J Comput Neurosci 8:183 (a train of its own for each neuron); Devroye 1986,
Non-Uniform Random Variate Generation, III.2 (counts by inversion).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT64, is_number, must_be, number
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import float32, require_weight, require_window
from distsnn.stimuli.course import Course, Samples, ascending_times, pairs, window
from distsnn.stimuli.input import Input
from distsnn.stimuli.per_neuron import PerNeuron, bounds_of, mean_of, n_dims, per_neuron
from distsnn.time_grid import given_steps

THING = "Poisson stimulus"
MAX_PER_STEP = 10_000.0
N_WORDS = 2.0**32


@dataclass(frozen=True)
class Poisson(Input):
    """A train of its own for each neuron, at ``rate_hz``, from start to stop.

    rate_hz: a number; by neuron a distribution, or an array with a number for each; over time
    ``[(time_ms, hz), ...]``, each from its time on, or ``Samples``. weight: in the receptor's unit,
    within float32. receptor: name or index, None for the first one if the weight is not negative,
    else for the last. Drives the steps t with start_ms <= t dt < stop_ms; all times are whole numbers
    of the network's steps; a stop later than any step can be is none. Raises NetworkError.
    """

    has_receptor: ClassVar[bool] = True
    update_ns: ClassVar[float] = 1.0
    parameter_units: ClassVar[dict[str, str]] = {"weight": "(unit of the receptor)"}

    rate_hz: Any
    weight: float
    receptor: str | int | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        float32(f"{THING}: weight", self.weight)
        require_window(THING, self.start_ms, self.stop_ms)
        thing, rate = f"{THING}: rate_hz", self.rate_hz
        # Samples and pairs of time and rate are functions of time, all else is constant.
        if isinstance(rate, Samples):
            number(f"{thing}: values", rate.values.min(), 0.0)
        elif n_dims(rate) == 2:
            # [(ms, Hz), ...]: a rate that holds from each time on
            steps = pairs(thing, rate, "rate in Hz")
            times_ms = ascending_times(thing, [time_ms for time_ms, _ in steps])
            rates = [number(f"{thing}[{k}]", hz, 0.0) for k, (_, hz) in enumerate(steps)]
            rate = tuple(zip(times_ms, rates, strict=True))
        else:
            rate = per_neuron(thing, rate, 0.0, MAX_FLOAT64, is_float32=False)
        object.__setattr__(self, "rate_hz", rate)

    def receptor_and_weight(self) -> tuple[str | int | None, float]:
        """Return the receptor, None for the one by the weight's sign, and the weight."""
        return self.receptor, self.weight

    def values(self) -> Mapping[str, PerNeuron]:
        """Return the rate, unless it is a function of time."""
        return {} if isinstance(self.rate_hz, Samples | tuple) else {"rate_hz": self.rate_hz}

    def require_neurons(self, thing: str, n_neurons: int) -> None:
        """Raise NetworkError unless arrays have a number for each of the driven neurons."""
        super().require_neurons(thing, n_neurons)
        if isinstance(self.rate_hz, Samples):
            self.rate_hz.require_neurons(f"{thing}: rate_hz", n_neurons)

    def of_part(self, start: int, stop: int) -> Input:
        """Return the input of the neurons start .. stop - 1 among those of this one."""
        if isinstance(self.rate_hz, Samples):
            return replace(self, rate_hz=self.rate_hz.of_part(start, stop))
        return super().of_part(start, stop)

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless counts come from a table and the sum of a step is a float32."""
        # The largest mean of any step decides: m = rate dt.
        mean = self._most_hz() * dt_ms * 1e-3
        if mean > MAX_PER_STEP:
            limit = f"such that a step has a mean number of spikes from 0 to {MAX_PER_STEP:g}"
            got = self.rate_hz if self.is_plain else self._most_hz()
            remedy = "Lower the rate or the time step."
            raise NetworkError(must_be(f"{thing}: rate_hz", limit, got, remedy))
        self.rate_course(dt_ms, thing)
        require_weight(thing, self.weight, model, max(1, poisson_thresholds(mean).size))

    @property
    def is_plain(self) -> bool:
        """Whether the rate is one number."""
        return is_number(self.rate_hz)

    def _most_hz(self) -> float:
        if isinstance(self.rate_hz, Samples):
            return float(self.rate_hz.values.max())
        if isinstance(self.rate_hz, tuple):
            return max((hz for _, hz in self.rate_hz), default=0.0)
        return bounds_of(self.rate_hz)[1]

    def mean_per_step(self, dt_ms: float) -> float:
        """Return the mean number of spikes per neuron and step, over neurons or given times."""
        if isinstance(self.rate_hz, Samples):
            # Over samples and neurons alike: only expected work and traffic follow from it.
            hz = float(self.rate_hz.values.mean())
        elif isinstance(self.rate_hz, tuple):
            hz = float(np.mean([hz for _, hz in self.rate_hz]))
        else:
            hz = mean_of(self.rate_hz)
        return hz * dt_ms * 1e-3

    def first_and_end(self, dt_ms: float) -> tuple[int, int]:
        """Return the first step that is driven and the step after the last."""
        return window(THING, self.start_ms, self.stop_ms, dt_ms)

    def thresholds(self, dt_ms: float) -> np.ndarray:
        """Return the table from which the spikes of a step are drawn, see poisson_thresholds."""
        return poisson_thresholds(self.mean_per_step(dt_ms))

    def rate_course(self, dt_ms: float, thing: str = THING) -> Course:
        """Return the levels of the rate: means of a step if it is a function of time."""
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        if isinstance(self.rate_hz, Samples):
            course = self.rate_hz.course(f"{thing}: rate_hz", start, end, dt_ms)
        elif isinstance(self.rate_hz, tuple):
            changes = {
                given_steps(f"{thing}: rate_hz[{k}] time_ms", time_ms, dt_ms): hz
                for k, (time_ms, hz) in enumerate(self.rate_hz)
            }
            course = Course.of_changes(changes).cut(start, end)
        else:
            return Course.between(start, end)
        # mean of a step = rate dt
        return Course(course.first, course.levels * dt_ms * 1e-3)


def poisson_thresholds(mean: float) -> np.ndarray:
    """Return thresholds, uint32 ascending, for counts of this mean in one step.

    For a uniform 32-bit word u the number of thresholds <= u is Poisson distributed: threshold[k]
    is 2^32 P(count <= k), rounded; the table ends where the tail is below 2^-32.
    """
    remedy = "Lower the rate or the time step."
    number(f"{THING}: mean count per step", mean, 0.0, MAX_PER_STEP, remedy=remedy)
    if mean == 0.0:
        return np.empty(0, dtype=np.uint32)
    # P(k) / P(k - 1) = mean / k, outwards from the mode and normalised by the sum of all.
    # p(k) relative to that of the mode, which neither underflows nor overflows
    mode = int(mean)
    n_above = 64 + math.ceil(16.0 * math.sqrt(mean))
    above = np.cumprod(mean / np.arange(mode + 1, mode + 1 + n_above))
    below = np.cumprod(np.arange(mode, 0, -1) / mean)[::-1]
    weights = np.concatenate([below, [1.0], above])
    # threshold[k] = 2^32 P(count <= k)
    words = np.rint(np.cumsum(weights) / weights.sum() * N_WORDS)
    # Thresholds of 2^32 can never be reached.
    thresholds: np.ndarray = words[words < N_WORDS].astype(np.uint32)
    return thresholds
