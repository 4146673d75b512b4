"""The one rule for times: which step a time is.

A network knows no times between its steps of ``dt_ms``.

- A time that is **given** (a delay, the beginning of a stimulus, a refractory time, a duration) is a
  whole number of steps. One that is not is refused in a line that names the two nearest ones.
- A time that is **drawn** (from a distribution) or **measured** (in a recording with a clock of its
  own) becomes the nearest whole number of steps; halves go up.

Both forgive what floats make of decimal numbers: 3 * 0.1 is 0.3, and 0.15 lies half-way between 0.1
and 0.2.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn import checks
from distsnn.errors import DistsnnError, NetworkError

MAX_STEPS = 2**53  # up to here float64, in which times are given, tells all whole numbers apart
MAX_RUN_STEPS = checks.MAX_INT32  # learning keeps the steps of spikes in 32 bits with sign
MAX_FLOAT32_STEPS = 2**24  # up to here float32, in which models keep constants, tells them apart

# What a time may be off its step, in parts of the number of steps: an error of float32, in which
# times may have been computed, but never so much that it could be meant.
FLOAT_ERROR = 2.0**-23
MAX_SLACK = 2.0**-10

Error = type[DistsnnError]


def nearest_steps(times_ms: Any, dt_ms: float) -> np.ndarray:
    """Return drawn or measured times in whole steps, int64 of their shape; halves go up.

    times_ms: below ``MAX_STEPS`` steps.
    """
    steps = np.asarray(times_ms, dtype=np.float64) / dt_ms
    return np.floor(steps + 0.5 + 2.0**-44 * np.maximum(1.0, np.abs(steps))).astype(np.int64)


def rounded_ms(time_ms: float, dt_ms: float, least: int = 0) -> float:
    """Return the time on the grid that is nearest to a time, and at least ``least`` steps.

    For the constants of published models, which are what they are whatever step is chosen.
    """
    return max(least, int(nearest_steps(time_ms, dt_ms))) * dt_ms


def given_steps(
    thing: str,
    time_ms: Any,
    dt_ms: float,
    low: int = 0,
    high: int = MAX_STEPS,
    *,
    remedy: str = "",
    error: Error = NetworkError,
) -> int:
    """Return a given time as whole steps, low <= steps <= high, or raise in one line.

    thing: what the message names. remedy: follows the times that the message proposes.
    """
    found = checks.number(thing, time_ms, -checks.MAX_FLOAT64, math.inf, error=error)
    steps = found / dt_ms
    if steps > high + MAX_SLACK:
        limit = f"at most {high} steps of {dt_ms:g} ms, {high * dt_ms:.12g} ms"
        raise error(checks.must_be(thing, limit, found, "Make it smaller."))
    n = math.floor(max(steps, low - 1.0) + 0.5)  # also of what is infinite
    if n < low and steps < low - slack(low):
        limit = "at least 0" if low == 0 else f"at least {_steps(low)} of {dt_ms:g} ms"
        raise error(checks.must_be(thing, limit, found, _proposal(low, low, dt_ms, remedy)))
    if abs(steps - n) > slack(n):
        below, above = math.floor(steps), math.floor(steps) + 1
        limit = f"a whole number of steps of {dt_ms:g} ms"
        proposal = _proposal(max(low, below), min(high, above), dt_ms, remedy)
        raise error(checks.must_be(thing, limit, found, proposal))
    return n


def all_given_steps(
    thing: str,
    times_ms: np.ndarray,
    dt_ms: float,
    low: int = 0,
    high: int = MAX_STEPS,
    *,
    remedy: str = "",
    error: Error = NetworkError,
) -> np.ndarray:
    """Return given times (float64, any shape) as whole steps, int64, or raise as ``given_steps``.

    The message names the first time that is wrong by its place, ``thing[3]``.
    """
    steps = times_ms / dt_ms
    n = np.floor(steps + 0.5)
    is_right = np.abs(steps - n) <= np.minimum(MAX_SLACK, FLOAT_ERROR * np.maximum(1.0, n))
    is_right &= (n >= low) & (n <= high)
    if not is_right.all():
        at = np.unravel_index(int(np.argmin(is_right)), times_ms.shape)
        place = ", ".join(str(int(k)) for k in at)
        given_steps(f"{thing}[{place}]", times_ms[at], dt_ms, low, high, remedy=remedy, error=error)
    return n.astype(np.int64)


def slack(n: int) -> float:
    """Return how far a time may be off ``n`` steps, in steps."""
    return min(MAX_SLACK, FLOAT_ERROR * max(1, n))


def _proposal(below: int, above: int, dt_ms: float, remedy: str) -> str:
    """Return which times on the grid would do."""
    first, second = f"{below * dt_ms:.12g}", f"{above * dt_ms:.12g}"
    text = f"Give {first} or {second} ms" if below != above else f"Give {first} ms"
    return f"{text}, {remedy}." if remedy else f"{text}."


def _steps(n: int) -> str:
    return "one step" if n == 1 else f"{n} steps"
