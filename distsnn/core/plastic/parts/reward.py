"""Weights that learn from the eligibility of each synapse and global rewards: RewardStdp."""

from __future__ import annotations

import numpy as np

from distsnn.core.plastic.parts.traces import TraceLearning
from distsnn.kernels.plastic.rows import REWARD
from distsnn.plasticity.trace_rule import RewardRule


class RewardLearning(TraceLearning[RewardRule]):
    """The synapses of a RewardRule: eligibilities change at spikes, weights at rewards.

    columns: "weights", as fractions of the rule's range of weights, and "tags", the eligibilities.
    """

    rule_type = RewardRule
    _is_learning = True

    def table_taus_ms(self) -> list[float]:
        """Return the time constants (ms) of the decay tables; the last is that of the eligibility."""
        return [*super().table_taus_ms(), self.rule.tau_eligibility_ms]

    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return "weights" as fractions of the range, and "tags" of 0."""
        columns = super().initial_columns(start, counts)
        return {**columns, "tags": np.zeros_like(columns["weights"])}

    def kernel_arrays(self) -> list[np.ndarray]:
        """Return the arrays that the family's kernels take after the words."""
        return [*super().kernel_arrays(), self.rows.columns["tags"]]

    def set_learning(self, is_on: bool) -> None:
        """Let rewards change weights from the next step on, or not; eligibilities go on."""
        self._is_learning = is_on

    def _bind_kernels(self) -> None:
        kernels, arrays = self.rule.kernels(), self.kernel_arrays()
        super()._bind_kernels()
        self._reward = kernels["reward"].bind(self.rows.words, *arrays)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """Record the postsynaptic spikes of step ``t``, then apply the reward unless it is 0."""
        super().learn(t, n_spikes, reward)
        # u <- reinforce(u, e, reward), which needs eligibilities e that are up to date
        if reward and self._is_learning:
            self.catch_up(t)
            self.scale[REWARD] = reward
            self._reward(t)

    def reset(self) -> None:
        """Clear all postsynaptic spikes and rewards."""
        super().reset()
        self.scale[REWARD] = 0.0
