"""Checks of the settings of ready networks, and their rounding to time steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from distsnn.checks import number
from distsnn.errors import UsageError
from distsnn.time_grid import given_steps, rounded_ms


def require_between(network: str, name: str, value: float, low: float, high: float) -> None:
    """Raise UsageError unless low <= value <= high."""
    number(f"network {network}: {name}", value, low, high, error=UsageError)


def require_least(network: str, name: str, value: float, low: float) -> None:
    """Raise UsageError unless the value is finite and at least ``low``."""
    number(f"network {network}: {name}", value, low, error=UsageError)


def delay_in_steps(network: str, delay_ms: float, published_ms: float, dt_ms: float) -> float:
    """Return a delay of whole steps, at least one, in ms.

    The published delay is rounded to steps. Any other delay must be a whole number of steps, or
    UsageError is raised.
    """
    if delay_ms == published_ms and dt_ms <= published_ms:
        return rounded_ms(delay_ms, dt_ms, 1)
    given_steps(f"network {network}: delay_ms", delay_ms, dt_ms, 1, error=UsageError)
    return delay_ms


def in_steps(model: Any, dt_ms: float) -> Any:
    """Return a published neuron model with its refractory time rounded to steps, halves up.

    It is rounded rather than refused, since it is a constant of the network and not a setting.
    """
    return replace(model, t_ref_ms=rounded_ms(model.t_ref_ms, dt_ms))
