"""Writes the file of a model: parameters, constants, ``step``, as a packaged model has them.

The order within a step is that of the packaged models: all variables advance from the state before the
step; then the weights that arrive in this step are added; then the threshold is tested; then the reset
follows. A variable marked ``(unless refractory)`` takes no input either while it is held.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Symbol

from distsnn.equations.events import Events
from distsnn.equations.given import REFRACTORY, REFRACTORY_MS
from distsnn.equations.methods import Plan
from distsnn.equations.names import DRIVE
from distsnn.equations.system import System
from distsnn.equations.units import KnownUnits
from distsnn.equations.writing.exact_part import FULL, HALF, ExactPart
from distsnn.equations.writing.hoisting import Constants
from distsnn.equations.writing.python_text import device_code, host_code
from distsnn.equations.writing.stages import StagesPart

HEAD = """
import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.equations.model import EquationsModel, exprel
from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver, time_of
from distsnn.kernels.neuron.spiking import counted_down
from distsnn.kernels.numbers.denormal import flushed
from distsnn.kernels.numbers.elementary import cos_f4, sin_f4, tanh_f4
from distsnn.kernels.numbers.exponential import exp_f4, expm1_f4, log_f4, mean_exp_f4
from distsnn.kernels.numbers.normal import further_word, normal_f4
from distsnn.neurons.propagators import matrix_expm1


