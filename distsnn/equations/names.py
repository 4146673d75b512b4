"""What the names in formulas stand for, as symbols of sympy.

Every state variable x is kept relative to its initial value o, near which float32 is finest: x is
``old_x + o`` at the beginning of a step and ``new_x + o`` at its end.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping

import sympy
from sympy import Expr, Symbol

from distsnn.equations.algebra import ZERO, expression_of, substituted
from distsnn.equations.given import REFRACTORY_MS, Given
from distsnn.equations.text.formulas import Formula
from distsnn.equations.text.unit_names import UNITS
from distsnn.errors import NetworkError

DT, DRIVE, TIME = Symbol("dt_ms"), Symbol("drive"), Symbol("time")
WEIGHT, PI = Symbol("weight"), Symbol("math.pi")
NOISE = re.compile(r"xi(_\w+)?")  # xi, xi_a, xi_b ...
ANYWHERE = {"dt": DT, "pi": PI}
# Names that have a meaning only in equations, in thresholds and resets, and in receptors.
OF_EQUATIONS = {"current": DRIVE, "t": TIME}
OF_EVENTS = {"t": TIME}
OF_RECEPTORS = {"t": TIME, "weight": WEIGHT}


def old(name: str) -> Symbol:
    """Return the symbol of a state variable at the beginning of a step, less its initial value."""
    return Symbol(f"old_{name}")


def new(name: str) -> Symbol:
    """Return the symbol of a state variable at the end of a step, less its initial value."""
    return Symbol(f"new_{name}")


def normal(name: str) -> Symbol:
    """Return the symbol of the normal number of a noise xi or xi_NAME."""
    return Symbol(f"normal{name.removeprefix('xi')}")


def normals_in(expression: Expr) -> list[Symbol]:
    """Return the symbols of normal numbers in an expression, sorted by name."""
    found = [symbol for symbol in expression.free_symbols if symbol.name.startswith("normal")]
    return sorted(found, key=lambda symbol: str(symbol.name))


def parameter(name: str) -> Symbol:
    """Return the symbol of a parameter, as the model's methods read it."""
    return Symbol(f"self.{name}")


class Names:
    """The names of one model.

    fixed: symbols of parameters and of dt. offsets: variable -> its initial value.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.fixed = {DT, PI, *(parameter(name) for name in given.parameters)}
        self.equations = {equation.name: equation for equation in given.equations}
        self._used: set[str] = {REFRACTORY_MS}
        self._open: list[str] = []  # subexpressions that are being put in
        self.offsets: dict[str, Expr] = {}
        for name in given.states:
            first = given.initial.get(name)
            self.offsets[name] = ZERO if first is None else self._of_parameters(first)

    def expression(self, formula: Formula, special: Mapping[str, Symbol]) -> Expr:
        """Return the expression of a formula, with subexpressions put in.

        special: names that have a meaning only there. Raises NetworkError for unknown names.
        """
        known = {**self._parameters(), **special}
        has_noise = special is OF_EQUATIONS
        known.update({name: ZERO for name in self.equations})  # subexpressions are put in below
        known.update({name: old(name) + offset for name, offset in self.offsets.items()})

        def meaning(node: ast.Name) -> Expr:
            # A subexpression is put in where it is named, with the names that are allowed there.
            equation = self.equations.get(node.id)
            if has_noise and node.id not in known and NOISE.fullmatch(node.id):
                return normal(node.id)
            if equation is None or equation.is_differential:
                return self._meaning(formula, node, known)
            if node.id in self._open:
                formula.fail(node, "defined without itself", "a circle of subexpressions")
            self._open.append(node.id)
            inner = self.expression(equation.formula, special)
            self._open.pop()
            return inner

        return expression_of(formula, meaning)

    def at_end(self, formula: Formula, special: Mapping[str, Symbol]) -> Expr:
        """Return the expression of a formula that is read at the end of a step."""
        # the same formula, with the values at the end in place of those at the beginning
        later = {old(name): new(name) for name in self.offsets}
        return substituted(self.expression(formula, special), later)

    def _of_parameters(self, formula: Formula) -> Expr:
        known = self._parameters()
        return expression_of(formula, lambda node: self._meaning(formula, node, known))

    def _parameters(self) -> dict[str, Expr]:
        return {**ANYWHERE, **{name: parameter(name) for name in self.given.parameters}}

    def _meaning(self, formula: Formula, node: ast.Name, known: Mapping[str, Expr]) -> Expr:
        name = node.id
        if name in known:
            self._used.add(name)
            return known[name]
        if name in UNITS:
            return sympy.Rational(repr(UNITS[name].factor))
        near = difflib.get_close_matches(name, list(known), 1)
        remedy = f"Did you mean {near[0]}?" if near else "Give it in parameters."
        formula.fail(node, "a name that is known here", "an unknown one", remedy)

    def require_all_used(self) -> None:
        """Raise NetworkError for a parameter that no formula reads: its name may be misspelt."""
        for name in self.given.parameters:
            if name not in self._used:
                raise NetworkError(
                    f"parameter {name!r}: must be in a formula, got none with it. "
                    "Remove it, or check the name."
                )
