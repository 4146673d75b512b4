"""Ornstein-Uhlenbeck noise current, a process of its own for each neuron.

    dI = (mean - I) dt / tau + sd sqrt(2 / tau) dW

It is advanced exactly, I <- mean + a (I - mean) + sd sqrt(1 - a^2) z with a = exp(-dt / tau), and held
for a step. Its first value has the stationary distribution: mean, and standard deviation sd. The
autocovariance is sd^2 exp(-|s| / tau), the one-sided spectral density 4 sd^2 tau / (1 + (2 pi f
tau)^2) for frequencies far below 1 / dt.

Source: Uhlenbeck & Ornstein 1930, Phys Rev 36:823; Gillespie 1996, Phys Rev E 54:2084 (the exact
update).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT32
from distsnn.stimuli.checks import require_window
from distsnn.stimuli.course import Course, MovingCurrent, window
from distsnn.stimuli.moving_current import Moving
from distsnn.stimuli.per_neuron import PerNeuron, bounds_of, per_neuron

THING = "OuCurrent"
MAX_DEVIATIONS = 20.0  # far more than any run sees
# Levels: in the first step the process takes its stationary distribution, see kernels/input/currents.
STARTS, GOES_ON = 2.0, 1.0


@dataclass(frozen=True)
class OuCurrent(Moving):
    """Noise with a correlation time, each parameter a number, a distribution, or an array by neuron.

    sd_pa: standard deviation of the current. Acts in the steps t with start_ms <= t dt < stop_ms.
    Raises NetworkError.
    """

    kind: ClassVar[str] = "ou"
    update_ns: ClassVar[float] = 6.0

    mean_pa: Any
    sd_pa: Any
    tau_ms: Any
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        given = {
            "mean_pa": per_neuron(f"{THING}: mean_pa", self.mean_pa),
            "sd_pa": per_neuron(f"{THING}: sd_pa", self.sd_pa, 0.0, MAX_FLOAT32),
            "tau_ms": per_neuron(f"{THING}: tau_ms", self.tau_ms, above=0.0),
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)
        require_window(THING, self.start_ms, self.stop_ms)

    def values(self) -> Mapping[str, PerNeuron]:
        """Return mean, standard deviation and time constant."""
        return {"mean_pa": self.mean_pa, "sd_pa": self.sd_pa, "tau_ms": self.tau_ms}

    def moving_current(self, dt_ms: float, thing: str = THING) -> MovingCurrent:
        """Return kind and steps of the current."""
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        # The first step draws from the stationary distribution, all others advance.
        course = Course(np.array([start, start + 1]), np.array([STARTS, GOES_ON]))
        return MovingCurrent(self.kind, course.cut(start, end), start)

    def moving_parameters(
        self, given: Mapping[str, np.ndarray], dt_ms: float
    ) -> Sequence[np.ndarray]:
        """Return mean, sd, a = exp(-dt / tau) and sd sqrt(1 - a^2)."""
        # 1 - a^2 = -expm1(-2 dt / tau), exact also for dt much shorter than tau.
        rate = dt_ms / given["tau_ms"]
        decay, kick = np.exp(-rate), given["sd_pa"] * np.sqrt(-np.expm1(-2.0 * rate))
        return given["mean_pa"], given["sd_pa"], decay, kick

    def most_pa(self) -> float:
        """Return the largest size that the current is expected to have."""
        # |mean| + 20 sd
        low, high = bounds_of(self.mean_pa)
        return max(abs(low), abs(high)) + MAX_DEVIATIONS * bounds_of(self.sd_pa)[1]
