"""Formulas: expressions in Python's notation, read into a tree of which every node is allowed.

Nothing is evaluated here. A formula is numbers, names, + - * / **, calls of the functions below, and
conditions: comparisons, ``and``, ``or``, ``not``, which stand where a condition is expected.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from distsnn.checks import MAX_FLOAT32
from distsnn.equations.text.source import Source

# Number of arguments of each function. ``where(condition, a, b)``; ``clip(x, low, high)``;
# ``exprel(x)`` = (exp(x) - 1) / x; ``int(condition)`` is 1 or 0.
FUNCTIONS = {
    "abs": 1, "clip": 3, "cos": 1, "exp": 1, "expm1": 1, "exprel": 1, "int": 1, "log": 1, "max": 2,
    "min": 2, "sin": 1, "sqrt": 1, "tanh": 1, "where": 3,
}  # fmt: skip
WITH_CONDITION = ("int", "where")  # as their first argument
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
CONDITIONS = (ast.Compare, ast.BoolOp)
MAX_NODES = 2000
MAX_DEPTH = 50
ALLOWED = "a formula of numbers, names, + - * / **, conditions and functions"


@dataclass(frozen=True)
class Formula:
    """A formula of a text. start: index of its first character. node: its tree, all of it allowed."""

    source: Source
    start: int
    text: str
    node: ast.expr

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the first index of a node in the source's text, and the index after it."""
        lines = self.text.split("\n")
        starts = [sum(len(line) + 1 for line in lines[:k]) for k in range(len(lines))]

        def index(line: int, column: int) -> int:
            # The first line was read behind a bracket.
            return self.start + starts[min(line, len(lines)) - 1] + column - (line == 1)

        # lines of the tree count from 1, columns from 0
        first = index(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = index(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return first, end

    def fail(self, node: ast.AST, limit: str, got: str, remedy: str = "Correct it.") -> NoReturn:
        """Raise the error about a node."""
        self.source.fail(*self.span(node), limit, got, remedy)

    def names(self) -> Iterator[ast.Name]:
        """Yield the names of quantities in it, in the order of the text."""
        called = {id(node.func) for node in ast.walk(self.node) if isinstance(node, ast.Call)}
        names = [node for node in ast.walk(self.node) if isinstance(node, ast.Name)]
        names = [node for node in names if id(node) not in called]
        yield from sorted(names, key=lambda node: (node.lineno, node.col_offset))


def read_formula(source: Source, start: int, stop: int, is_condition: bool = False) -> Formula:
    """Return the formula in the characters start .. stop - 1. Raises NetworkError where it is none."""
    text = source.text[start:stop]
    if not text.strip():
        source.fail(start, stop, ALLOWED, "nothing")
    try:
        # In brackets, so that a formula may go on over lines. Nothing is compiled.
        node = ast.parse(f"({text})", mode="eval").body
    except SyntaxError as error:
        # where the parser stopped, as an index of the text
        lines = text.split("\n")
        line = min(max(error.lineno or 1, 1), len(lines))
        before = sum(len(part) + 1 for part in lines[: line - 1])
        at = min(before + max(0, (error.offset or 1) - 1 - (line == 1)), len(text) - 1)
        source.fail(start + at, stop, ALLOWED, remedy="Correct it there.")
    except (RecursionError, MemoryError, ValueError):
        source.fail(start, stop, ALLOWED, "one nested too deeply", "Use subexpressions.")
    formula = Formula(source, start, text, node)
    # bounds on what expressions of sympy and their code may become
    if sum(1 for _ in ast.walk(node)) > MAX_NODES:
        formula.fail(node, f"at most {MAX_NODES} parts", "more", "Use subexpressions.")
    _check(formula, node, is_condition, 0)
    return formula


def _check(formula: Formula, node: ast.expr, is_condition: bool, depth: int) -> None:
    """Raise NetworkError unless a node and all below it are allowed where they stand."""
    if depth > MAX_DEPTH:
        formula.fail(node, f"at most {MAX_DEPTH} levels deep", "more", "Use subexpressions.")
    # Conditions stand where conditions are wanted, numbers everywhere else.
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    if (isinstance(node, CONDITIONS) or is_not) != is_condition:
        limit = "a condition such as v > v_th" if is_condition else "a number"
        got = "a number" if is_condition else "a condition"
        remedy = "Compare it." if is_condition else "Write int(...) or where(...) around it."
        formula.fail(node, limit, got, remedy)
    for child, wants_condition in _children(formula, node):
        _check(formula, child, wants_condition, depth + 1)


def _children(formula: Formula, node: ast.expr) -> list[tuple[ast.expr, bool]]:
    """Return the nodes below a node, each with whether it must be a condition."""
    if isinstance(node, ast.Name):
        return []
    if isinstance(node, ast.Constant):
        _check_number(formula, node)
        return []
    if isinstance(node, ast.BinOp) and isinstance(node.op, OPERATORS):
        return [(node.left, False), (node.right, False)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        formula.fail(node, ALLOWED, "^", "Write a power as **.")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        return [(node.operand, False)]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [(node.operand, True)]
    if isinstance(node, ast.BoolOp):
        return [(value, True) for value in node.values]
    if isinstance(node, ast.Compare) and all(isinstance(op, COMPARISONS) for op in node.ops):
        return [(part, False) for part in (node.left, *node.comparators)]
    if isinstance(node, ast.IfExp):
        return [(node.test, True), (node.body, False), (node.orelse, False)]
    if isinstance(node, ast.Call):
        return _arguments(formula, node)
    got = "== or another comparison" if isinstance(node, ast.Compare) else "another construct"
    remedy = "Use < <= > >=." if isinstance(node, ast.Compare) else "Write it with these."
    formula.fail(node, ALLOWED, got, remedy)


def _arguments(formula: Formula, node: ast.Call) -> list[tuple[ast.expr, bool]]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        limit = f"a call of one of {', '.join(FUNCTIONS)}"
        formula.fail(node, limit, "another call", "Write * between factors; check the name.")
    is_starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    n = FUNCTIONS[name]
    if node.keywords or is_starred or len(node.args) != n:
        got = f"{len(node.args) + len(node.keywords)}"
        formula.fail(node, f"{name} of {n} argument{'s' if n > 1 else ''}", got)
    return [(part, name in WITH_CONDITION and k == 0) for k, part in enumerate(node.args)]


def _check_number(formula: Formula, node: ast.Constant) -> None:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        formula.fail(node, ALLOWED, "another constant", "Write it with these.")
    if not math.isfinite(value) or abs(value) > MAX_FLOAT32:
        formula.fail(node, "a number that float32 holds", "a larger one", "Rescale it.")
