"""Base class that declares the limits and units of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class Parameters:
    """Base class of frozen dataclasses whose fields are set by the user.

    positive: fields that must be above 0. limits: field -> smallest and largest value. choices: field
    -> allowed strings. parameter_units: field -> unit, for fields whose name does not end in the unit.
    """

    positive: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    parameter_units: ClassVar[Mapping[str, str]] = {}
