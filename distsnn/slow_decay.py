"""Decays that are too slow for state variables in float32.

A variable with time constant tau changes by the fraction dt / tau of its value in a step. float32
rounds this to multiples of 2^-24: above ``MAX_TAU_STEPS`` steps the error of the decay may exceed 1 %,
and above 2^25 steps there is no decay at all. A variable that decays independently of others is
instead decayed over many steps at once, with the same result (``steps_at_once``). If its decay depends
on other variables in every step, such a time constant is an error (``require_tau``).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError

ROUNDING = 2.0**-24  # of a float32, relative
MAX_ERROR = 0.01
MAX_TAU_STEPS = MAX_ERROR / ROUNDING
FAST_ENOUGH = 2.0**-15  # a relative change of this size is rounded by less than 0.2 %
MAX_AT_ONCE = 2**62


def rate_of(decay: float) -> float:
    """Return |dt / tau| of a propagator exp(-dt / tau) - 1, which may also describe growth."""
    return abs(math.log1p(decay)) if decay > -1.0 else math.inf


def steps_at_once(decay: float) -> int:
    """Return the number of steps to apply a decay over; 1 if float32 resolves each step."""
    rate = rate_of(decay)
    if rate == 0.0 or rate * MAX_TAU_STEPS >= 1.0:
        return 1
    return min(MAX_AT_ONCE, 2 ** math.ceil(math.log2(FAST_ENOUGH / rate)))


def over_steps(decay: float, n: int) -> float:
    """Return exp(-n dt / tau) - 1 for a propagator exp(-dt / tau) - 1."""
    return math.expm1(n * math.log1p(decay))


def require_tau(model: Any, name: str, tau_ms: float, dt_ms: float) -> None:
    """Raise NetworkError if a time constant is too long for float32 and steps of ``dt_ms``."""
    if abs(tau_ms) > MAX_TAU_STEPS * dt_ms:
        subject = f"{type(model).__name__}: {name}"
        limit = (
            f"at most {MAX_TAU_STEPS:.0f} steps of {dt_ms:g} ms, {MAX_TAU_STEPS * dt_ms:.6g} ms, "
            "for a decay that float32 shows to 1 %"
        )
        raise NetworkError(must_be(subject, limit, np.float64(tau_ms), "Choose a longer dt_ms."))