"""


class ModuleText:
    """Makes the text of one model's file."""

    def __init__(self, system: System, events: Events, plan: Plan) -> None:
        self.system, self.events, self.plan = system, events, plan
        self.given = system.names.given
        self.constants = Constants(system.names.fixed)
        self.exact = ExactPart(system, plan, self.constants)
        self.stages = StagesPart(system, plan, self.constants, events.ceilings)
        self.takes_time = self.stages.uses_time or events.reads_time

    def write(self, units: KnownUnits) -> str:
        """Return the text."""
        # ``step`` first: constants are what it reads.
        changes = self.stages.function() if self.plan.others else ""
        body = list(self._body())
        step = self._step(body)
        parts = (
            self._title(),
            HEAD,
            self._record(),
            self._class(units),
            changes,
            step,
            self._driver(),
        )
        return "".join(parts)

    def _title(self) -> str:
        """Return the docstring, which shows the equations."""
        text = self.given.equations[0].formula.source.text
        text = text.replace("\\", "/").replace('"', "'")  # nothing that ends or escapes in a string
        lines = [f"    {line.strip()}\n" for line in text.splitlines() if line.strip()]
        return f'"""A neuron model made from equations, as it is compiled.\n\n{"".join(lines)}"""\n'

    def _record(self) -> str:
        lines = [
            f"    {name}: float{f'  # {comment}' if comment else ''}\n"
            for name, _, comment in self.constants.lines
        ]
        return f"class Constants(NamedTuple):\n{''.join(lines) or '    pass'}\n\n"

    def _class(self, units: KnownUnits) -> str:
        given = self.given
        # states in the order of the text, then the steps that are left of the refractory time
        states = dict.fromkeys(given.states, "f4")
        of_states = {name: units.of.get(name, "") for name in given.states}
        if given.spiking.is_held:
            states[REFRACTORY], of_states[REFRACTORY] = "i4", "steps"
        methods = self.plan.methods()
        facts = {
            "equations": given.equations[0].formula.source.text,
            "methods": {name: methods[name] for name in given.states},
            "receptors": tuple(given.receptors), "states": states, "units": of_states,
            "weight_unit": units.weight, "takes_sizes": self.events.takes_sizes,
            "update_ns": self._update_ns(), "is_noisy": bool(self.system.noise),
            "decays": tuple(self.exact.decays),
            "parameter_units": {name: units.of.get(name, "") for name in given.parameters},
        }  # fmt: skip
        fields = [
            f"    {name}: float = {item.value!r}\n" for name, item in given.parameters.items()
        ]
        written = [f"    {name}: ClassVar = {value!r}\n" for name, value in facts.items()]
        # initial values are also what states are kept relative to
        first = [
            f"{name!r}: {host_code(value)}"
            for name, value in self.system.names.offsets.items()
            if value != 0
        ]
        returned = f"        return {{{', '.join(first)}}}\n\n"
        return (
            "@dataclass(frozen=True, repr=False)\nclass Equations(EquationsModel):\n"
            f"{''.join(fields)}{''.join(written)}\n"
            f"    @property\n    def offsets(self):\n{returned}"
            f"    def initial(self):\n{returned}"
            f"    def constants(self, dt_ms):\n{''.join(self._host_lines())}\n\n"
        )

    def _host_lines(self) -> Iterator[str]:
        for line in self.exact.host_lines():
            yield f"        {line}\n"
        yield "        return Constants(\n"
        for name, value, _ in self.constants.lines:
            yield f"            {name}={value},\n"
        yield "        )\n"

    def _update_ns(self) -> float:
        """Return an estimate of the time of a neuron and step, from the number of operations."""
        stages = len(self.stages.stages)
        n = sum(part.count_ops() for part in [*self.stages.changes, *self.stages.noises]) * stages
        # exponentials and their like take about ten times as long as a product
        n_functions = stages * sum(
            text.count("_f4(") for text in map(device_code, self.stages.changes)
        )
        return round(1.0 + 0.03 * float(n) + 0.4 * n_functions + 0.1 * len(self.plan.exact), 2)

    def _body(self) -> Iterator[str]:
        """Yield the lines of the loop over neurons, in the order of a step."""
        spiking = self.given.spiking
        if spiking.is_held:
            yield f"steps_left = {REFRACTORY}[i]"
            yield "is_held = steps_left > 0"
        # dt in two parts, since float32 would be off after many steps
        if self.takes_time:
            high = self.constants.add("dt_high", "float(np.float32(dt_ms))", "ms")
            low = self.constants.add("dt_low", "dt_ms - float(np.float32(dt_ms))", "ms")
            yield f"time = time_of(t, {high}, {low})"
        if self.exact.uses_current or self.stages.uses_current:
            yield f"{DRIVE} = current[i]"
        for k, name in enumerate(self.system.normals):
            word = f"further_word(words[i], {k})" if k else "words[i]"
            yield f"{name} = normal_f4({word})"
        # 1. state before the step
        for name in self.given.states:
            yield f"old_{name} = state_{name}[i]"
        # 2. all variables advance
        yield from self.exact.lines("new", FULL)
        if self.stages.needs_half:
            yield from self.exact.lines("half", HALF)
        yield from self.stages.lines()
        yield from self.exact.noise_lines()
        # 3. weights, 4. threshold and reset
        yield from self._arriving()
        yield from self._spike()
        # 5. state after the step
        for name in self.given.states:
            yield f"state_{name}[i] = flushed(new_{name})"

    def _arriving(self) -> Iterator[str]:
        """Weights that arrive: x = x + gain w."""
        for receptor, name, gain in self.events.gains:
            x, weight = f"new_{name}", Symbol(f"in_{receptor}[i]")
            added = f"{x} + {device_code(self.constants.hoisted(gain * weight))}"
            yield (
                f"{x} = {x} if is_held else {added}"
                if name in self.system.held
                else f"{x} = {added}"
            )

    def _spike(self) -> Iterator[str]:
        """Threshold, reset, refractory time."""
        spiking, hoisted = self.given.spiking, self.constants.hoisted
        if self.events.condition is None:
            yield "spiked[i] = np.uint8(0)"
            return
        free = " & (steps_left <= 0)" if spiking.is_held else ""
        yield f"fires = {device_code(hoisted(self.events.condition))}{free}"
        for name, value in self.events.reset:
            yield f"new_{name} = {device_code(hoisted(value))} if fires else new_{name}"
        if spiking.is_held:
            steps = self.constants.add(
                "n_refractory", f"self.steps_of(self.{REFRACTORY_MS}, dt_ms)", "steps"
            )
            yield f"{REFRACTORY}[i] = counted_down(steps_left, fires, {steps})"
        yield "spiked[i] = np.uint8(1) if fires else np.uint8(0)"

    def _step(self, body: list[str]) -> str:
        given = self.given
        arguments = [
            "c", *["t"] * self.takes_time, *(f"state_{name}" for name in given.states),
            *[REFRACTORY] * given.spiking.is_held, *(f"in_{name}" for name in given.receptors),
            *["words"] * bool(self.system.noise), "current", "spiked",
        ]  # fmt: skip
        lines = "".join(f"        {line}\n" for line in body)
        return (
            f"@device\ndef step({', '.join(arguments)}):\n"
            '    """Advance n neurons by one step."""\n'
            f"    for i in range(state_{given.states[0]}.size):\n{lines}\n\n"
        )

    def _driver(self) -> str:
        options = f", is_noisy={bool(self.system.noise)}, takes_time={self.takes_time}"
        return (
            f"advance = driver(step, Constants, Equations.states, Equations.receptors{options})\n"
        )
