"""Parts of expressions that depend on parameters alone: they become constants of a step.

They are computed once, in float64, by the model's ``constants``.
"""

from __future__ import annotations

from sympy import Expr, Symbol
from sympy.core.sorting import default_sort_key

from distsnn.equations.algebra import is_condition
from distsnn.equations.writing.python_text import host_code


class Constants:
    """Constants in the order in which they are met. fixed: the symbols of parameters and of dt."""

    def __init__(self, fixed: set[Symbol]) -> None:
        self._fixed = fixed
        self._names: dict[Expr, str] = {}
        self.lines: list[tuple[str, str, str]] = []  # name, Python text of its value, comment

    def is_constant(self, expression: Expr) -> bool:
        """Return whether an expression depends on parameters alone."""
        return expression.free_symbols <= self._fixed

    def add(self, name: str, text: str, comment: str) -> str:
        """Add a constant with this value; return how ``step`` reads it."""
        self.lines.append((name, text, comment))
        return f"c.{name}"

    def hoisted(self, expression: Expr) -> Expr:
        """Return an expression in which every part of parameters alone is a constant."""
        if self.is_constant(expression) and not is_condition(expression):
            return expression if expression.is_Number else self._constant(expression)
        if not expression.args:
            return expression
        arguments = sorted(expression.args, key=default_sort_key)
        if not (expression.is_Add or expression.is_Mul):
            # the order of a function's arguments has a meaning
            arguments = list(expression.args)
            return expression.func(*(self.hoisted(part) for part in arguments))
        # k_1 x k_2 (y + k_3) with the k of parameters: (k_1 k_2) x (y + k_3)
        fixed = [part for part in arguments if self.is_constant(part)]
        others = [self.hoisted(part) for part in arguments if not self.is_constant(part)]
        if fixed:
            others.append(self.hoisted(expression.func(*fixed)))
        return expression.func(*others)

    def _constant(self, expression: Expr) -> Symbol:
        if expression not in self._names:
            name = f"k{len(self._names)}"
            self._names[expression] = self.add(name, host_code(expression), "")
        return Symbol(self._names[expression])
