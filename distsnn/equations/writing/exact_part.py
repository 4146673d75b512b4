"""Code of the equations that are integrated exactly, and of their constants.

    dx/dt = A x + b + g I  has the solution  x(t + h) = x + P x + q + r I,

where P, q and r are parts of exp(M h) - 1 for the matrix M = [[A, b, g], [0, 0, 0]]. Only those of
its entries that can differ from 0 are in the code. Noise g xi adds at the end of a step a normal number
with the variance g^2 (exp(2 a h) - 1) / (2 a) of an equation dx/dt = a x + g xi on its own.

Source: Rotter & Diesmann 1999, Biol Cybern 81:381; Gillespie 1996, Phys Rev E 54:2084 (noise).
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from distsnn.equations.algebra import ZERO, call
from distsnn.equations.methods import Plan
from distsnn.equations.names import DRIVE, DT, old
from distsnn.equations.system import System
from distsnn.equations.writing.hoisting import Constants
from distsnn.equations.writing.python_text import device_code, host_code

# Matrices of the host's code, each with the step or the state of the neuron that it is for.
FULL, HALF, HELD = "full", "half", "held"


class ExactPart:
    """The variables of ``plan.exact``; indices n and n + 1 of the matrix are 1 and the current."""

    def __init__(self, system: System, plan: Plan, constants: Constants) -> None:
        self.system, self.constants = system, constants
        self.names = list(plan.exact)
        self.entries: dict[tuple[int, int], Expr] = {}
        size = len(self.names)
        # Row by row of M: A, then b (column n), then g (column n + 1).
        for row, (coefficients, rest) in enumerate(plan.exact.values()):
            for column, name in enumerate(self.names):
                self._set(row, column, coefficients.get(old(name), ZERO))
            self._set(row, size, rest)
            self._set(row, size + 1, coefficients.get(DRIVE, ZERO))
        self.reached = [self._reached(row) for row in range(size)]
        self.matrices: list[str] = []
        self.decays: list[str] = []

    def _set(self, row: int, column: int, value: Expr) -> None:
        if value != 0:
            self.entries[row, column] = value

    def _reached(self, row: int) -> set[int]:
        """Return the columns of a row of exp(M h) - 1 that can differ from 0."""
        reached: set[int] = set()
        waiting = [row]
        while waiting:
            here = waiting.pop()
            # a power of M has an entry where a chain of entries of M leads there
            following = {column for at, column in self.entries if at == here} - reached
            reached |= following
            waiting.extend(following)
        return reached

    @property
    def uses_current(self) -> bool:
        """Whether the current enters one of the equations."""
        return any(column == len(self.names) + 1 for _, column in self.entries)

    def is_in_circle(self, row: int) -> bool:
        """Whether a variable depends on itself through another one."""
        return any(
            row in self.reached[other]
            for other in self.reached[row]
            if other != row and other < len(self.names)
        )

    def lines(self, prefix: str, matrix: str) -> Iterator[str]:
        """Yield the lines of ``step`` that set prefix_x for each variable x."""
        held = {self.names.index(name) for name in self.system.held if name in self.names}
        for row, name in enumerate(self.names):
            change = self._change(row, matrix)
            # x + P x + q + r I, or x while it is held
            if row in held:
                value = f"old_{name} if is_held else old_{name} + {change}"
            elif self.reached[row] & (held - {row}):
                # the variables that it depends on stay as they are
                still = self._change(row, HELD if matrix == FULL else f"{HELD}_{matrix}")
                value = f"old_{name} + ({still} if is_held else {change})"
            else:
                value = f"old_{name} + {change}" if change else f"old_{name}"
            yield f"{prefix}_{name} = {value}"

    def _change(self, row: int, matrix: str) -> str:
        terms = []
        for column in sorted(self.reached[row]):
            constant = self._constant(row, column, matrix)
            if column < len(self.names):
                terms.append(f"old_{self.names[column]} * {constant}")
            else:
                terms.append(constant if column == len(self.names) else f"drive * {constant}")
        return f"({' + '.join(terms)})" if terms else "np.float32(0.0)"

    def _constant(self, row: int, column: int, matrix: str) -> str:
        if matrix not in self.matrices:
            self.matrices.append(matrix)
        sources = [*self.names, "1", "current"]
        name = f"{matrix}{row}_{column}"
        # a decay on its own may be too slow for float32 and is then done over many steps at once
        if row == column and matrix in (FULL, HELD) and not self.is_in_circle(row):
            self.decays.append(name)
        comment = f"{self.names[row]} from {sources[column]}"
        return self.constants.add(name, f"{matrix}[{row}, {column}]", comment)

    def noise_lines(self) -> Iterator[str]:
        """Yield the lines of ``step`` that add the noise."""
        for row, name in enumerate(self.names):
            noise = self.system.noise.get(name)
            if noise is None:
                continue
            # g sqrt(h (exp(2 a h) - 1) / (2 a h))
            rate = self.entries.get((row, row), ZERO)
            size = noise * call("sqrt", DT * call("exprel", 2 * rate * DT))
            noisy = f"new_{name} + {device_code(self.constants.hoisted(size))}"
            is_held = name in self.system.held
            yield f"new_{name} = {f'new_{name} if is_held else {noisy}' if is_held else noisy}"

    def host_lines(self) -> Iterator[str]:
        """Yield the lines of ``constants`` that make the matrices."""
        if not self.matrices:
            return
        size = len(self.names) + 2
        # the matrix M, and M with the held variables standing still
        yield f"slopes = np.zeros(({size}, {size}))"
        for (row, column), value in sorted(self.entries.items()):
            yield f"slopes[{row}, {column}] = {host_code(value)}"
        held = [self.names.index(name) for name in self.names if name in self.system.held]
        yield "still = slopes.copy()"
        for row in held:
            yield f"still[{row}] = 0.0"
        for row, name in enumerate(self.names):
            # what depends on itself through others cannot be done over many steps at once
            if self.is_in_circle(row):
                yield f"self.require_rate({name!r}, slopes[{row}, {row}], dt_ms)"
        for matrix in self.matrices:
            source = "still" if matrix.startswith(HELD) else "slopes"
            step = "dt_ms / 2.0" if matrix.endswith(HALF) else "dt_ms"
            yield f"{matrix} = matrix_expm1({source}, {step})"
