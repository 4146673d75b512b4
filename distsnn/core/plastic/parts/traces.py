"""Weights that learn from traces of pre- and postsynaptic spikes: rules such as PairStdp."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.history import SpikeHistory
from distsnn.core.plastic.part import PlasticPart
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels import Kernel, ensure_compiled
from distsnn.kernels.plastic.decay import decay_tables
from distsnn.kernels.plastic.functions import RuleKernel
from distsnn.kernels.plastic.rows import FIRST_SLOT, N_SCALES, OFFSET, RING_PARAMETERS, SCALE
from distsnn.kernels.plastic.traces import KEEP, N_PARAMETERS, RECORD_WORDS
from distsnn.plasticity.rule import LearningRule
from distsnn.plasticity.trace_rule import TraceRule

AnyTraceRule = TypeVar("AnyTraceRule", bound=TraceRule)


class TraceLearning(PlasticPart[AnyTraceRule]):
    """The synapses of a TraceRule, whose weights change at spikes.

    columns: "weights", as fractions u of the rule's range, w = low + range * u. scale: float32
    [N_SCALES], see ``kernels/plastic/rows.py``.
    """

    rule_type = TraceRule

    def __init__(self, context: ProjectionContext) -> None:
        super().__init__(context)
        rule = self.rule
        self.low, self.range = range_of(rule)
        self._tables = decay_tables([tau / context.dt_ms for tau in self.table_taus_ms()])
        self.history = SpikeHistory(self.rows, context.slots, len(rule.post_taus_ms))
        self.scale = np.zeros(N_SCALES, dtype=np.float32)
        # SCALE and OFFSET give w in quanta: w / quantum = offset + scale * u
        self.scale[[SCALE, OFFSET]] = self.range / context.quantum, self.low / context.quantum
        self._bind_kernels()
        self._swept = 0  # first step whose postsynaptic spikes some synapse may not have applied

    def table_taus_ms(self) -> list[float]:
        """Return the time constants (ms) of the decay tables, row by row."""
        return [*self.rule.pre_taus_ms, *self.rule.post_taus_ms]

    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return "weights" as fractions of the range, limited to [0, 1]."""
        low, width = range_of(self.rule)
        weights = initial_weights(self.context, start, counts)
        return {"weights": np.clip((weights - low) / width, 0.0, 1.0).astype(np.float32)}

    def kernel_arrays(self) -> list[np.ndarray]:
        """Return the arrays that the family's kernels take after the words."""
        kernel = self.rule.kernels()["deliver"]
        parameters = np.zeros(N_PARAMETERS, dtype=np.int64)
        parameters[[*RING_PARAMETERS]] = self.context.ring_parameters
        parameters[[FIRST_SLOT, RECORD_WORDS, KEEP]] = (
            self.history.first_slot, self.history.record_words, self.keeps_traces,
        )  # fmt: skip
        constants = np.array(self.rule.parameter_values(kernel), dtype=np.float32)
        return [
            self.rows.columns["weights"], parameters, constants, self.scale, self.history.records,
            *self._tables, self.context.rank.ring,
        ]  # fmt: skip

    def _bind_kernels(self) -> None:
        kernels, arrays = self.rule.kernels(), self.kernel_arrays()
        self.walker = RowWalker(kernels["deliver"], self.rows, arrays, self.context.rank.batch)
        self._arrays = arrays
        self._sweep = kernels["sweep"].bind(self.rows.words, *arrays)

    @property
    def keeps_traces(self) -> bool:
        """Whether a spike adds 1 to its trace instead of setting it to 1."""
        return self.rule.pairing == "all"

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Bind the kernels to the arrays of a step's axons, packets and spiking slots."""
        super().bind(own_axons, received, spikes)
        # The rows of the decay tables: presynaptic traces, then postsynaptic ones.
        first_row = len(self.rule.pre_taus_ms)
        self._append = self.history.bind(spikes, self.keeps_traces, first_row, *self._tables)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """Record the postsynaptic spikes of step ``t``; catch up before any record overflows."""
        if self._append(t, n_spikes, self._swept):
            self.catch_up(t)

    def catch_up(self, t: int) -> None:
        """Apply to each synapse all spikes that have reached it by the end of step ``t``."""
        self._sweep(t)
        # Every segment has now applied the spikes up to step t - 2 * most_back at least.
        self._swept = t + 1 - 2 * self.rows.most_back

    def weights_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the weights at ``positions`` in the words, float64, in the receptor's unit."""
        shares: np.ndarray = self.rows.columns["weights"][positions].astype(np.float64)
        return self.low + self.range * shares

    def set_weights_at(self, positions: np.ndarray, weights: np.ndarray) -> None:
        """Set the weights at ``positions`` in the rows; float64, within the rule's bounds."""
        # u = (w - low) / range
        shares = np.clip((weights - self.low) / self.range, 0.0, 1.0)
        self.rows.columns["weights"][positions] = shares.astype(np.float32)

    def set_learning(self, is_on: bool) -> None:
        """Let weights change from the next step on, or keep them; traces go on either way."""
        # The frozen kernels keep traces and histories, so learning can be switched on again.
        kernels = self.rule.kernels() if is_on else frozen_kernels(self.rule)
        ensure_compiled(list(kernels.values()))
        self.walker.replace_kernel(kernels["deliver"])
        self._sweep = kernels["sweep"].bind(self.rows.words, *self._arrays)

    @property
    def n_bytes(self) -> int:
        """Memory of the rows and of the targets' spikes, in bytes."""
        return self.rows.n_bytes + self.history.records.nbytes + self.history.n_in.nbytes

    def reset(self) -> None:
        """Clear all postsynaptic spikes."""
        self.history.reset()
        self._swept = 0


def frozen_kernels(rule: TraceRule) -> dict[str, Kernel]:
    """Return the kernels of a rule by name in the form that changes no weight."""
    kernels = rule.kernels()
    deliver = kernels["deliver"]
    if not isinstance(deliver, RuleKernel) or deliver.frozen is None:
        return kernels
    return dict(zip(("deliver", "sweep"), deliver.frozen(), strict=True))


def range_of(rule: LearningRule) -> tuple[float, float]:
    """Return the smallest weight of a rule, and the width of the range of its weights."""
    low, high = rule.weight_bounds
    return low, high - low
