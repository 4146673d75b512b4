"""The equations as expressions: names resolved, subexpressions put in, noise apart.

Every state variable x is kept relative to its initial value o, in which float32 is finest near it: x
is ``old_x + o`` at the beginning of a step and ``new_x + o`` at its end.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from dataclasses import dataclass, field

import sympy
from sympy import Expr, Symbol

from distsnn.equations.algebra import ZERO, call, expression_of, linear_parts, polished, substituted
from distsnn.equations.formulas import Formula
from distsnn.equations.given import Given
from distsnn.equations.parsing import Equation, Statement
from distsnn.equations.unit_names import UNITS

DT, DRIVE, TIME = Symbol("dt_ms"), Symbol("drive"), Symbol("time")
XI, WEIGHT = Symbol("xi"), Symbol("weight")
PI = Symbol("math.pi")
# Which of these names may stand where.
OF_EQUATIONS = {"current": DRIVE, "t": TIME, "xi": XI}
OF_EVENTS = {"t": TIME}


def old(name: str) -> Symbol:
    """Return the symbol of a state variable at the beginning of a step, less its initial value."""
    return Symbol(f"old_{name}")


def new(name: str) -> Symbol:
    """Return the symbol of a state variable at the end of a step, less its initial value."""
    return Symbol(f"new_{name}")


@dataclass
class System:
    """A model's equations as expressions of the symbols above.

    slopes: variable -> dx/dt without noise. noise: variable -> factor of xi, for those that have it.
    held: variables that stay as they are while the neuron is refractory. offsets: variable -> its
    initial value. fixed: symbols of parameters and of dt.
    """

    given: Given
    fixed: set[Symbol] = field(default_factory=set)
    offsets: dict[str, Expr] = field(default_factory=dict)
    slopes: dict[str, Expr] = field(default_factory=dict)
    noise: dict[str, Expr] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    equations: dict[str, Equation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = self.given
        self.fixed = {DT, PI, *(parameter(name) for name in given.parameters)}
        self.equations = {equation.name: equation for equation in given.equations}
        self.used: set[str] = set()
        self._open: list[str] = []
        self._known: dict[str, Expr] = {}
        self.offsets = {name: self._first(name) for name in given.states}
        for name in given.states:
            self._read_slope(name)

    def _first(self, name: str) -> Expr:
        formula = self.given.initial.get(name)
        return ZERO if formula is None else self.expression(formula, {}, has_states=False)

    def _read_slope(self, name: str) -> None:
        equation = self.equations[name]
        whole = self.expression(equation.formula, OF_EQUATIONS)
        parts = linear_parts(whole, XI)
        if parts is None:
            limit, remedy = "a sum of which xi is in products with other quantities", "Rewrite it."
            equation.formula.fail(equation.formula.node, limit, "another use of xi", remedy)
        if parts[0] != 0:
            self.noise[name] = parts[0]
        states = [old(state) for state in self.given.states]
        self.slopes[name] = polished(parts[1], states)
        if equation.is_held:
            self.held.add(name)

    def expression(
        self, formula: Formula, special: dict[str, Symbol], has_states: bool = True
    ) -> Expr:
        """Return the expression of a formula. special: names that have a meaning only there."""

        def meaning(node: ast.Name) -> Expr:
            return self._meaning(formula, node, special, has_states)

        return expression_of(formula, meaning)

    def at_end(self, formula: Formula, special: dict[str, Symbol]) -> Expr:
        """Return the expression of a formula that is read at the end of a step."""
        later = {old(name): new(name) for name in self.given.states}
        return substituted(self.expression(formula, special), later)

    def _meaning(
        self, formula: Formula, node: ast.Name, special: dict[str, Symbol], has_states: bool
    ) -> Expr:
        name = node.id
        if name in self.given.parameters:
            self.used.add(name)
            return parameter(name)
        if has_states and name in self.offsets:
            return old(name) + self.offsets[name]
        if has_states and name in self.equations:
            return self._subexpression(formula, node, special)
        if name in special:
            return special[name]
        if name in ("dt", "pi"):
            return DT if name == "dt" else PI
        if name in UNITS:
            return sympy.Rational(repr(UNITS[name].factor))
        names = [*self.given.parameters, *special, *(self.equations if has_states else ())]
        near = difflib.get_close_matches(name, names, 1)
        remedy = f"Did you mean {near[0]}?" if near else "Give it in parameters."
        formula.fail(node, "a name that is known here", "an unknown one", remedy)

    def _subexpression(
        self, formula: Formula, node: ast.Name, special: dict[str, Symbol]
    ) -> Expr:
        name = node.id
        if name in self._open:
            formula.fail(node, "defined without itself", "a circle of subexpressions")
        self._open.append(name)
        found = self.expression(self.equations[name].formula, special)
        self._open.pop()
        return found

    @property
    def takes_sizes(self) -> bool:
        """Whether receptors take the sizes of weights, ``abs(weight)``. All of them do, or none does."""
        found: dict[bool, tuple[Formula, ast.Name]] = {}
        for statements in self.given.receptors.values():
            for statement in statements:
                inside = _arguments_of_abs(statement.formula.node)
                for node in statement.formula.names():
                    if node.id == "weight":
                        found.setdefault(id(node) in inside, (statement.formula, node))
        if len(found) == 2:
            formula, node = found[False]
            limit, got = "abs(weight) in all receptors or in none", "weight beside abs(weight)"
            formula.fail(node, limit, got, "The sign of a weight has chosen the receptor.")
        return True in found

    def value_after(self, statement: Statement, special: dict[str, Symbol]) -> Expr:
        """Return the value (absolute) that an assignment gives to its variable."""
        self._require_state(statement)
        value = self.at_end(statement.formula, special)
        before = new(statement.name) + self.offsets[statement.name]
        changed: dict[str, Callable[[], Expr]] = {
            "": lambda: value, "+": lambda: before + value, "-": lambda: before - value,
            "*": lambda: before * value, "/": lambda: before / value,
        }  # fmt: skip
        return changed[statement.sign]()

    def _require_state(self, statement: Statement) -> None:
        if statement.name not in self.offsets:
            start, source = statement.start, statement.formula.source
            limit = f"a variable with a differential equation ({', '.join(self.offsets)})"
            source.fail(start, start + len(statement.name), limit, remedy="Check the name.")

    def gain(self, statement: Statement) -> Expr:
        """Return what a weight of 1 adds to the variable of a receptor's statement."""
        self._require_state(statement)
        formula = statement.formula
        value = self.at_end(formula, {**OF_EVENTS, "weight": WEIGHT})
        value = value.xreplace({call("abs", WEIGHT): WEIGHT})
        parts = linear_parts(value, WEIGHT)
        if statement.sign not in ("+", "-") or parts is None or parts[1] != 0 or parts[0] == 0:
            limit = "a sum such as g += weight, in proportion to the weight"
            remedy = "Weights that arrive in one step are added before."
            stop = formula.span(formula.node)[1]
            formula.source.fail(statement.start, stop, limit, remedy=remedy)
        return parts[0] if statement.sign == "+" else -parts[0]


def _arguments_of_abs(root: ast.expr) -> set[int]:
    calls = [node for node in ast.walk(root) if isinstance(node, ast.Call)]
    calls = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "abs"]
    return {id(argument) for node in calls for argument in node.args}


def parameter(name: str) -> Symbol:
    """Return the symbol of a parameter, as ``constants`` reads it."""
    return Symbol(f"self.{name}")
