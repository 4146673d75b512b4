"""Checks that the units of all equations fit, and finds those of what has none written.

Every quantity has a dimension: powers of ms, mV and pA, and of unknowns that stand for units that are
not written. A sum, a comparison or an equation demands that two dimensions be the same, which either
determines an unknown, holds, or is an error. Numbers in the text have no unit, but 0 has any.

Nothing is checked in a text without any unit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from distsnn.equations.given import Given
from distsnn.equations.names import NOISE
from distsnn.equations.text.formulas import Formula
from distsnn.equations.text.parsing import Equation, Statement
from distsnn.equations.text.unit_names import BASE, UNITS, Unit, name_of, unit_of

Dimension = dict[str, Fraction]  # power by base unit or unknown; powers of 0 are left out
NUMBER: Dimension = {}
FIXED = {"t": {"ms": Fraction(1)}, "dt": {"ms": Fraction(1)}, "current": {"pA": Fraction(1)},
         "pi": NUMBER, "xi": {"ms": Fraction(-1, 2)}}  # fmt: skip
# Functions whose arguments have one unit, which is the unit of the result.
ALIKE = ("abs", "clip", "max", "min", "where")


@dataclass(frozen=True)
class KnownUnits:
    """Units as text, "" for those that are not known. weight: of all receptors."""

    of: dict[str, str]
    weight: str


def known_units(given: Given) -> KnownUnits:
    """Return the units of variables, parameters and weights. Raises NetworkError where they differ."""
    written = [equation.unit for equation in given.equations]
    written += [item.unit for name, item in given.parameters.items() if name != "refractory_ms"]
    if not any(written):
        return KnownUnits({"refractory_ms": "ms"}, "")
    return _Checker(given).check()


def product(a: Dimension, b: Dimension, power: Fraction = Fraction(1)) -> Dimension:
    """Return a b^power."""
    powers = {
        name: a.get(name, Fraction(0)) + power * b.get(name, Fraction(0)) for name in {**a, **b}
    }
    return {name: value for name, value in powers.items() if value}


def dimension_of(unit: Unit) -> Dimension:
    """Return the dimension of a unit."""
    return {name: power for name, power in zip(BASE, unit.powers, strict=True) if power}


@dataclass
class _Checker:
    """Visits all formulas of a model. known: what unknowns have turned out to be."""

    given: Given
    known: dict[str, Dimension] = field(default_factory=dict)

    def check(self) -> KnownUnits:
        """Return the units, all formulas being checked."""
        given = self.given
        self.names: dict[str, Dimension] = {**FIXED, "weight": {"weight": Fraction(1)}}
        # 1. What is written; what is not becomes an unknown of its own name.
        for equation in given.equations:
            self.names[equation.name] = self._written(equation)
        for name, item in given.parameters.items():
            unit = unit_of(item.unit) if item.unit else None
            self.names[name] = {name: Fraction(1)} if unit is None else dimension_of(unit)
        # 2. Every formula, which determines unknowns or contradicts them.
        for equation in given.equations:
            self._equation(equation)
        if given.spiking.threshold is not None:
            self._of(given.spiking.threshold, given.spiking.threshold.node)
        statements = [*given.spiking.reset]
        for some in given.receptors.values():
            statements += some
        for statement in statements:
            self._statement(statement)
        for name, formula in given.initial.items():
            if not _is_number(formula.node):
                self._same(formula, formula.node, self.names[name])
        # 3. What the unknowns have turned out to be.
        names = [equation.name for equation in given.equations] + list(given.parameters)
        return KnownUnits({name: self._text(self.names[name]) for name in names},
                          self._text(self.names["weight"]))  # fmt: skip

    def _written(self, equation: Equation) -> Dimension:
        if not equation.unit:
            return {equation.name: Fraction(1)}
        unit = unit_of(equation.unit)
        if unit is None or unit.factor != 1.0:
            source = equation.formula.source
            start = equation.formula.start + len(equation.formula.text)
            start = source.text.index(equation.unit, start)
            limit = "a unit of equations, made of ms, mV, pA, nS, pF, GOhm and 1"
            source.fail(start, start + len(equation.unit), limit, remedy="Such as mV/ms or 1.")
        return dimension_of(unit)

    def _equation(self, equation: Equation) -> None:
        wanted = self.names[equation.name]
        if equation.is_differential:
            # dx/dt: the unit of x per ms
            wanted = product(wanted, FIXED["t"], Fraction(-1))
        self._same(equation.formula, equation.formula.node, wanted)

    def _statement(self, statement: Statement) -> None:
        variable = self.names.get(statement.name, NUMBER)
        # x *= number; x += quantity of the unit of x
        wanted = NUMBER if statement.sign in ("*", "/") else variable
        if not (statement.sign == "" and _is_number(statement.formula.node)):
            self._same(statement.formula, statement.formula.node, wanted)

    def _same(self, formula: Formula, node: ast.expr, wanted: Dimension) -> None:
        """Demand that a part of a formula have a dimension."""
        got = self._of(formula, node)
        if got is not None and not self._unify(got, wanted):
            remedy = "Correct it, or write the unit behind a number, as 5*mV."
            formula.fail(node, f"in {self._shown(wanted)}", self._shown(got), remedy)

    def _unify(self, a: Dimension, b: Dimension) -> bool:
        """Make two dimensions the same by what unknowns are; return whether that can be."""
        rest = self._resolved(product(a, b, Fraction(-1)))
        # a = b means a / b = 1: u^p rest = 1 gives the unknown u = rest^(-1/p)
        unknown = sorted(name for name in rest if name not in BASE)
        if unknown:
            power = rest.pop(unknown[0])
            self.known[unknown[0]] = product(NUMBER, rest, -1 / power)
            return True
        return not rest

    def _resolved(self, dimension: Dimension) -> Dimension:
        """Return a dimension with unknowns replaced by what they have turned out to be."""
        while known := [name for name in dimension if name in self.known]:
            # one at a time: the power of another one may change or vanish by it
            power = dimension[known[0]]
            rest = {name: value for name, value in dimension.items() if name != known[0]}
            dimension = product(rest, self.known[known[0]], power)
        return dimension

    def _of(self, formula: Formula, node: ast.expr) -> Dimension | None:
        """Return the dimension of a part of a formula, None for one that fits all, as 0 does."""
        if isinstance(node, ast.Constant):
            return None if node.value == 0 else NUMBER
        if isinstance(node, ast.Name):
            known = self.names.get(node.id)
            if known is None and NOISE.fullmatch(node.id):
                return FIXED["xi"]
            return dimension_of(UNITS[node.id]) if known is None else known
        if isinstance(node, ast.UnaryOp):
            return self._of(formula, node.operand)
        if isinstance(node, ast.BinOp):
            return self._operation(formula, node)
        if isinstance(node, ast.BoolOp):
            for part in node.values:
                self._of(formula, part)
            return NUMBER
        if isinstance(node, ast.Compare):
            self._alike(formula, [node.left, *node.comparators])
            return NUMBER
        if isinstance(node, ast.IfExp):
            self._of(formula, node.test)
            return self._alike(formula, [node.body, node.orelse])
        return self._call(formula, cast(ast.Call, node))

    def _alike(self, formula: Formula, nodes: Iterable[ast.expr]) -> Dimension | None:
        """Demand that parts have the same dimension, and return it."""
        shared: Dimension | None = None
        for node in nodes:
            if shared is None:
                shared = self._of(formula, node)
            else:
                self._same(formula, node, shared)
        return shared

    def _operation(self, formula: Formula, node: ast.BinOp) -> Dimension | None:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return self._alike(formula, [node.left, node.right])
        left = self._of(formula, node.left)
        if isinstance(node.op, ast.Pow):
            return self._power(formula, node, left)
        right = self._of(formula, node.right)
        if left is None or right is None:
            return None
        return product(left, right, Fraction(1 if isinstance(node.op, ast.Mult) else -1))

    def _power(self, formula: Formula, node: ast.BinOp, base: Dimension | None) -> Dimension | None:
        # x^2.5 has a unit; x^y has none, and x and y neither
        exponent = _number(node.right)
        if exponent is None:
            self._same(formula, node.right, NUMBER)
            self._same(formula, node.left, NUMBER)
            return NUMBER
        return None if base is None else product(NUMBER, base, exponent)

    def _call(self, formula: Formula, node: ast.Call) -> Dimension | None:
        name = cast(ast.Name, node.func).id
        if name == "where":
            self._of(formula, node.args[0])
            return self._alike(formula, node.args[1:])
        if name in ALIKE:
            return self._alike(formula, node.args)
        if name == "sqrt":
            inner = self._of(formula, node.args[0])
            return None if inner is None else product(NUMBER, inner, Fraction(1, 2))
        if name == "int":
            self._of(formula, node.args[0])
        else:
            self._same(formula, node.args[0], NUMBER)
        return NUMBER

    def _text(self, dimension: Dimension) -> str:
        found = self._resolved(dimension)
        if any(name not in BASE for name in found):
            return ""
        return name_of(tuple(found.get(name, Fraction(0)) for name in BASE))

    def _shown(self, dimension: Dimension) -> str:
        return self._text(dimension) or "a unit that is not known"


def _is_number(node: ast.expr) -> bool:
    return _number(node) is not None


def _number(node: ast.expr) -> Fraction | None:
    """Return the value of a number with an optional sign or of a fraction of numbers."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return Fraction(node.value).limit_denominator(1000)
    if isinstance(node, ast.UnaryOp):
        inner = _number(node.operand)
        return -inner if inner is not None and isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        above, below = _number(node.left), _number(node.right)
        return above / below if above is not None and below else None
    return None
