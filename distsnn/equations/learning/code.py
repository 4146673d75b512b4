"""Formulas of rules as Python text, operation by operation in the order in which they are written.

So that a rule gives the same bits whoever writes it: nothing is rearranged. Only a part that depends
on parameters alone becomes a constant, which the rule computes in float64.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from distsnn.equations.learning.given import CONSTANTS, RuleGiven
from distsnn.equations.text.formulas import Formula
from distsnn.equations.text.unit_names import UNITS
from distsnn.equations.writing.forms import DEVICE, HOST

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
MAX_WHOLE_POWER = 12
Meaning = Callable[[Formula, ast.Name], str]  # of a variable in compiled code


@dataclass
class Constants:
    """Constants in the order in which they are met: Python text of the value -> name."""

    given: RuleGiven
    names: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)  # parts that are being looked into
    read: dict[str, None] = field(default_factory=dict)  # by the function that is being written

    def is_constant(self, node: ast.AST) -> bool:
        """Return whether a part of a formula depends on parameters and numbers alone."""
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        # a named part is constant if its formula is
        for name in names & set(self.given.parts):
            if name in self.open:
                return False  # a circle, which is refused where it is put in
            self.open.append(name)
            formula = self.given.parts[name].formula
            is_fixed = self.is_constant(formula.node)
            self.open.pop()
            if not is_fixed:
                return False
        return not names & {"u", "w", "reward", *self.given.variables}

    def value(self, formula: Formula, node: ast.expr) -> str:
        """Return the Python text of a constant in float64, for a method of the rule."""
        return self._written(formula, node)

    def name_of(self, formula: Formula, node: ast.expr) -> str:
        """Return the name by which compiled code reads a constant: of a parameter, or a new one."""
        text = self._written(formula, node)
        # a parameter alone is read by its own name
        if isinstance(node, ast.Name) and node.id in self.given.parameters:
            return self.reading(node.id)
        return self.reading(self.named(text))

    def reading(self, name: str) -> str:
        """Return the name of a parameter or constant; the function that is written reads it."""
        self.read[name] = None
        return name

    def named(self, text: str) -> str:
        """Return the name of the constant with this Python text."""
        # texts cannot have such names
        return self.names.setdefault(text, f"_k{len(self.names)}")

    def _written(self, formula: Formula, node: ast.expr) -> str:
        return Writer(formula, HOST, "{}", self._meaning, None).text(node)

    def _meaning(self, formula: Formula, node: ast.Name) -> str:
        name = node.id
        if name in self.given.parameters:
            self.used.add(name)
            return f"self.{name}"
        if name in self.given.parts:
            return self.inlined(formula, node, lambda inner: self._written(inner, inner.node))
        if name in CONSTANTS:
            return repr(CONSTANTS[name])
        if name in UNITS:
            return repr(UNITS[name].factor)
        if name in ("u", "w", "reward", *self.given.variables):
            formula.fail(node, "of parameters alone", "a variable", "Leave it out.")
        formula.fail(node, "a name that is known here", "an unknown one", self.remedy(name))

    def inlined(self, formula: Formula, node: ast.Name, written: Callable[[Formula], str]) -> str:
        """Return a named part as it is put in where it is named."""
        if node.id in self.open:
            formula.fail(node, "defined without itself", "a circle of named parts")
        self.open.append(node.id)
        text = written(self.given.parts[node.id].formula)
        self.open.pop()
        return text

    def remedy(self, name: str) -> str:
        """Return what to do about a name that is not known."""
        given = self.given
        known = ["u", "w", *given.parameters, *given.variables, *given.parts, *CONSTANTS]
        near = difflib.get_close_matches(name, known, 1)
        return f"Did you mean {near[0]}?" if near else "Give it in parameters."


@dataclass(frozen=True)
class Writer:
    """Writes one formula. functions: forms by name. number: form of a number.

    meaning: text of a name. constants: None where constants stay as they are, on the host.
    """

    formula: Formula
    functions: Mapping[str, str]
    number: str
    meaning: Meaning
    constants: Constants | None

    def text(self, node: ast.expr) -> str:
        """Return the text of a node; operations are in brackets."""
        if isinstance(node, ast.Constant):
            return self.number.format(repr(float(node.value)))  # type: ignore[arg-type]
        if (
            self.constants is not None
            and self.constants.is_constant(node)
            and not _is_logical(node)
        ):
            return self.constants.name_of(self.formula, node)
        if isinstance(node, ast.Name):
            return self.meaning(self.formula, node)
        if isinstance(node, ast.UnaryOp):
            inner = self.text(node.operand)
            if isinstance(node.op, ast.Not):
                return self.functions["negation"].format(inner)
            return f"(-{inner})" if isinstance(node.op, ast.USub) else inner
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.BoolOp):
            name = "both" if isinstance(node.op, ast.And) else "either"
            return self._joined(name, [self.text(value) for value in node.values])
        if isinstance(node, ast.Compare):
            # a < b < c is a < b and b < c
            sides = [self.text(part) for part in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides[:-1], sides[1:], strict=True)
            return self._joined("both", [f"({a} {COMPARED[type(op)]} {b})" for op, a, b in pairs])
        if isinstance(node, ast.IfExp):
            return self._called("where", [node.test, node.body, node.orelse])
        return self._called(node.func.id, node.args)  # type: ignore[attr-defined]

    def _operation(self, node: ast.BinOp) -> str:
        left = self.text(node.left)
        if isinstance(node.op, ast.Pow):
            return self._power(left, node)
        return f"({left} {OPERATORS[type(node.op)]} {self.text(node.right)})"

    def _power(self, base: str, node: ast.BinOp) -> str:
        exponent = node.right
        # x^3 is x x x
        if isinstance(exponent, ast.Constant) and exponent.value in range(1, MAX_WHOLE_POWER + 1):
            return f"({' * '.join([base] * int(exponent.value))})"  # type: ignore[arg-type]
        # x^y, for x >= 0 in compiled code
        if self.constants is None:
            return f"math.pow({base}, {self.text(exponent)})"
        return f"power({base}, {self.text(exponent)})"

    def _joined(self, name: str, parts: list[str]) -> str:
        whole = parts[0]
        for part in parts[1:]:
            whole = self.functions[name].format(whole, part)
        return whole

    def _called(self, name: str, nodes: list[ast.expr]) -> str:
        parts = [self.text(node) for node in nodes]
        if name == "int":
            one, zero = self.number.format("1.0"), self.number.format("0.0")
            return self.functions["where"].format(*parts, one, zero)
        # min(max(x, low), high)
        if name == "clip":
            inner = self.functions["max"].format(parts[0], parts[1])
            return self.functions["min"].format(inner, parts[2])
        return self.functions[name].format(*parts)


def compiled(formula: Formula, meaning: Meaning, constants: Constants) -> str:
    """Return the text of a formula in float32."""
    return Writer(formula, DEVICE, "np.float32({})", meaning, constants).text(formula.node)


def _is_logical(node: ast.expr) -> bool:
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_not or isinstance(node, (ast.Compare, ast.BoolOp))
