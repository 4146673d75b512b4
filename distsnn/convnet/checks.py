"""Checks of single numbers, with the message that all of them share."""

from __future__ import annotations

import math
from collections.abc import Sequence

from distsnn.errors import UsageError, describe


def require(name: str, value: float, low: float | None, high: float | None) -> None:
    """Raise UsageError unless low <= value <= high; None has no limit."""
    is_low = low is not None and value < low
    is_high = high is not None and value > high
    if is_low or is_high or not math.isfinite(value):
        limit = f"{low:g} and up" if high is None else f"{low:g} to {high:g}"
        raise UsageError(describe(name, "is", f"{value:g}", limit, "Change it."))


def require_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise UsageError unless the value is one of the choices."""
    if value not in choices:
        raise UsageError(
            describe(name, "is", repr(value), ", ".join(choices), "Choose one of them.")
        )
