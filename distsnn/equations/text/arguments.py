"""Arguments beside the texts: dicts by name, and parameters with units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distsnn.checks import MAX_FLOAT32, must_be, number
from distsnn.equations.text.parsing import is_name
from distsnn.equations.text.unit_names import factor_of_unit
from distsnn.errors import NetworkError


@dataclass(frozen=True)
class Parameter:
    """A parameter's value in the units of equations, and its unit as given, "" if it has none."""

    value: float
    unit: str


def mapping_of(subject: str, value: Any) -> Mapping[Any, Any]:
    """Return an argument that is a dict by name. Raises NetworkError for another."""
    if not isinstance(value, Mapping):
        raise NetworkError(must_be(subject, "a dict by name", value, "Give {'name': value}."))
    return value


def named(subject: str, name: Any) -> str:
    """Return a name of a dict. Raises NetworkError unless it can be given to a quantity."""
    if not is_name(name):
        limit, remedy = "a dict by names of letters, digits and _", "Choose another name."
        raise NetworkError(must_be(subject, limit, name, remedy))
    return str(name)


def parameter_of(name: str, value: Any, unit: str = "") -> Parameter:
    """Return a parameter given as a number, or as (number, unit)."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        value, unit = value
    subject = f"parameter {name!r}"
    remedy = "Give a number, or (number, 'unit')."
    given = number(subject, value, -MAX_FLOAT32, MAX_FLOAT32, remedy=remedy)
    return Parameter(given * factor_of_unit(subject, unit) if unit else given, unit)
