"""The differential equations as expressions: subexpressions put in, noise apart."""

from __future__ import annotations

from sympy import Expr

from distsnn.equations.algebra import ZERO, linear_parts, polished
from distsnn.equations.names import OF_EQUATIONS, Names, normals_in, old
from distsnn.equations.text.parsing import Equation


class System:
    """The equations of a model.

    slopes: variable -> dx/dt without noise. noise: variable -> sum of factors times normal
    numbers, for those that have noise.
    held: variables that stay as they are while the neuron is refractory.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self.equations = names.equations
        self.slopes: dict[str, Expr] = {}
        self.noise: dict[str, Expr] = {}
        self.held: set[str] = set()
        for equation in self.equations.values():
            # also subexpressions that nothing reads, so that their names are checked
            whole = names.expression(equation.formula, OF_EQUATIONS)
            if equation.is_differential:
                self._read(equation, whole)

    def _read(self, equation: Equation, whole: Expr) -> None:
        # dx/dt = slope + factor xi + factor_a xi_a + ...
        slope, noise = whole, ZERO
        for symbol in normals_in(whole):
            parts = linear_parts(slope, symbol)
            if parts is None or normals_in(parts[0]):
                limit, remedy = "a sum in which xi is multiplied by other quantities", "Rewrite it."
                equation.formula.fail(equation.formula.node, limit, "another use of xi", remedy)
            noise, slope = noise + parts[0] * symbol, parts[1]
        if noise != 0:
            self.noise[equation.name] = noise
        states = [old(name) for name in self.names.offsets]
        self.slopes[equation.name] = polished(slope, states)
        if equation.is_held:
            self._require_refractory(equation)
            self.held.add(equation.name)

    @property
    def normals(self) -> list[str]:
        """Names of the normal numbers of all noise, the one of xi first."""
        found = {symbol.name for part in self.noise.values() for symbol in normals_in(part)}
        return sorted(found)

    def _require_refractory(self, equation: Equation) -> None:
        if not self.names.given.spiking.is_held:
            limit, got = "given with refractory_ms", "(unless refractory) without it"
            self.fail(equation.name, limit, got, "Give refractory_ms, or take the mark away.")

    def fail(self, name: str, limit: str, got: str, remedy: str) -> None:
        """Raise the error about the equation of a variable."""
        formula, start = self.equations[name].formula, self.equations[name].start
        formula.source.fail(start, formula.span(formula.node)[1], limit, got, remedy)
