"""The arguments of ``SynapseEquations``, read and checked one by one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from distsnn.checks import must_be
from distsnn.equations.learning.rule import RESERVED
from distsnn.equations.text.arguments import Parameter, mapping_of, named, parameter_of
from distsnn.equations.text.formulas import FUNCTIONS
from distsnn.equations.text.parsing import (
    Equation,
    Statement,
    read_equations,
    read_statements,
)
from distsnn.equations.text.source import Source
from distsnn.errors import NetworkError

EVENTS = ("on_pre", "on_post", "on_reward")
BOUNDS = ("w_max", "w_min")


@dataclass(frozen=True)
class RuleGiven:
    """All that describes a rule. events: statements by ``EVENTS``, [] for those without a text."""

    equations: list[Equation]
    events: Mapping[str, list[Statement]]
    parameters: Mapping[str, Parameter]
    texts: Mapping[str, str]

    @property
    def is_rewarded(self) -> bool:
        """Whether rewards change the weight."""
        return bool(self.events["on_reward"])

    @property
    def variables(self) -> dict[str, Equation]:
        """Traces and the eligibility, by name."""
        return {item.name: item for item in self.equations if item.is_differential}

    @property
    def parts(self) -> dict[str, Equation]:
        """Named parts of formulas, by name."""
        return {item.name: item for item in self.equations if not item.is_differential}


def read_rule(
    text: Any, events: Mapping[str, Any], w_max: Any, w_min: Any, parameters: Any
) -> RuleGiven:
    """Return the description of a rule. Raises NetworkError, in one line, for what is none."""
    texts = {"equations": text, **events}
    equations = [] if _is_empty(text) else read_equations(Source("equations", text))
    statements = {
        name: [] if _is_empty(given) else read_statements(Source(name, given))
        for name, given in events.items()
    }
    # At least one side's spikes must do something.
    if not statements["on_pre"] and not statements["on_post"]:
        limit, remedy = "statements", "Say what a spike does, such as 'w += a_plus*r'."
        raise NetworkError(must_be("on_pre or on_post", limit, "", remedy))
    known = {
        name: parameter_of(name, value) for name, value in (("w_max", w_max), ("w_min", w_min))
    }
    for name, value in mapping_of("parameters", parameters).items():
        known[_free_name(named("parameters", name))] = parameter_of(name, value)
    given = RuleGiven(equations, statements, known, {k: v for k, v in texts.items() if v})
    # Traces may have the names that the kernels give them, since they are replaced.
    for equation in equations:
        if not (equation.is_differential and equation.name in ("e", "m", "r1", "r2", "o1", "o2")):
            _require_free(equation)
        if equation.name in known:
            got = "both"
            raise NetworkError(
                f"{equation.name!r}: must be a parameter or an equation, got {got}. Remove one of them."
            )
        _require_bare(equation)
    return given


def _is_empty(text: Any) -> bool:
    return isinstance(text, str) and not text


def _free_name(name: str) -> str:
    if _is_taken(name):
        limit = "a name that has no other meaning"
        raise NetworkError(must_be(f"parameter {name!r}", limit, name, "Choose another name."))
    return name


def _require_free(equation: Equation) -> None:
    if _is_taken(equation.name):
        source, at = equation.formula.source, equation.start
        limit, got = "a name that has no other meaning", equation.name
        source.fail(
            at, at + len(got) + equation.is_differential, limit, got, "Choose another name."
        )


def _is_taken(name: str) -> bool:
    return name in RESERVED or name in FUNCTIONS or name in BOUNDS


def _require_bare(equation: Equation) -> None:
    """Raise NetworkError for what equations of neurons have and traces do not."""
    source, at = equation.formula.source, equation.start
    stop = at + len(equation.name) + equation.is_differential
    if equation.is_held:
        source.fail(at, stop, "unmarked", "(unless refractory)", "Take the mark away.")
    if equation.unit:
        limit, remedy = "without a unit: traces count spikes", "Take the unit away."
        source.fail(at, stop, limit, equation.unit, remedy)


CONSTANTS = {"pi": math.pi}
