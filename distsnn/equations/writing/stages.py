"""Code of the equations that are not integrated exactly: one method for all of them.

A method calls the device function ``changes``, which gives h dx/dt of each variable, at the stages
below; x is the variable at the beginning of the step and d_k what stage k gave.

    euler               x + d_1
    heun                x + (d_1 + d_2) / 2,   d_2 at x + d_1
    rk2                 x + d_2,   d_2 at x + d_1 / 2
    rk4                 x + (d_1 + 2 d_2 + 2 d_3 + d_4) / 6
    exponential_euler   x + d_1,   d_1 = (a x + b) (exp(a h) - 1) / a   for dx/dt = a x + b

Noise g xi adds g sqrt(h) times a normal number (Euler-Maruyama, g at the beginning of the step), or in
exponential Euler g sqrt((exp(2 a h) - 1) / (2 a)). Exact variables enter with their values at the time
of the stage. A variable that is reset where it exceeds a constant is cut to that constant at later
stages: the neuron spikes in this step, and what lies beyond the threshold, such as an exponential
upstroke, is not looked at.

Source: Hairer, Norsett & Wanner 1993, Solving Ordinary Differential Equations I, II.1; Hochbruck &
Ostermann 2010, Acta Numerica 19:209 (exponential Euler); Kloeden & Platen 1992 (Euler-Maruyama).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import sympy
from sympy import Expr, Symbol

from distsnn.equations.algebra import ZERO, call, linear_parts
from distsnn.equations.methods import Plan
from distsnn.equations.names import DRIVE, DT, TIME, normals_in, old
from distsnn.equations.system import System
from distsnn.equations.writing.hoisting import Constants
from distsnn.equations.writing.python_text import device_code


class Stage(NamedTuple):
    """at: share of the step. previous: share of the last stage's change that is added to x."""

    at: float
    previous: float


