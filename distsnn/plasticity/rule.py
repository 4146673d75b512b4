"""What a plasticity rule offers to the rest of the package, with defaults for what it may leave out.

A rule is a frozen dataclass of parameters, derived from the class of its family: ``TraceRule`` or
``RewardRule`` in ``trace_rule.py``, ``TsodyksMarkram``, ``SumOfProducts``, or ``LearningRule`` for a
family of its own. ``require_complete`` checks once, when a rule enters a network, that it has all that
its family needs; nobody asks later whether an attribute exists.
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

    parameter_units: units of parameters whose names do not tell them. choices, limits: words or
    (low, high) that a parameter may have. kernel_remedy: what to do if a kernel is missing.
    """

    parameter_units: ClassVar[Mapping[str, str]] = {}
    choices: ClassVar[Mapping[str, Sequence[str]]] = {}
    limits: ClassVar[Mapping[str, tuple[float, float]]] = {}
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
        """What all weights are whole multiples of, None if they are not."""
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
        """Return the values of the parameters that a kernel's functions read, in its order.

        Raises NetworkError if the rule lacks one.
        """
        names = kernel.parameters if isinstance(kernel, RuleKernel) else ()
        missing = [name for name in names if name not in dir(self)]
        if missing:
            limit = f"a class with all that its functions read ({', '.join(names)})"
            remedy = "Name the rule's parameters in the functions, as in potentiate(u, r1, a_plus)."
            got = f"no {' and no '.join(missing)}"
            raise NetworkError(f"rule {type(self).__name__}: must be {limit}, got {got}. {remedy}")
        return [getattr(self, name) for name in names]

    def require_family(self) -> None:
        """Raise NetworkError if the rule lacks what its family needs beyond its kernels."""


class LearningRule(PlasticityRule):
    """Changes weights between w_min and w_max.

    splits_delay: whether spikes of source and target meet at the synapse, so that the part of the
    delay between synapse and soma matters; see ``Network.connect``, dendritic_share.
    """

    w_min: float
    w_max: float

    changes_weights: ClassVar[bool] = True
    splits_delay: ClassVar[bool] = True

    @property
    def weight_bounds(self) -> tuple[float, float]:
        """The least and the greatest weight that the rule can give."""
        return self.w_min, self.w_max

    def require_family(self) -> None:
        """Raise NetworkError if there are no bounds."""
        missing = [name for name in ("w_min", "w_max") if name not in dir(self)]
        if missing and type(self).weight_bounds is LearningRule.weight_bounds:
            limit = "a class with w_min and w_max, or weight_bounds"
            thing, got = f"rule {type(self).__name__}", f"no {' and no '.join(missing)}"
            raise NetworkError(f"{thing}: must be {limit}, got {got}. Add them.")


def is_tau(name: str) -> bool:
    """Return whether a parameter of this name is a time constant in ms."""
    return name.startswith("tau_") and name.endswith("_ms")


def require_complete(thing: str, rule: Any) -> None:
    """Raise NetworkError unless a value is a rule that has all that its family needs.

    thing: what the message calls the projection that gets it.
    """
    if not isinstance(rule, PlasticityRule):
        limit = "an instance of a plasticity rule"
        remedy = "Give one such as PairStdp(w_max=1.0); a class of your own derives from TraceRule."
        raise NetworkError(must_be(f"{thing}: plasticity", limit, rule, remedy))
    rule.require_family()
    name = type(rule).__name__
    for kernel in rule.kernels().values():
        array(
            f"{thing}: parameters of {name}", rule.parameter_values(kernel), "f",
            low=-MAX_FLOAT32, high=MAX_FLOAT32, remedy="Change the parameters.",
        )  # fmt: skip
