"""Constant weights that are delivered or not: StochasticRelease."""

from __future__ import annotations

from typing import cast

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.part import PlasticPart
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels.plastic.release import N_PARAMETERS
from distsnn.kernels.plastic.rows import RING_PARAMETERS
from distsnn.network.distributions.distributions import Distribution, Uniform
from distsnn.network.draw import draw_values
from distsnn.parameters import Drawn
from distsnn.plasticity.stochastic_release import StochasticRelease

BITS = Uniform(0.0, 2.0**24)  # whole numbers that float32 tells apart


class Release(PlasticPart[StochasticRelease]):
    """The synapses of a StochasticRelease.

    columns: "weights" in quanta, "probability", "high" and "low".
    """

    rule_type = StochasticRelease

    def __init__(self, context: ProjectionContext) -> None:
        super().__init__(context)
        (kernel,) = self.rule.kernels().values()
        parameters = np.zeros(N_PARAMETERS, dtype=np.int64)
        parameters[[*RING_PARAMETERS]] = context.ring_parameters
        columns = self.rows.columns
        arrays = [columns["weights"], parameters, context.rank.ring]
        arrays += [columns[name] for name in ("probability", "high", "low")]
        self.walker = RowWalker(kernel, self.rows, arrays, context.rank.batch)

    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return the weights in quanta, and what decides about the release of each synapse."""
        weights = initial_weights(self.context, start, counts) / self.context.quantum
        columns = {"weights": weights, "probability": self._probability(start, counts)}
        # 48 bits that belong to the synapse, in two columns of whole numbers.
        for name in ("high", "low"):
            drawn = draw_values(self.projection, name, BITS, start, counts, self.context.seed)
            columns[name] = np.minimum(np.floor(drawn), 2.0**24 - 1)
        return {name: column.astype(np.float32) for name, column in columns.items()}

    def _probability(self, start: int, counts: np.ndarray) -> np.ndarray:
        value = self.rule.probability
        if not isinstance(value, Drawn):
            return np.full(int(counts.sum(dtype=np.int64)), float(value))
        of_synapses = cast(Distribution, value)
        seed = self.context.seed
        return draw_values(self.projection, "probability", of_synapses, start, counts, seed)

    def weights_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the weights at ``positions`` in the words, float64, in the receptor's unit."""
        in_quanta: np.ndarray = self.rows.columns["weights"][positions].astype(np.float64)
        return self.context.quantum * in_quanta

    def set_weights_at(self, positions: np.ndarray, weights: np.ndarray) -> None:
        """Set the weights at ``positions`` in the words; float64, in the receptor's unit."""
        in_quanta = (weights / self.context.quantum).astype(np.float32)
        self.rows.columns["weights"][positions] = in_quanta
