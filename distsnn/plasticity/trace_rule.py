"""The families of rules that learn from traces of spikes; ``kernels/plastic/traces.py`` has the model.

A file of such a rule has a dataclass of parameters derived from ``TraceRule``, the functions
``potentiate`` and ``depress``, and ends with ``deliver, sweep = trace_kernels(potentiate, depress)``.
"""

from __future__ import annotations

from typing import ClassVar

from distsnn.checks import choice
from distsnn.errors import NetworkError
from distsnn.kernels.plastic.functions import RuleKernel
from distsnn.plasticity.parameters import PAIRINGS
from distsnn.plasticity.rule import LearningRule


class TraceRule(LearningRule):
    """Spikes of either side change the weight by the other side's traces.

    pairing: "all": traces add up; "nearest": a spike sets them to 1.
    """

    pairing: str = "all"

    kernel_remedy: ClassVar[str] = (
        "End the file with deliver, sweep = trace_kernels(potentiate, depress)."
    )

    @property
    def kernel_names(self) -> tuple[str, ...]:
        """Names of the kernels that the rule's file or class defines."""
        return ("deliver", "sweep")

    @property
    def pre_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the traces r1 (and r2) of presynaptic spikes."""
        return ()

    @property
    def post_taus_ms(self) -> tuple[float, ...]:
        """Time constants of the traces o1 (and o2) of postsynaptic spikes."""
        return ()

    def require_family(self) -> None:
        """Raise NetworkError unless there is one time constant for each trace."""
        super().require_family()
        thing = f"rule {type(self).__name__}"
        choice(f"{thing}: pairing", self.pairing, PAIRINGS, error=NetworkError)
        kernel = self.kernels()["deliver"]
        if not isinstance(kernel, RuleKernel):
            return
        for name, taus, n in (
            ("pre_taus_ms", self.pre_taus_ms, kernel.n_pre),
            ("post_taus_ms", self.post_taus_ms, kernel.n_post),
        ):
            if len(taus) != n:
                limit = f"a tuple of {n} time constants, one for each trace of its functions"
                raise NetworkError(f"{thing}: {name} must be {limit}, got {taus}. Define it so.")


class RewardRule(TraceRule):
    """Spikes change an eligibility by the traces, and rewards change the weight by the eligibility."""

    tau_eligibility_ms: float
    rewards: tuple[tuple[float, float], ...] = ()

    needed: ClassVar[tuple[str, ...]] = ("weight_bounds", "tau_eligibility_ms")
    kernel_remedy: ClassVar[str] = (
        "End the file with deliver, sweep, reward = reward_kernels(potentiate, depress, reinforce)."
    )

    @property
    def kernel_names(self) -> tuple[str, ...]:
        """Names of the kernels that the rule's file or class defines."""
        return ("deliver", "sweep", "reward")

    @property
    def is_rewarded(self) -> bool:
        """Rewards and modulating spikes have an effect."""
        return True

    @property
    def given_rewards(self) -> tuple[tuple[float, float], ...]:
        """Rewards that are known beforehand: pairs of a time in ms and a size."""
        return self.rewards
