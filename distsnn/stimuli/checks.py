"""Checks of what an input brings, each with one clear line if it fails."""

from __future__ import annotations

from typing import Any

from distsnn.checks import MAX_FLOAT32, MIN_FLOAT32, must_be, number
from distsnn.errors import NetworkError

# A model of whole numbers (``weight_quanta``) gets its input as float32, which holds these exactly.
MAX_WHOLE = 2.0**24


def float32(thing: str, value: Any, remedy: str = "Scale it.") -> float:
    """Return ``value`` as a float, or raise unless float32, which stores it, can hold it.

    What is not 0 must not become 0.
    """
    checked = number(thing, value, -MAX_FLOAT32, MAX_FLOAT32, remedy=remedy)
    if 0.0 < abs(checked) < MIN_FLOAT32:
        limit = f"0 or a size of at least {MIN_FLOAT32:g}"
        raise NetworkError(must_be(thing, limit, checked, remedy))
    return checked


def require_whole(thing: str, value: float, quantum: float, largest: float) -> None:
    """Raise NetworkError unless ``value`` is a multiple of ``quantum`` of at most ``largest``."""
    if value % quantum:
        limit = "a whole number" if quantum == 1.0 else f"a multiple of {quantum:g}"
        nearest = (value // quantum + (2.0 * (value % quantum) >= quantum)) * quantum
        remedy = f"The nearest is {nearest:.12g}."
        raise NetworkError(must_be(thing, limit, value, remedy))
    if abs(value) > largest:
        raise NetworkError(must_be(thing, f"a size of at most {largest:g}", value, "Scale it."))
