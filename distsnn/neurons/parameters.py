"""What the parameters of every neuron model must satisfy."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

from distsnn.checks import declared, must_be
from distsnn.errors import NetworkError
from distsnn.parameters import Parameters

ONE_NUMBER = (
    "Give one number; what differs between neurons is a state variable or another population."
)


class CheckedParameters(Parameters):
    """Parameters of a neuron model or of a part of one; they are checked when they are made."""

    def __post_init__(self) -> None:
        """Raise NetworkError for a parameter that can mean nothing."""
        require_sound(self)


def require_sound(owner: Parameters) -> None:
    """Raise NetworkError for a parameter that can mean nothing.

    Every ``float`` is a number that float32 holds, every ``int`` a whole number of 32 bits; those
    named in ``positive`` are above 0, those in ``limits`` and ``choices`` within them. A refractory
    time ``t_ref_ms`` is not negative, and ``v_reset_mv`` is below ``v_threshold_mv``.
    """
    declared(
        owner,
        limits=owner.limits,
        choices=owner.choices,
        positive=owner.positive,
        remedy=ONE_NUMBER,
    )
    given = {field.name: owner.__dict__[field.name] for field in fields(owner)}  # type: ignore[arg-type]
    if given.get("t_ref_ms", 0.0) < 0:
        fail(owner, "t_ref_ms", given["t_ref_ms"], "at least 0", "Give 0 for no refractory time")
    threshold = given.get("v_threshold_mv", math.inf)
    if not given.get("v_reset_mv", -math.inf) < threshold:
        limit = f"below v_threshold_mv = {threshold}"
        fail(owner, "v_reset_mv", given["v_reset_mv"], limit, "A neuron would spike forever")


def fail(owner: Any, name: str, got: object, limit: str, remedy: str) -> None:
    """Raise the one-line NetworkError about a parameter."""
    raise NetworkError(must_be(f"{type(owner).__name__}.{name}", limit, got, f"{remedy}."))
