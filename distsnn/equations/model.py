"""The base class of models made from equations: what they have beside their generated text."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any, ClassVar, cast

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.compile.file_modules import module_of_text
from distsnn.neurons.model import NeuronModel
from distsnn.slow_decay import require_tau
from distsnn.time_grid import MAX_FLOAT32_STEPS, given_steps


class EquationsModel(NeuronModel):
    """A model made by ``Equations``; each text has a class of its own, whose fields are its parameters.

    equations: as given. methods: variable -> how it is integrated. module_text: the generated file.
    """

    equations: ClassVar[str] = ""
    methods: ClassVar[dict[str, str]] = {}
    module_text: ClassVar[str] = ""

    def __call__(self, **parameters: float) -> EquationsModel:
        """Return the model of the same equations with other values of parameters."""
        known = [field.name for field in fields(self)]  # type: ignore[arg-type]
        for name in parameters:
            if name not in known:
                limit = f"one of {', '.join(known)}" if known else "left out, as there are none"
                raise NetworkError(must_be("parameter", limit, name, "Check the name."))
        return replace(self, **parameters)  # type: ignore[type-var]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle text and parameters, from which another process makes the class anew."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return with_values, (self.module_text, values)

    def __repr__(self) -> str:
        """Return the parameters' values, and how the equations are integrated."""
        values = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)  # type: ignore[arg-type]
        ]
        # rk4+exact: in the order of the variables, each once
        used = "+".join(dict.fromkeys(self.methods.values()))
        return f"Equations({', '.join([*values, f'method={used!r}'])})"

    def describe(self) -> str:
        """Return the equations, how each is integrated, the parameters and the inputs, as lines."""
        lines = [line.strip() for line in self.equations.strip().splitlines() if line.strip()]
        lines.append("")
        for name, method in self.methods.items():
            unit = f" ({self.units[name]})" if self.units[name] else ""
            lines.append(f"{name}{unit}: {method}")
        for field in fields(self):  # type: ignore[arg-type]
            unit = self.parameter_units.get(field.name, "")
            lines.append(f"{field.name} = {getattr(self, field.name):g} {unit}".rstrip())
        if self.receptors:
            unit = f"; weights in {self.weight_unit}" if self.weight_unit else ""
            lines.append(f"receptors: {', '.join(self.receptors)}{unit}")
        return "\n".join(lines)

    def steps_of(self, time_ms: Any, dt_ms: float) -> float:
        """Return the refractory time in steps, a whole number that float32 holds exactly."""
        thing = f"{type(self).__name__}: refractory_ms"
        return float(given_steps(thing, time_ms, dt_ms, 0, MAX_FLOAT32_STEPS))

    def require_rate(self, name: str, rate: float, dt_ms: float) -> None:
        """Raise NetworkError for a decay (1/ms) that float32 cannot do step by step."""
        if rate:
            require_tau(self, f"time constant of {name}", 1.0 / rate, dt_ms)


def model_of(text: str) -> EquationsModel:
    """Return the model that the text of a file defines, with its default parameters."""
    module = module_of_text(text, "distsnn_equations")
    made = module.Equations
    # Ranks compare their models by this name, so it has the digest of the text.
    made.__qualname__ = f"Equations_{module.__name__.rpartition('_')[2]}"
    made.module_text = text
    return cast(EquationsModel, made())


def with_values(text: str, values: dict[str, float]) -> EquationsModel:
    """Return the model that the text of a file defines, with values of its parameters."""
    return model_of(text)(**values)


def exprel(x: float) -> float:
    """Return (exp(x) - 1) / x, 1 at x = 0."""
    return math.expm1(x) / x if x else 1.0


# Names with a meaning in equations or in the class of a model, which nothing else can have.
RESERVED = frozenset(
    ["current", "dt", "pi", "t", "weight", "xi", *dir(EquationsModel), "Constants", "property"]
)
