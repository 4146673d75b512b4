"""Constant weights, scaled by a release that depends on earlier spikes: TsodyksMarkram."""

from __future__ import annotations

from typing import cast

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.part import PlasticPart
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels.plastic.decay import decay_tables
from distsnn.kernels.plastic.rows import RING_PARAMETERS
from distsnn.kernels.plastic.short_term import N_CONSTANTS, N_PARAMETERS, UTILISATION
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.draw import draw_values
from distsnn.plasticity.tsodyks_markram import Drawn, TsodyksMarkram

MIN_STEPS = 1e-3  # a time constant of 0 counts as this many steps: nothing is left after one


class ShortTerm(PlasticPart[TsodyksMarkram]):
    """The synapses of a TsodyksMarkram: weights stay constant, the share that a spike releases changes.

    columns: "weights" in quanta. If parameters are drawn for each synapse, also "utilisation",
    "rec_rate", "facil_rate" (per step) and the state variables "u" and "r".
    """

    rule_type = TsodyksMarkram

    def __init__(self, context: ProjectionContext) -> None:
        super().__init__(context)
        (kernel,) = self.rule.kernels().values()
        # Without drawn parameters, all synapses of a segment have the same history and share u and r.
        shared = self.rule.shared
        arrays = self._shared_arrays(*shared) if shared else self._own_arrays()
        self.walker = RowWalker(kernel, self.rows, arrays, context.rank.batch)

    def _parameters(self) -> np.ndarray:
        parameters = np.zeros(N_PARAMETERS, dtype=np.int64)
        parameters[[*RING_PARAMETERS]] = self.context.ring_parameters
        return parameters

    def _shared_arrays(
        self, utilisation: float, tau_rec_ms: float, tau_facil_ms: float
    ) -> list[np.ndarray]:
        """Return the kernel's arrays after the words, for synapses that share their axon's state."""
        # Rows of the decay tables, in the order of ROW_FACIL, ROW_REC.
        dt_ms = self.context.dt_ms
        taus = [max(tau_ms / dt_ms, MIN_STEPS) for tau_ms in (tau_facil_ms, tau_rec_ms)]
        constants = np.zeros(N_CONSTANTS, dtype=np.float32)
        constants[UTILISATION] = utilisation
        weights, ring = self.rows.columns["weights"], self.context.rank.ring
        return [weights, self._parameters(), constants, *decay_tables(taus), ring]

    def _own_arrays(self) -> list[np.ndarray]:
        """Return the kernel's arrays after the words, for synapses with a state of their own."""
        columns = self.rows.columns
        names = ("utilisation", "rec_rate", "facil_rate", "u", "r")
        of_synapses = [columns[name] for name in names]
        return [columns["weights"], self._parameters(), self.context.rank.ring, *of_synapses]

    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return the weights in quanta, and parameters and state if these belong to each synapse."""
        weights = initial_weights(self.context, start, counts) / self.context.quantum
        columns = {"weights": weights.astype(np.float32)}
        if self.rule.shared:
            return columns
        utilisation = self._drawn("utilisation", self.rule.utilisation, start, counts)
        columns["utilisation"] = utilisation.astype(np.float32)
        for name, parameter, tau_ms in (
            ("rec_rate", "tau_rec_ms", self.rule.tau_rec_ms),
            ("facil_rate", "tau_facil_ms", self.rule.tau_facil_ms),
        ):
            # rate = dt / tau
            tau_steps = self._drawn(parameter, tau_ms, start, counts) / self.context.dt_ms
            columns[name] = (1.0 / np.maximum(tau_steps, MIN_STEPS)).astype(np.float32)
        zeros = np.zeros(weights.size, dtype=np.float32)
        return {**columns, "u": zeros, "r": zeros}

    def _drawn(self, name: str, value: float | Drawn, start: int, counts: np.ndarray) -> np.ndarray:
        if not isinstance(value, Drawn):
            return np.full(int(counts.sum(dtype=np.int64)), float(value))
        distribution = cast(Distribution, value)
        return draw_values(self.projection, name, distribution, start, counts, self.context.seed)

    def weights_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the weights at ``positions`` in the words, float64, in the receptor's unit."""
        in_quanta: np.ndarray = self.rows.columns["weights"][positions].astype(np.float64)
        return self.context.quantum * in_quanta

    def set_weights_at(self, positions: np.ndarray, weights: np.ndarray) -> None:
        """Set the weights at ``positions`` in the words; float64, in the receptor's unit."""
        in_quanta = (weights / self.context.quantum).astype(np.float32)
        self.rows.columns["weights"][positions] = in_quanta
