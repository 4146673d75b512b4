"""One projection with short-term plasticity on one rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.core.plastic.place import Place, kernels_of_rule
from distsnn.core.plastic.rows import RowBuilder
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels.plastic.decay import decay_tables
from distsnn.network.draw import draw_values

FASTEST_STEPS = 1e-3  # a time constant of 0 is taken as so many steps: nothing is left of it


class ShortTerm:
    """Static weights times a release that depends on the axon's own spikes.

    columns: float32 in parallel with rows.words; "weights" in quanta; where parameters are drawn
    for each synapse also "utilisation", "rec_rate", "facil_rate" (per step), "u" and "r".
    """

    is_rewarded = False

    def __init__(self, place: Place) -> None:
        self.place, self.projection = place, place.projection
        self.rule: Any = self.projection.plasticity
        self.rows = RowBuilder(
            place.network, self.projection, place.cores, place.layout.lid_bits, place.axon_gids
        ).build(self._columns)
        columns = self.rows.columns
        facts = np.array([0, 0, *place.ring_facts, 0], dtype=np.int64)
        if self.rule.is_shared:
            taus = [self._steps(self.rule.tau_facil_ms), self._steps(self.rule.tau_rec_ms)]
            constants = np.array([self.rule.utilisation], dtype=np.float32)
            arrays = [columns["weights"], facts, constants, *decay_tables(taus), place.ring]
        else:
            own = ("utilisation", "rec_rate", "facil_rate", "u", "r")
            arrays = [columns["weights"], facts, place.ring, *(columns[key] for key in own)]
        (kernel,) = kernels_of_rule(self.rule).values()
        self.walker = RowWalker(kernel, self.rows, arrays, place.batch)

    def _steps(self, tau_ms: float) -> float:
        return max(float(tau_ms) / self.place.network.dt_ms, FASTEST_STEPS)

    def _columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        weights = initial_weights(self.place, start, counts) / self.place.quantum
        columns = {"weights": weights.astype(np.float32)}
        if self.rule.is_shared:
            return columns
        utilisation = self._drawn("utilisation", start, counts)
        columns["utilisation"] = utilisation.astype(np.float32)
        for name, parameter in (("rec_rate", "tau_rec_ms"), ("facil_rate", "tau_facil_ms")):
            steps = self._drawn(parameter, start, counts) / self.place.network.dt_ms
            columns[name] = (1.0 / np.maximum(steps, FASTEST_STEPS)).astype(np.float32)
        zeros = np.zeros(weights.size, dtype=np.float32)
        return {**columns, "u": zeros, "r": zeros}

    def _drawn(self, name: str, start: int, counts: np.ndarray) -> np.ndarray:
        value = getattr(self.rule, name)
        if not hasattr(value, "bounds"):
            return np.full(int(counts.sum(dtype=np.int64)), float(value))
        return draw_values(self.projection, name, value, start, counts, self.place.network.seed)

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Say where axons and packets will lie; postsynaptic spikes do not matter."""
        self.walker.bind(own_axons, received)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """Nothing is learned."""

    def catch_up(self, t: int) -> None:
        """Nothing is ever missed."""

    def reset(self) -> None:
        """No state is kept other than the rows."""

    def weights_at(self, places: np.ndarray) -> np.ndarray:
        """Return the weights at these places of the rows, float64, in the receptor's unit."""
        return self.place.quantum * self.rows.columns["weights"][places].astype(np.float64)

    @property
    def n_bytes(self) -> int:
        """Memory held."""
        return self.rows.n_bytes
