"""The arguments of ``Equations``, read and checked one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distsnn.checks import MAX_FLOAT32, choice, is_number, must_be, number
from distsnn.equations.model import RESERVED
from distsnn.equations.text.arguments import Parameter, mapping_of, named, parameter_of
from distsnn.equations.text.formulas import FUNCTIONS, Formula, read_formula
from distsnn.equations.text.parsing import (
    Equation,
    Statement,
    read_equations,
    read_statements,
)
from distsnn.equations.text.source import Source
from distsnn.errors import NetworkError

METHODS = ("auto", "exact", "exponential_euler", "euler", "heun", "rk2", "rk4")
REFRACTORY = "refractory"  # the state variable that counts the steps for which a neuron is held
REFRACTORY_MS = "refractory_ms"  # the parameter


@dataclass(frozen=True)
class Spiking:
    """When a neuron spikes, and what then happens. threshold: None for neurons that never spike."""

    threshold: Formula | None
    reset: list[Statement]
    is_held: bool  # whether there is a refractory time


@dataclass(frozen=True)
class Given:
    """All that describes a model. receptors: name -> what a spike does."""

    equations: list[Equation]
    spiking: Spiking
    receptors: Mapping[str, list[Statement]]
    parameters: Mapping[str, Parameter]
    initial: Mapping[str, Formula]
    method: str

    @property
    def states(self) -> list[str]:
        """Names of the variables that have a differential equation."""
        return [equation.name for equation in self.equations if equation.is_differential]


def read_given(
    text: Any, threshold: Any, reset: Any, refractory_ms: Any, receptors: Any, parameters: Any,
    initial: Any, method: Any,
) -> Given:  # fmt: skip
    """Return the description of a model. Raises NetworkError, in one line, for what is none."""
    equations = read_equations(Source("equations", text))
    if not any(equation.is_differential for equation in equations):
        limit, remedy = "a text with a differential equation", "Give one such as dv/dt = -v/tau."
        raise NetworkError(must_be("equations", limit, text, remedy))
    spikes, is_reset = not _is_empty(threshold), not _is_empty(reset)
    if not spikes and (is_reset or refractory_ms is not None):
        limit, remedy = "given with a reset or a refractory time", "Give one such as 'v > v_th'."
        raise NetworkError(must_be("threshold", limit, threshold, remedy))
    # What happens at a spike and when weights arrive,
    spiking = Spiking(
        _formula(Source("threshold", threshold), True) if spikes else None,
        read_statements(Source("reset", reset)) if is_reset else [],
        refractory_ms is not None,
    )
    arriving = {
        named("receptors", name): read_statements(Source(f"receptor {name!r}", statements))
        for name, statements in mapping_of("receptors", receptors).items()
    }
    # then what the names stand for,
    known = {
        named("parameters", name): parameter_of(name, value)
        for name, value in mapping_of("parameters", parameters).items()
    }
    if refractory_ms is not None:
        known[REFRACTORY_MS] = parameter_of(REFRACTORY_MS, refractory_ms, "ms")
    # and where the variables start.
    first = {
        named("initial", name): _initial(name, value)
        for name, value in mapping_of("initial", initial).items()
    }
    wanted = choice("method", method, METHODS, error=NetworkError)
    given = Given(equations, spiking, arriving, known, first, wanted)
    _require_distinct(given)
    return given


def _is_empty(text: Any) -> bool:
    return isinstance(text, str) and not text


def _formula(source: Source, is_condition: bool = False) -> Formula:
    return read_formula(source, 0, len(source.text), is_condition)


def _initial(name: str, value: Any) -> Formula:
    """Return an initial value: a number, or a text of parameters."""
    if is_number(value):
        given = number(f"initial {name!r}", value, -MAX_FLOAT32, MAX_FLOAT32)
        value = repr(given)
    return _formula(Source(f"initial {name!r}", value))


def _require_distinct(given: Given) -> None:
    """Raise NetworkError unless every name means one thing."""
    equations = [equation.name for equation in given.equations]
    for kind, names in (
        ("equation", equations), ("parameter", given.parameters), ("receptor", given.receptors),
    ):  # fmt: skip
        for name in names:
            if name in RESERVED or name in FUNCTIONS or (name == REFRACTORY):
                limit = "a name that has no other meaning"
                raise NetworkError(must_be(f"{kind} {name!r}", limit, name, "Choose another name."))
    for name in given.parameters:
        if name in equations:
            limit, got = "a parameter or an equation", "both"
            raise NetworkError(f"{name!r}: must be {limit}, got {got}. Remove one of them.")
    for name in given.initial:
        if name not in given.states:
            limit = f"of a variable with a differential equation ({', '.join(given.states)})"
            raise NetworkError(must_be("initial", limit, name, "Check the name."))
