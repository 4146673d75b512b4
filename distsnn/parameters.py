"""What a class of parameters declares about its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class Parameters:
    """Base of the frozen dataclasses whose fields are what a user sets.

    positive: fields above 0. limits: field -> least and greatest value. choices: field -> words.
    parameter_units: field -> unit, for names that do not end in theirs.
    """

    positive: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    parameter_units: ClassVar[Mapping[str, str]] = {}
