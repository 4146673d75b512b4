"""White noise current: normal, independent of all other neurons and intervals.

    I(t) = mean + sd z_k,   k: the interval that t is in,   z_k: standard normal

Held for an interval h, it has the autocovariance sd^2 (1 - |s| / h) for |s| < h and the spectral
density 2 sd^2 h sinc^2(f h), one-sided, sinc(x) = sin(pi x) / (pi x); for low frequencies it acts as
white noise of the density 2 sd^2 h. A time step other than the one it was meant for is compensated by
sd ~ 1 / sqrt(h), or by giving ``every_ms``.

Source: van Kampen 2007, Stochastic Processes in Physics and Chemistry, IX.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT32, number
from distsnn.stimuli.checks import require_window
from distsnn.stimuli.course import Course, MovingCurrent, window
from distsnn.stimuli.moving_current import Moving
from distsnn.stimuli.per_neuron import PerNeuron, bounds_of, per_neuron
from distsnn.time_grid import given_steps

THING = "NoiseCurrent"
MAX_DEVIATIONS = 6.4  # of the normal numbers that are drawn


@dataclass(frozen=True)
class NoiseCurrent(Moving):
    """A new normal number for each neuron in every interval of ``every_ms``, None for every step.

    mean_pa, sd_pa: each a number, a distribution, or an array by neuron. The first interval begins at
    ``start_ms``; acts in the steps t with start_ms <= t dt < stop_ms. every_ms: whole steps. Raises
    NetworkError.
    """

    kind: ClassVar[str] = "white"
    update_ns: ClassVar[float] = 6.0

    mean_pa: Any
    sd_pa: Any
    every_ms: float | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean_pa", per_neuron(f"{THING}: mean_pa", self.mean_pa))
        object.__setattr__(
            self, "sd_pa", per_neuron(f"{THING}: sd_pa", self.sd_pa, 0.0, MAX_FLOAT32)
        )
        if self.every_ms is not None:
            number(f"{THING}: every_ms", self.every_ms, above=0.0)
        require_window(THING, self.start_ms, self.stop_ms)

    def values(self) -> Mapping[str, PerNeuron]:
        """Return mean and standard deviation."""
        return {"mean_pa": self.mean_pa, "sd_pa": self.sd_pa}

    def moving_current(self, dt_ms: float, thing: str = THING) -> MovingCurrent:
        """Return kind, steps and interval of the current."""
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        # one value per step unless an interval is given
        every = 1
        if self.every_ms is not None:
            every = given_steps(f"{thing}: every_ms", self.every_ms, dt_ms, 1)
        return MovingCurrent(self.kind, Course.between(start, end), start, every)

    def moving_parameters(
        self, given: Mapping[str, np.ndarray], dt_ms: float
    ) -> Sequence[np.ndarray]:
        """Return mean and standard deviation."""
        # I = mean + sd z, z of the interval and the neuron
        return given["mean_pa"], given["sd_pa"]

    def most_pa(self) -> float:
        """Return the largest size of the current."""
        # |mean| + 6.4 sd: the largest number that can be drawn
        low, high = bounds_of(self.mean_pa)
        return max(abs(low), abs(high)) + MAX_DEVIATIONS * bounds_of(self.sd_pa)[1]
