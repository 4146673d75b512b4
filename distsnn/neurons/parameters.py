"""What the parameters of every neuron model must satisfy."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from distsnn.checks import array, declared, must_be
from distsnn.errors import NetworkError
from distsnn.parameters import Drawn, Parameters, varying_fields

ONE_NUMBER = "Give a number, a distribution, or an array with a value per neuron."


class CheckedParameters(Parameters):
    """Parameters of a neuron model or of a part of one; they are checked when they are made.

    Of parameters with a value per neuron a typical one is checked at first; ``Network.population``
    checks the others.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        check = cls.__dict__.get("__post_init__")
        if check is not None:
            checking: Any = _checking_typical(check)
            cls.__post_init__ = checking  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        """Raise NetworkError for a parameter that can mean nothing."""
        if not _check_typical(self):
            require_sound(self)


def _checking_typical(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a ``__post_init__`` that lets the checks of a class see one number per parameter."""

    @functools.wraps(check)
    def post_init(self: Any) -> None:
        if not _check_typical(self):
            check(self)

    return post_init


def _check_typical(owner: Any) -> bool:
    """Make a typical instance if parameters differ between neurons; return whether they do."""
    varying = varying_fields(owner)
    if varying:
        replace(owner, **typical_values(owner, varying))
    return bool(varying)


def typical_values(owner: Any, varying: Mapping[str, Any]) -> dict[str, float]:
    """Return one value that occurs for each of these parameters: the median.

    Raises NetworkError for an array that is empty or holds anything but numbers.
    """
    typical = {}
    for name, values in varying.items():
        if isinstance(values, Drawn):
            value = float(values.quantiles(np.array([0.5]))[0])
        else:
            numbers = array(f"{type(owner).__name__}.{name}", values, "f", remedy=ONE_NUMBER)
            if not numbers.size:
                fail(owner, name, [], "an array with a value per neuron", "Fill it")
            value = float(np.sort(numbers)[numbers.size // 2])
        typical[name] = whole_if(owner, name, value)
    return typical


def whole_if(owner: Any, name: str, value: float) -> Any:
    """Return ``value``, as an int if the parameter is declared as one."""
    kind = next(field.type for field in fields(owner) if field.name == name)
    return int(value) if kind in ("int", int) and float(value).is_integer() else value


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
