"""Base classes of what the user sets: parameters, their limits and units, and values that are drawn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar

import numpy as np


class Drawn(ABC):
    """Base of distributions: what gives each neuron or synapse a value of its own."""

    @abstractmethod
    def expected(self) -> float:
        """Return the mean."""

    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value that can occur."""

    @abstractmethod
    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of ``u`` in [0, 1], float64 of its shape."""


class Parameters:
    """Base class of frozen dataclasses whose fields are set by the user.

    positive: fields that must be above 0. limits: field -> smallest and largest value. choices: field
    -> allowed strings. parameter_units: field -> unit, for fields whose name does not end in the unit.
    """

    positive: ClassVar[tuple[str, ...]] = ()
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
    choices: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    parameter_units: ClassVar[Mapping[str, str]] = {}


def varying_fields(owner: Any) -> dict[str, Any]:
    """Return the fields of a dataclass with a value per neuron: a distribution, a list or an array.

    Only fields that are declared as ``float`` or ``int`` can have one.
    """
    if not is_dataclass(owner):
        return {}
    return {
        field.name: owner.__dict__[field.name]
        for field in fields(owner)
        if field.type in ("float", "int", float, int)
        and isinstance(owner.__dict__.get(field.name), (Drawn, np.ndarray, list, tuple))
    }
