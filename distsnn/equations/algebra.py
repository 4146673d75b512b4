"""From a formula's tree to an expression of sympy, and what is asked of expressions.

Every function, comparison and logical word is an undefined function of sympy, so that it rewrites
sums, products and whole powers alone: it is quick, and the result depends on the text only.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

import sympy
from sympy import Expr, Symbol
from sympy.core.function import AppliedUndef

from distsnn.checks import MAX_FLOAT32
from distsnn.equations.text.formulas import Formula

MAX_WHOLE_POWER = 12  # higher ones go by exp and log
MAX_GATHERED = 2  # degree up to which terms are multiplied out
COMPARISONS = {
    ast.Lt: "less", ast.LtE: "less_or_equal", ast.Gt: "greater", ast.GtE: "greater_or_equal",
}  # fmt: skip
CONDITIONS = frozenset([*COMPARISONS.values(), "both", "either", "negation"])
ZERO, ONE = sympy.Integer(0), sympy.Integer(1)
Meaning = Callable[[ast.Name], Expr]


def call(name: str, *arguments: Expr) -> Expr:
    """Return an undefined function of its arguments."""
    return sympy.Function(name)(*arguments)


def expression_of(formula: Formula, meaning: Meaning) -> Expr:
    """Return the expression of a formula. meaning: what a name in it stands for.

    Raises NetworkError for what has no value, as a division by 0.
    """
    return _Translator(formula, meaning).expression(formula.node)


class _Translator:
    """Turns the nodes of one formula into expressions."""

    def __init__(self, formula: Formula, meaning: Meaning) -> None:
        self.formula, self.meaning = formula, meaning

    def expression(self, node: ast.expr) -> Expr:
        """Return the expression of a node, a finite number if it is one."""
        made = self._made(node)
        if made.is_Number and not (made.is_finite and abs(made) <= MAX_FLOAT32):
            self.formula.fail(node, "a number that float32 holds", "none", "Rewrite it.")
        if made.has(sympy.zoo, sympy.nan):
            self.formula.fail(node, "a number", "a division by 0", "Rewrite it.")
        return made

    def _made(self, node: ast.expr) -> Expr:
        if isinstance(node, ast.Constant):
            # 0.1 is 1/10, so that sums and powers of numbers lose nothing on the way
            return sympy.Rational(repr(node.value))
        if isinstance(node, ast.Name):
            return self.meaning(node)
        if isinstance(node, ast.UnaryOp):
            operand = self.expression(node.operand)
            if isinstance(node.op, ast.Not):
                return call("negation", operand)
            return -operand if isinstance(node.op, ast.USub) else operand
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        if isinstance(node, ast.BoolOp):
            name = "both" if isinstance(node.op, ast.And) else "either"
            return self._joined(name, [self.expression(value) for value in node.values])
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.IfExp):
            # a if condition else b
            parts = (node.test, node.body, node.orelse)
            return call("where", *(self.expression(part) for part in parts))
        return self._call(node)

    def _joined(self, name: str, parts: list[Expr]) -> Expr:
        whole = parts[0]
        for part in parts[1:]:
            whole = call(name, whole, part)
        return whole

    def _comparison(self, node: ast.Compare) -> Expr:
        """Return a comparison, a < b < c as both of its parts."""
        sides = [self.expression(part) for part in (node.left, *node.comparators)]
        # a < b < c is a < b and b < c
        pairs = zip(node.ops, sides[:-1], sides[1:], strict=True)
        return self._joined("both", [call(COMPARISONS[type(op)], a, b) for op, a, b in pairs])

    def _operation(self, node: ast.BinOp) -> Expr:
        left, right = self.expression(node.left), self.expression(node.right)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
        return self._power(node, left, right)

    def _power(self, node: ast.BinOp, base: Expr, exponent: Expr) -> Expr:
        if base.is_Number and exponent.is_Number:
            try:
                return sympy.Rational(repr(float(base) ** float(exponent)))
            except (ArithmeticError, TypeError, ValueError):  # too large, or a complex number
                self.formula.fail(node, "a number that float32 holds", "none", "Rewrite it.")
        # x^3 becomes x x x
        if exponent.is_Integer and abs(exponent) <= MAX_WHOLE_POWER:
            return base**exponent
        # x^(1/2), x^(-1/2)
        if abs(exponent) == sympy.Rational(1, 2):
            return call("sqrt", base) ** (1 if exponent > 0 else -1)
        # all else: exp(exponent log(base))
        return call("power", base, exponent)

    def _call(self, node: ast.expr) -> Expr:
        """Return a call of a function; ``formulas`` has checked that it is one of them."""
        name = node.func.id  # type: ignore[attr-defined]
        values = [self.expression(part) for part in node.args]  # type: ignore[attr-defined]
        if name == "int":
            return call("where", *values, ONE, ZERO)
        if name == "clip":
            return call("min", call("max", values[0], values[1]), values[2])
        return call(name, *values)


def linear_parts(expression: Expr, x: Symbol) -> tuple[Expr, Expr] | None:
    """Return a and b of an expression a x + b in which neither contains x; None if it is not such."""
    if not expression.has(x):
        return ZERO, expression
    if expression == x:
        return ONE, ZERO
    if expression.is_Add:
        parts = [linear_parts(term, x) for term in expression.args]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        # (a_1 x + b_1) + (a_2 x + b_2) + ...
        return sympy.Add(*(a for a, _ in known)), sympy.Add(*(b for _, b in known))
    if expression.is_Mul:
        # factor (a x + b)
        with_x = [factor for factor in expression.args if factor.has(x)]
        other = sympy.Mul(*(factor for factor in expression.args if not factor.has(x)))
        inner = linear_parts(with_x[0], x) if len(with_x) == 1 else None
        return None if inner is None else (inner[0] * other, inner[1] * other)
    if isinstance(expression, AppliedUndef) and expression.func.__name__ == "where":
        # where(c, a_0 x + b_0, a_1 x + b_1), if c does not depend on x
        condition, *branches = expression.args
        parts = [linear_parts(branch, x) for branch in branches]
        if condition.has(x) or parts[0] is None or parts[1] is None:
            return None
        (a_0, b_0), (a_1, b_1) = parts[0], parts[1]
        return choice(condition, a_0, a_1), choice(condition, b_0, b_1)
    return None


def is_condition(expression: Expr) -> bool:
    """Return whether an expression is a condition, not a number."""
    return isinstance(expression, AppliedUndef) and expression.func.__name__ in CONDITIONS


def choice(condition: Expr, a: Expr, b: Expr) -> Expr:
    """Return a where a condition holds, else b."""
    return a if a == b else call("where", condition, a, b)


def affine_parts(
    expression: Expr, variables: Iterable[Symbol], is_constant: Callable[[Expr], bool]
) -> tuple[dict[Symbol, Expr], Expr] | None:
    """Return the coefficients of variables that are not 0, and the rest without any of them.

    None unless the expression is a sum of variables times constants and a constant.
    """
    coefficients: dict[Symbol, Expr] = {}
    rest = expression
    for x in variables:
        parts = linear_parts(rest, x)
        if parts is None or not is_constant(parts[0]):
            return None
        # what is left is searched for the next variable
        if parts[0] != 0:
            coefficients[x] = parts[0]
        rest = parts[1]
    return (coefficients, rest) if is_constant(rest) else None


def polished(expression: Expr, states: list[Symbol]) -> Expr:
    """Return an expression whose terms of low degree in the states are gathered.

    A state is kept relative to its initial value o, so x^2 is (x + o)^2: the product multiplied out
    has its constants added in float64, and loses no digits to numbers that cancel each other.
    """
    if not expression.is_Add:
        return expression
    gathered: dict[Expr, Expr] = {}
    rest = []
    for term in expression.args:
        if term.is_polynomial(*states) and sympy.total_degree(term, *states) <= MAX_GATHERED:
            for part in sympy.Add.make_args(sympy.expand(term)):
                # one of 1, x, y, x^2, x y, ... with the sum of its coefficients
                coefficient, monomial = part.as_independent(*states, as_Add=False)
                gathered[monomial] = gathered.get(monomial, ZERO) + coefficient
        else:
            rest.append(term)
    return sympy.Add(*(factor * monomial for monomial, factor in gathered.items()), *rest)


def substituted(expression: Expr, values: Mapping[Symbol, Expr]) -> Expr:
    """Return an expression with symbols replaced, all at once."""
    return expression.xreplace(dict(values))


def compared_with_constants(condition: Expr, is_constant: Callable[[Expr], bool]) -> Expr:
    """Return a condition with every comparison brought to the form x > constant."""

    def sided(part: Expr) -> Expr:
        # a > b is x > k, where x holds the terms of a - b that vary, and k the others with a minus
        difference = part.args[0] - part.args[1]
        terms = sympy.Add.make_args(difference)
        fixed = sympy.Add(*(term for term in terms if is_constant(term)))
        return part.func(difference - fixed, -fixed)

    names = set(COMPARISONS.values())
    return condition.replace(
        lambda part: isinstance(part, AppliedUndef) and part.func.__name__ in names, sided
    )
