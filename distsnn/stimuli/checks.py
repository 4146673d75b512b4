"""Checks of parameters, each with one clear line where it fails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.errors import NetworkError


def require_number(thing: str, what: str, value: Any) -> None:
    """Raise NetworkError where ``value`` is not a number (infinite is allowed, NaN is not)."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise NetworkError(f"{thing}: {what} is {value!r}, limit a number. Give a number.")
    if math.isnan(value):
        raise NetworkError(f"{thing}: {what} is nan, limit a number. Give a number.")


def require_finite(thing: str, what: str, value: Any) -> None:
    """Raise NetworkError where ``value`` is not a finite number."""
    require_number(thing, what, value)
    if math.isinf(value):
        raise NetworkError(f"{thing}: {what} is {value}, limit finite. Give a finite number.")


def require_least(thing: str, what: str, value: Any, least: float) -> None:
    """Raise NetworkError where ``value`` is not a number of at least ``least``."""
    require_number(thing, what, value)
    if value < least:
        raise NetworkError(f"{thing}: {what} is {value}, limit at least {least}. Make it larger.")


def require_count(thing: str, what: str, value: Any, least: int, most: int, remedy: str) -> None:
    """Raise NetworkError where ``value`` is not an integer in [least, most]."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise NetworkError(f"{thing}: {what} is {value!r}, limit an integer. Give an integer.")
    if value < least:
        raise NetworkError(f"{thing}: {what} is {value}, limit at least {least}. {remedy}")
    if value > most:
        raise NetworkError(f"{thing}: {what} is {value}, limit {most}. {remedy}")


def require_flag(thing: str, what: str, value: Any) -> None:
    """Raise NetworkError where ``value`` is not a truth value."""
    if not isinstance(value, (bool, np.bool_)):
        raise NetworkError(f"{thing}: {what} is {value!r}, limit True or False. Give one of them.")
