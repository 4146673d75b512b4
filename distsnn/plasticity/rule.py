"""The interface of plasticity rules, with defaults for everything optional.

A rule is a frozen dataclass of parameters, derived from the class of its family: ``TraceRule`` or
``RewardRule`` in ``trace_rule.py``, ``TsodyksMarkram``, ``SumOfProducts``, or ``LearningRule`` for a
family of its own. ``require_complete`` checks once, when a rule enters a network, that it has all that
its family and its kernels read; no code asks later whether an attribute exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from distsnn.checks import MAX_FLOAT32, array, must_be
from distsnn.errors import NetworkError
from distsnn.kernels import Kernel
from distsnn.kernels.compile.of_class import kernel_of_class
from distsnn.kernels.plastic.functions import RuleKernel


class PlasticityRule:
    """Changes what the spikes of a synapse deliver.

    parameter_units: units of parameters that their names do not show. choices, limits: words or
    (low, high) that a parameter may have. needed: attributes without a default. kernel_remedy: what to
    do if a kernel is missing. changes_weights: False if only what a weight delivers changes.
    splits_delay: whether spikes of source and target meet at the synapse, so that the part of the
    delay between synapse and soma matters; see ``Network.connect``, dendritic_share.
    """

    parameter_units: ClassVar[Mapping[str, str]] = {}
    choices: ClassVar[Mapping[str, Sequence[str]]] = {}
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
    needed: ClassVar[tuple[str, ...]] = ()
    kernel_remedy: ClassVar[str] = "End the file with its kernels."
    changes_weights: ClassVar[bool] = False
    splits_delay: ClassVar[bool] = False

    @property
    def kernel_names(self) -> tuple[str, ...]:
        """Names of the kernels that the rule's file or class defines."""
        return ("deliver",)

    @property
    def weight_bounds(self) -> tuple[float, float] | None:
        """The least and the greatest weight that the rule can give, None if it changes none."""
        return None

    @property
    def weight_step(self) -> float | None:
        """The step of which all weights are whole multiples, None if there is none."""
        return None

    @property
    def is_rewarded(self) -> bool:
        """Whether rewards and modulating spikes have an effect; see ``Network.modulate``."""
        return False

    @property
    def given_rewards(self) -> tuple[tuple[float, float], ...]:
        """Rewards that are known beforehand: pairs of a time in ms and a size."""
        return ()

    @property
    def rested_share(self) -> float:
        """The part of its weight that a synapse at rest delivers, in the mean."""
        return 1.0

    def decay_times_ms(self) -> dict[str, float]:
        """Return the longest time constant of each trace that decays from spike to spike, in ms.

        By parameter: those named tau_..._ms. Traces that decay in another way are left out.
        """
        return {name: tau for name, tau in sorted(vars(self).items()) if is_tau(name)}

    def kernels(self) -> dict[str, Kernel]:
        """Return the kernels by name: of the class, or of the file or notebook cell that defines it.

        Raises NetworkError if one is missing.
        """
        return {
            name: kernel_of_class(type(self), name, "rule", "kernel_names", self.kernel_remedy)
            for name in self.kernel_names
        }

    def parameter_values(self, kernel: Kernel) -> list[float]:
        """Return the values of the parameters that a kernel's functions read, in its order."""
        return [getattr(self, name) for name in parameters_read(kernel)]

    def require_family(self) -> None:
        """Raise NetworkError if the rule does not fit its family's kernels; nothing by default."""


class LearningRule(PlasticityRule):
    """Changes weights between ``weight_bounds``: w_min and w_max, unless the class says otherwise."""

    w_min: float
    w_max: float

    needed: ClassVar[tuple[str, ...]] = ("weight_bounds",)
    changes_weights: ClassVar[bool] = True
    splits_delay: ClassVar[bool] = True

    @property
    def weight_bounds(self) -> tuple[float, float]:
        """The least and the greatest weight that the rule can give."""
        return self.w_min, self.w_max


def is_tau(name: str) -> bool:
    """Return whether a parameter of this name is a time constant in ms."""
    return name.startswith("tau_") and name.endswith("_ms")


def parameters_read(kernel: Kernel) -> tuple[str, ...]:
    """Return the names of the parameters that a kernel's functions read."""
    return kernel.parameters if isinstance(kernel, RuleKernel) else ()


def require_complete(thing: str, rule: Any) -> PlasticityRule:
    """Return a rule, or raise NetworkError unless it has all that its family and kernels read.

    thing: what the message calls the projection that gets it.
    """
    if not isinstance(rule, PlasticityRule):
        limit = "an instance of a plasticity rule"
        remedy = "Give one such as PairStdp(w_max=1.0); a class of your own derives from TraceRule."
        raise NetworkError(must_be(f"{thing}: plasticity", limit, rule, remedy))
    name, kernels = type(rule).__name__, rule.kernels().values()
    needed = dict.fromkeys([*rule.needed, *(name for k in kernels for name in parameters_read(k))])
    missing = [name for name in needed if not hasattr(rule, name)]
    if missing:
        remedy = "Define it in the class (w_min and w_max give weight_bounds)."
        got = f"no {' and no '.join(missing)}"
        raise NetworkError(f"rule {name}: must have {', '.join(needed)}, got {got}. {remedy}")
    rule.require_family()
    for kernel in kernels:
        array(
            f"{thing}: parameters of {name}", rule.parameter_values(kernel), "f",
            low=-MAX_FLOAT32, high=MAX_FLOAT32, remedy="Change the parameters.",
        )  # fmt: skip
    return rule
