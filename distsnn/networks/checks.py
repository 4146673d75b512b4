"""Checks of the parameters of ready networks."""

from __future__ import annotations

import math

from distsnn.errors import UsageError, describe


def require_between(network: str, name: str, value: float, low: float, high: float) -> None:
    """Raise UsageError unless low <= value <= high."""
    if not low <= value <= high:
        limit = f"{low:g} to {high:g}"
        raise UsageError(describe(f"network {network}", f"{name} is", value, limit, "Change it."))


def require_least(network: str, name: str, value: float, low: float) -> None:
    """Raise UsageError unless the value is finite and at least ``low``."""
    if not (low <= value < math.inf):
        limit = f"at least {low:g}"
        raise UsageError(describe(f"network {network}", f"{name} is", value, limit, "Change it."))
