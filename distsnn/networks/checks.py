"""Checks of the parameters of ready networks."""

from __future__ import annotations

from distsnn.checks import number
from distsnn.errors import UsageError


def require_between(network: str, name: str, value: float, low: float, high: float) -> None:
    """Raise UsageError unless low <= value <= high."""
    number(f"network {network}: {name}", value, low, high, error=UsageError)


def require_least(network: str, name: str, value: float, low: float) -> None:
    """Raise UsageError unless the value is finite and at least ``low``."""
    number(f"network {network}: {name}", value, low, error=UsageError)
