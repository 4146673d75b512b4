"""How each equation is integrated.

A variable is *linear on its own* if its equation is linear, with coefficients of parameters alone, in
variables of the same kind and ``current``: these are integrated exactly. The others take one method.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from distsnn.equations.algebra import ZERO, affine_parts, linear_parts
from distsnn.equations.names import DRIVE, normals_in, old
from distsnn.equations.system import System

OF_NOISE = ("exact", "exponential_euler", "euler")


@dataclass(frozen=True)
class Plan:
    """exact: variable -> (coefficient by symbol, constant) of those integrated exactly.

    others: variables integrated by ``method``.
    """

    exact: dict[str, tuple[dict[Symbol, Expr], Expr]]
    others: list[str]
    method: str

    def methods(self) -> dict[str, str]:
        """Return variable -> method."""
        return {**dict.fromkeys(self.exact, "exact"), **dict.fromkeys(self.others, self.method)}


def plan_of(system: System) -> Plan:
    """Return how the equations are integrated. Raises NetworkError if the wanted method cannot."""
    wanted = system.names.given.method
    exact = _linear_alone(system) if wanted in ("auto", "exact") else {}
    others = [name for name in system.slopes if name not in exact]
    if not others:
        return Plan(exact, [], "exact")
    if wanted == "exact":
        limit, remedy = "linear with constant coefficients for method 'exact'", "Take 'auto'."
        system.fail(others[0], limit, "another equation", remedy)
    method = _automatic(system, others) if wanted == "auto" else wanted
    # a stated method may not do for these equations
    for name in others:
        if method == "exponential_euler" and linear_parts(system.slopes[name], old(name)) is None:
            limit = f"linear in {name} for method 'exponential_euler'"
            system.fail(name, limit, "another equation", "Take 'auto'.")
        if name in system.noise and method not in OF_NOISE:
            limit = f"without xi for method {method!r}"
            system.fail(name, limit, "one with xi", "Take 'auto' or 'euler'.")
    return Plan(exact, others, method)


def _linear_alone(system: System) -> dict[str, tuple[dict[Symbol, Expr], Expr]]:
    """Return the parts of the largest set of equations that are linear and need no others."""
    # Those that are not linear are taken out, then those that they drive, until none is left to go.
    found = {name: slope for name, slope in system.slopes.items()}
    while True:
        symbols = [*(old(name) for name in found), DRIVE]
        parts = {
            name: affine_parts(slope, symbols, lambda part: part.free_symbols <= system.names.fixed)
            for name, slope in found.items()
            # noise may not depend on a state either
            if _is_constant_noise(system, name)
        }
        known = {name: part for name, part in parts.items() if part is not None}
        if len(known) == len(found):
            return known
        found = {name: found[name] for name in known}


def _is_constant_noise(system: System, name: str) -> bool:
    noise = system.noise.get(name, ZERO)
    return noise.free_symbols <= system.names.fixed | set(normals_in(noise))


def _automatic(system: System, others: list[str]) -> str:
    """Exponential Euler where every equation is linear in its own variable, else a general method."""
    if all(linear_parts(system.slopes[name], old(name)) is not None for name in others):
        return "exponential_euler"
    return "euler" if any(name in system.noise for name in others) else "rk4"
