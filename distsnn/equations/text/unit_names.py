"""Units: names, and what they are in the units of equations.

Numbers in equations are in ms, mV and pA and in what follows from these: nS (pA/mV), pF (pA ms/mV),
GOhm (mV/pA). A unit is a factor to these and the powers of ms, mV and pA.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fractions import Fraction

from distsnn.checks import must_be
from distsnn.errors import NetworkError

BASE = ("ms", "mV", "pA")
Powers = tuple[Fraction, ...]


@dataclass(frozen=True)
class Unit:
    """factor: its size in units of equations. powers: of ms, mV and pA."""

    factor: float
    powers: Powers

    def times(self, other: Unit, sign: int = 1) -> Unit:
        """Return the product with a unit, or with its inverse (sign -1)."""
        pairs = zip(self.powers, other.powers, strict=True)
        return Unit(self.factor * other.factor**sign, tuple(a + sign * b for a, b in pairs))

    def to_the(self, exponent: Fraction) -> Unit:
        """Return a power."""
        powers = tuple(exponent * power for power in self.powers)
        return Unit(self.factor ** float(exponent), powers)


def _unit(factor: float, ms: int = 0, mv: int = 0, pa: int = 0) -> Unit:
    return Unit(factor, (Fraction(ms), Fraction(mv), Fraction(pa)))


ONE = _unit(1.0)
# The first name of each kind is the one that is 1.
KINDS = {
    "ms": (_unit(1.0, ms=1), {"ms": 1.0, "s": 1e3, "us": 1e-3}),
    "mV": (_unit(1.0, mv=1), {"mV": 1.0, "V": 1e3, "uV": 1e-3}),
    "pA": (_unit(1.0, pa=1), {"pA": 1.0, "nA": 1e3, "uA": 1e6, "mA": 1e9, "A": 1e12}),
    "nS": (_unit(1.0, mv=-1, pa=1), {"nS": 1.0, "pS": 1e-3, "uS": 1e3, "mS": 1e6, "S": 1e9}),
    "pF": (_unit(1.0, ms=1, mv=-1, pa=1), {"pF": 1.0, "nF": 1e3, "uF": 1e6}),
    "GOhm": (_unit(1.0, mv=1, pa=-1), {"GOhm": 1.0, "MOhm": 1e-3, "kOhm": 1e-6, "Ohm": 1e-9}),
    "kHz": (_unit(1.0, ms=-1), {"kHz": 1.0, "Hz": 1e-3}),
}  # fmt: skip
UNITS = {
    name: Unit(factor, kind.powers)
    for kind, names in KINDS.values()
    for name, factor in names.items()
}


def unit_of(text: str) -> Unit | None:
    """Return the unit that a text such as ``mV/ms`` or ``1/(mV*ms)`` names, or None."""
    try:
        return _of(ast.parse(text.strip().replace("^", "**"), mode="eval").body)
    except (SyntaxError, ValueError, OverflowError, ZeroDivisionError, RecursionError):
        return None


def _of(node: ast.expr) -> Unit:
    if isinstance(node, ast.Name) and node.id in UNITS:
        return UNITS[node.id]
    if isinstance(node, ast.Constant) and node.value == 1:
        return ONE
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        return _of(node.left).times(_of(node.right), 1 if isinstance(node.op, ast.Mult) else -1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        exponent = ast.literal_eval(node.right)
        if isinstance(exponent, (int, float)) and abs(exponent) <= 9:
            return _of(node.left).to_the(Fraction(exponent).limit_denominator(12))
    raise ValueError


def factor_of_unit(subject: str, text: str) -> float:
    """Return the factor by which numbers in a unit become numbers of equations."""
    unit = unit_of(text)
    if unit is None:
        limit = f"in a unit made of {', '.join(UNITS)}"
        raise NetworkError(must_be(subject, limit, text, "Write one such as 'mV/ms'."))
    return unit.factor


def name_of(powers: Powers) -> str:
    """Return the shortest text for a unit of equations: one name, or a product of powers."""
    # kHz would be an unusual name for 1/ms
    for name, (kind, _) in KINDS.items():
        if kind.powers == powers and name != "kHz":
            return name
    over = [_power(name, power) for name, power in zip(BASE, powers, strict=True) if power > 0]
    under = [_power(name, -power) for name, power in zip(BASE, powers, strict=True) if power < 0]
    whole = "*".join(over) or "1"
    if not under:
        return whole
    return f"{whole}/{under[0]}" if len(under) == 1 else f"{whole}/({'*'.join(under)})"


def _power(name: str, power: Fraction) -> str:
    if power == 1:
        return name
    return f"{name}**{power}" if power.denominator == 1 else f"{name}**({power})"
