"""What the parameters of every neuron model must satisfy."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np

from distsnn.errors import NetworkError


def require_sound(model: Any) -> None:
    """Raise NetworkError where a parameter of a model can mean nothing; for ``__post_init__``.

    Every number is finite; those named in the class's ``positive`` are above 0 and a refractory
    time is not below 0; ``v_reset_mv`` lies below ``v_threshold_mv`` where there are both.
    """
    for field in fields(model):
        value = getattr(model, field.name)
        if isinstance(value, (int, float, np.number)) and not math.isfinite(value):
            fail(model, field.name, value, "a finite number", "Give a finite number")
    for name in model.positive:
        if not getattr(model, name) > 0:
            fail(model, name, getattr(model, name), "above 0", "Make it positive")
    if getattr(model, "t_ref_ms", 0.0) < 0:
        fail(model, "t_ref_ms", model.t_ref_ms, "at least 0", "Give 0 for no refractory time")
    threshold = getattr(model, "v_threshold_mv", math.inf)
    if not getattr(model, "v_reset_mv", -math.inf) < threshold:
        limit = f"below v_threshold_mv = {threshold}"
        fail(model, "v_reset_mv", model.v_reset_mv, limit, "A neuron would spike forever")


def require_within(model: Any, name: str, low: float, high: float) -> None:
    """Raise NetworkError unless low <= the parameter <= high."""
    value = getattr(model, name)
    if not low <= value <= high:
        fail(model, name, value, f"{low:g} to {high:g}", "Choose a value in between")


def require_integers(model: Any, low_high: dict[str, tuple[int, int]]) -> None:
    """Raise NetworkError unless each named parameter is an integer within its limits."""
    for name, (low, high) in low_high.items():
        value = getattr(model, name)
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            fail(model, name, repr(value), "an integer", "Round it")
        require_within(model, name, low, high)


def fail(model: Any, name: str, got: object, limit: str, remedy: str) -> None:
    """Raise the one-line NetworkError about a parameter."""
    raise NetworkError(f"{type(model).__name__}: {name} is {got}, limit {limit}. {remedy}.")