FIRST = Stage(0.0, 0.0)
STAGES = {
    "exponential_euler": [FIRST], "euler": [FIRST], "heun": [FIRST, Stage(1.0, 1.0)],
    "rk2": [FIRST, Stage(0.5, 0.5)],
    "rk4": [FIRST, Stage(0.5, 0.5), Stage(0.5, 0.5), Stage(1.0, 1.0)],
}  # fmt: skip
# Weights of the stages' changes.
WEIGHTS = {
    "exponential_euler": [1.0], "euler": [1.0], "heun": [0.5, 0.5], "rk2": [0.0, 1.0],
    "rk4": [1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
}  # fmt: skip
PREFIX = {0.0: "old", 0.5: "half", 1.0: "new"}  # of an exact variable at a share of the step


class StagesPart:
    """The variables of ``plan.others``. ceilings: see ``Events.ceilings``."""

    def __init__(
        self, system: System, plan: Plan, constants: Constants, ceilings: Mapping[str, Expr]
    ) -> None:
        self.system, self.plan, self.constants = system, plan, constants
        self.ceilings = ceilings
        self.changes = [self._change(name) for name in plan.others]
        self.noisy = [name for name in plan.others if name in system.noise]
        self.noises = [self._noise(name) for name in self.noisy]
        self.stages = STAGES[plan.method] if plan.others else []
        read = set[Symbol]().union(*(part.free_symbols for part in [*self.changes, *self.noises]))
        self.exact_read = [name for name in plan.exact if old(name) in read]
        self.uses_current = DRIVE in read
        self.uses_time = TIME in read
        self.normals = sorted({part.name for noise in self.noises for part in normals_in(noise)})

    @property
    def needs_half(self) -> bool:
        """Whether exact variables are wanted in the middle of the step."""
        return bool(self.exact_read) and any(stage.at == 0.5 for stage in self.stages)

    def _rate(self, name: str) -> tuple[Expr, Expr]:
        """Return a and b of dx/dt = a x + b for exponential Euler."""
        parts = linear_parts(self.system.slopes[name], old(name))
        return parts or (ZERO, self.system.slopes[name])

    def _change(self, name: str) -> Expr:
        if self.plan.method != "exponential_euler":
            return DT * self.system.slopes[name]
        a, b = self._rate(name)
        # (a x + b) h exprel(a h),   exprel(y) = (exp(y) - 1) / y
        return (a * old(name) + b) * DT * (call("exprel", a * DT) if a != 0 else 1)

    def _noise(self, name: str) -> Expr:
        a = self._rate(name)[0] if self.plan.method == "exponential_euler" else ZERO
        # g sqrt(h exprel(2 a h))
        mean = DT * (call("exprel", 2 * a * DT) if a != 0 else 1)
        return self.system.noise[name] * call("sqrt", mean)

    def function(self) -> str:
        """Return the text of the device function ``changes``."""
        results = [self.constants.hoisted(part) for part in [*self.changes, *self.noises]]
        names = (Symbol(f"z{k}") for k in range(1_000_000))
        # parts that occur more than once are computed once
        shared, results = sympy.cse(results, symbols=names, order="canonical")
        lines = [f"    {symbol} = {device_code(part)}" for symbol, part in shared]
        values = ", ".join(device_code(part) for part in results)
        what = ", ".join([f"h d{name}/dt" for name in self.plan.others])
        lines.append(f"    return ({values},)")
        arguments = ", ".join(self._arguments())
        text = "\n".join(lines)
        return f'@device\ndef changes(c, {arguments}):\n    """Return {what}."""\n{text}\n\n\n'

    def _arguments(self) -> list[str]:
        names = [f"old_{name}" for name in [*self.plan.others, *self.exact_read]]
        return [
            *names, *["drive"] * self.uses_current, *["time"] * self.uses_time, *self.normals,
        ]  # fmt: skip

    def lines(self) -> Iterator[str]:
        """Yield the lines of ``step`` that set new_x for each variable x."""
        for number, stage in enumerate(self.stages, 1):
            yield from self._stage_lines(number, stage)
        noises = {name: f" + noise_{name}" for name in self.noisy}
        for name in self.plan.others:
            terms = [
                f"d{number}_{name}"
                if weight == 1.0
                else f"np.float32({weight!r}) * d{number}_{name}"
                for number, weight in enumerate(WEIGHTS[self.plan.method], 1)
                if weight
            ]
            # x + sum of weights times changes, then noise
            change = f"{' + '.join(terms)}{noises.get(name, '')}"
            is_held = name in self.system.held
            held = f"old_{name} if is_held else " if is_held else ""
            yield f"new_{name} = {held}old_{name} + ({change})"

    def _stage_lines(self, number: int, stage: Stage) -> Iterator[str]:
        values = []
        for name in self.plan.others:
            share = f"np.float32({stage.previous!r}) * " if stage.previous != 1.0 else ""
            added = f" + {share}d{number - 1}_{name}" if stage.previous else ""
            # the argument of this stage: x, or x with a share of the last change
            value = f"old_{name}{added}"
            if name in self.ceilings and added:
                ceiling = device_code(self.constants.hoisted(self.ceilings[name]))
                value = f"min({value}, {ceiling})"
            values.append(value)
        values += [f"{PREFIX[stage.at]}_{name}" for name in self.exact_read]
        values += ["drive"] * self.uses_current
        if self.uses_time:
            later = f" + {device_code(self.constants.hoisted(stage.at * DT))}" if stage.at else ""
            values.append(f"time{later}")
        values += self.normals
        results = [f"d{number}_{name}" for name in self.plan.others]
        results += [f"noise_{name}" for name in self.noisy]
        yield f"{', '.join(results)}, = changes(c, {', '.join(values)})"
        for name in self.plan.others:
            if name in self.system.held and number < len(self.stages):
                yield f"d{number}_{name} = np.float32(0.0) if is_held else d{number}_{name}"
