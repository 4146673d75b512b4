"""What learning rules made from text have beside their generated file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, ClassVar, Self

from distsnn.checks import MAX_FLOAT32, must_be, number
from distsnn.errors import NetworkError
from distsnn.plasticity.parameters import checked_rewards, require_sound
from distsnn.plasticity.trace_rule import RewardRule, TraceRule


class RuleFromText(TraceRule):
    """A rule made by ``SynapseEquations``: a class for each text, whose fields are its parameters.

    texts: as given, by argument. trace_names: in the order of the text. module_text: what is compiled.
    """

    texts: ClassVar[Mapping[str, str]] = {}
    trace_names: ClassVar[tuple[str, ...]] = ()
    module_text: ClassVar[str] = ""

    def __post_init__(self) -> None:
        require_sound(self)
        for name, tau_ms in self.decay_times_ms().items():
            number(f"time constant of {name}", tau_ms, above=0.0, remedy="Change its parameters.")

    def __call__(self, **parameters: Any) -> Self:
        """Return the rule of the same text with other values of parameters."""
        known = [field.name for field in fields(self)]  # type: ignore[arg-type]
        for name in parameters:
            if name not in known:
                limit = f"one of {', '.join(known)}"
                raise NetworkError(must_be("parameter", limit, name, "Check the name."))
        return replace(self, **parameters)  # type: ignore[type-var]

    def __repr__(self) -> str:
        """Return the parameters' values."""
        values = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self)]  # type: ignore[arg-type]
        return f"SynapseEquations({', '.join(values)})"

    def describe(self) -> str:
        """Return the texts, and the values of parameters and time constants, as lines."""
        # the texts, then what their names are
        lines = []
        for name, text in self.texts.items():
            lines += [f"{name}:", *(f"  {line.strip()}" for line in text.strip().splitlines())]
        lines += ["", *(f"{f.name} = {getattr(self, f.name)}" for f in fields(self))]  # type: ignore[arg-type]
        lines += [f"time constant of {k} = {v:g} ms" for k, v in self.decay_times_ms().items()]
        return "\n".join(lines)

    def constant(self, value: Callable[[], float], formula: str) -> float:
        """Return a formula of parameters; NetworkError if it has no value that float32 holds."""
        subject, remedy = (
            f"SynapseEquations: {formula}".replace("self.", ""),
            "Change its parameters.",
        )
        try:
            found = value()
        except (ArithmeticError, ValueError):
            raise NetworkError(f"{subject}: must be a number, got none. {remedy}") from None
        return number(subject, found, -MAX_FLOAT32, MAX_FLOAT32, remedy=remedy)

    def all_taus_ms(self) -> tuple[float, ...]:
        """Return the time constants in the order of ``trace_names``."""
        return ()

    def decay_times_ms(self) -> dict[str, float]:
        """Return the time constant of each trace and of the eligibility, by name, in ms."""
        return dict(zip(self.trace_names, self.all_taus_ms(), strict=True))


class RewardRuleFromText(RuleFromText, RewardRule):
    """A rule of which spikes change an eligibility, and rewards the weight."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "rewards", checked_rewards(self.rewards, "SynapseEquations"))


# Names with a meaning in the texts, in the class of a rule or in its compiled functions.
RESERVED = frozenset(
    ["c", "e", "m", "o1", "o2", "r1", "r2", "reward", "u", "w", "pi", "math", "np",
     "tau_eligibility_ms", *dir(RewardRuleFromText)]
)  # fmt: skip
