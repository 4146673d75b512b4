"""What the parameters of every neuron model must satisfy."""

from __future__ import annotations

import math
from typing import Any

from distsnn.checks import declared, must_be
from distsnn.errors import NetworkError

ONE_NUMBER = (
    "Give one number; what differs between neurons is a state variable or another population."
)


def require_sound(model: Any) -> None:
    """Raise NetworkError where a parameter of a model can mean nothing; for ``__post_init__``.

    Every ``float`` is a number that float32 holds, every ``int`` a whole number of 32 bits; those
    named in the class's ``positive`` are above 0, those in its ``limits`` and ``choices`` within
    them, and a refractory time is not below 0; ``v_reset_mv`` lies below ``v_threshold_mv`` where
    there are both.
    """
    declared(
        model,
        limits=getattr(model, "limits", None),
        choices=getattr(model, "choices", None),
        positive=getattr(model, "positive", ()),
        remedy=ONE_NUMBER,
    )
    if getattr(model, "t_ref_ms", 0.0) < 0:
        fail(model, "t_ref_ms", model.t_ref_ms, "at least 0", "Give 0 for no refractory time")
    threshold = getattr(model, "v_threshold_mv", math.inf)
    if not getattr(model, "v_reset_mv", -math.inf) < threshold:
        limit = f"below v_threshold_mv = {threshold}"
        fail(model, "v_reset_mv", model.v_reset_mv, limit, "A neuron would spike forever")


def fail(model: Any, name: str, got: object, limit: str, remedy: str) -> None:
    """Raise the one-line NetworkError about a parameter."""
    raise NetworkError(must_be(f"{type(model).__name__}.{name}", limit, got, f"{remedy}."))
