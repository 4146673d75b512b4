"""A firing pattern: a model with the input that makes it show what it is named after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from distsnn.time_grid import given_steps


@dataclass(frozen=True)
class Pattern:
    """Model, initial state, direct current and time of one published firing pattern.

    current: (time in ms, value) from which on it holds, as ``Current(steps=...)`` takes it; pA, or
    the model's own unit of I where it has no capacitance. dt_ms: the step used in the source.
    """

    name: str
    model: Any
    current: tuple[tuple[float, float], ...]
    duration_ms: float
    dt_ms: float
    initial: Mapping[str, float] = field(default_factory=dict)


def pulses(
    starts_ms: tuple[float, ...], length_ms: float, height: float, base: float = 0.0
) -> tuple[tuple[float, float], ...]:
    """Return the steps of a current that is ``height`` in each pulse and ``base`` otherwise."""
    steps = [(0.0, base)]
    for start in starts_ms:
        steps += [(start, height), (start + length_ms, base)]
    return tuple(steps)


def ramp(
    start_ms: float, stop_ms: float, dt_ms: float, value: Callable[[float], float]
) -> tuple[tuple[float, float], ...]:
    """Return the steps of a current that is value(t) in each time step from start to stop."""
    first, last = given_steps("start", start_ms, dt_ms), given_steps("stop", stop_ms, dt_ms)
    return tuple((k * dt_ms, value(k * dt_ms)) for k in range(first, last))
