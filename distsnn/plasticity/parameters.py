"""What the parameters of learning rules must satisfy; each check gives one clear line."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from distsnn.errors import NetworkError

PAIRINGS = ("all", "nearest")

# Units of parameters whose names do not tell
RECEPTOR = "(unit of the receptor)"
RANGE = "(w_max - w_min)"


def require_sound(rule: Any) -> None:
    """Raise NetworkError where a parameter of a rule can mean nothing; for ``__post_init__``.

    Every number is finite; time constants (``tau_..._ms``) are above 0; ``w_min`` lies below
    ``w_max``; ``pairing`` is known.
    """
    for field in fields(rule):
        value = getattr(rule, field.name)
        if field.name == "pairing":
            if value not in PAIRINGS:
                fail(rule, "pairing", repr(value), " or ".join(PAIRINGS), "Choose one of them")
        elif field.type == "float":
            require_number(rule, field.name)
        if field.name.startswith("tau_") and not value > 0:
            fail(rule, field.name, value, "above 0", "Make it positive")
    if not rule.w_min < rule.w_max:
        fail(rule, "w_min", rule.w_min, f"below w_max = {rule.w_max}", "Exchange the bounds")


def require_number(rule: Any, name: str) -> None:
    """Raise NetworkError unless a parameter is a finite number."""
    value = getattr(rule, name)
    is_number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        fail(rule, name, repr(value), "a finite number", "Give a finite number")


def require_least(rule: Any, least: float, *names: str) -> None:
    """Raise NetworkError where one of the named parameters is below ``least``."""
    for name in names:
        if not getattr(rule, name) >= least:
            fail(rule, name, getattr(rule, name), f"at least {least:g}", "Make it larger")


def fail(rule: Any, name: str, got: object, limit: str, remedy: str) -> None:
    """Raise the one-line NetworkError about a parameter."""
    raise NetworkError(f"{type(rule).__name__}: {name} is {got}, limit {limit}. {remedy}.")
