"""Expressions as Python text: for the host in float64, for compiled code in float32."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr
from sympy.core.sorting import default_sort_key

from distsnn.equations.writing.forms import DEVICE, HOST


def host_code(expression: Expr) -> str:
    """Return the text of an expression in float64."""
    return _Writer(HOST, "{}").text(expression)


def device_code(expression: Expr) -> str:
    """Return the text of an expression in float32."""
    return _Writer(DEVICE, "np.float32({})").text(expression)


class _Writer:
    """Writes expressions. functions: name -> form. number: form of a number."""

    def __init__(self, functions: Mapping[str, str], number: str) -> None:
        self._functions, self._number = functions, number

    def text(self, expression: Expr) -> str:
        """Return the text of an expression; sums are in brackets."""
        if expression.is_Symbol:
            return str(expression.name)
        if expression.is_Number:
            return self._number.format(repr(float(expression)))
        if expression.is_Add:
            return self._sum(expression)
        if expression.is_Mul:
            return self._product(expression)
        if expression.is_Pow:
            return self._power(expression)
        form = self._functions[expression.func.__name__]
        return form.format(*(self.text(part) for part in expression.args))

    def _sum(self, expression: Expr) -> str:
        # Terms without a minus first, so that none begins with one where that can be.
        terms = sorted(
            expression.args, key=lambda term: (_is_negative(term), default_sort_key(term))
        )
        whole = self.text(terms[0])
        for term in terms[1:]:
            whole += f" - {self.text(-term)}" if _is_negative(term) else f" + {self.text(term)}"
        return f"({whole})"

    def _product(self, expression: Expr) -> str:
        sign, factors = "", []
        coefficient, rest = expression.as_coeff_mul()
        if coefficient < 0:
            sign, coefficient = "-", -coefficient
        if coefficient != 1:
            factors.append(self.text(coefficient))
        over = sorted((part for part in rest if not _is_inverse(part)), key=default_sort_key)
        under = sorted((part for part in rest if _is_inverse(part)), key=default_sort_key)
        factors += [self.text(part) for part in over]
        numerator = " * ".join(factors) or self._number.format("1.0")
        # c x y / (u w), with the sign in front
        if not under:
            return f"({sign}{numerator})" if sign else f"({numerator})"
        denominator = " * ".join(self.text(1 / part) for part in under)
        return f"({sign}{numerator} / ({denominator}))"

    def _power(self, expression: Expr) -> str:
        """Return a whole power as a product; others are functions."""
        base, exponent = self.text(expression.base), int(expression.exp)
        whole = f"({' * '.join([base] * abs(exponent))})"
        return whole if exponent > 0 else f"({self._number.format('1.0')} / {whole})"


def _is_negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _is_inverse(factor: Expr) -> bool:
    return bool(factor.is_Pow and factor.exp.is_Integer and factor.exp < 0)
