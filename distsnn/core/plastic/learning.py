"""One projection whose weights are changed by the spikes of both its ends, on one rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.core.plastic.history import SpikeHistory
from distsnn.core.plastic.place import Place, kernels_of_rule
from distsnn.core.plastic.rows import RowBuilder
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels.plastic.decay import decay_tables


class TraceLearning:
    """Weights learned from traces: PairStdp, TripletStdp, Oja, or with a reward (``is_rewarded``).

    columns: float32 arrays in parallel with rows.words; "weights" are shares of the rule's range.
    """

    def __init__(self, place: Place, *, is_rewarded: bool) -> None:
        self.place, self.is_rewarded = place, is_rewarded
        self.projection = place.projection
        rule = self.projection.plasticity
        self.low, high = rule.weight_bounds
        self.range = high - self.low
        self.rows = RowBuilder(
            place.network, self.projection, place.cores, place.layout.lid_bits, place.axon_gids
        ).build(self._columns)
        taus = [*rule.pre_taus_ms, *rule.post_taus_ms]
        taus += [rule.tau_eligibility_ms] if is_rewarded else []
        self._tables = decay_tables([tau / place.network.dt_ms for tau in taus])
        self.history = SpikeHistory(self.rows, place.slots, len(rule.post_taus_ms))
        self._scale = np.array(
            [self.range / place.quantum, self.low / place.quantum, 0.0], dtype=np.float32
        )
        self._bind_kernels(rule)
        self._swept = 0

    def _columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        weights = initial_weights(self.place, start, counts)
        shares = np.clip((weights - self.low) / self.range, 0.0, 1.0).astype(np.float32)
        columns = {"weights": shares}
        return {**columns, "tags": np.zeros_like(shares)} if self.is_rewarded else columns

    def _bind_kernels(self, rule: Any) -> None:
        place, history = self.place, self.history
        keep = float(rule.pairing == "all")
        facts = np.array(
            [history.first_slot, history.record_words, *place.ring_facts, int(keep)], dtype=np.int64
        )
        constants = np.array(rule.constants(), dtype=np.float32)
        kernels = kernels_of_rule(rule)
        arrays = [
            self.rows.columns["weights"], facts, constants, self._scale, history.records,
            *self._tables, place.ring,
        ]  # fmt: skip
        if self.is_rewarded:
            arrays.append(self.rows.columns["tags"])
        self.walker = RowWalker(kernels["deliver"], self.rows, arrays, place.batch)
        self._sweep = kernels["sweep"].bind(self.rows.words, *arrays)
        if self.is_rewarded:
            self._reward = kernels["reward"].bind(self.rows.words, *arrays)
        self._keep, self._table_row = keep, len(rule.pre_taus_ms)

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Say where axons, packets and the spikes of a step will lie."""
        self.walker.bind(own_axons, received)
        self._append = self.history.bind(spikes, self._keep, self._table_row, *self._tables)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """See the postsynaptic spikes of step ``t`` and, where it is not 0, a reward at its end."""
        if self._append(t, n_spikes, self._swept):
            self.catch_up(t)
        if reward and self.is_rewarded:
            self.catch_up(t)
            self._scale[2] = reward
            self._reward(t)

    def catch_up(self, t: int) -> None:
        """Bring all synapses up to what they can have seen by the end of step ``t``."""
        self._sweep(t)
        self._swept = t + 1 - 2 * self.rows.most_back

    def weights_at(self, places: np.ndarray) -> np.ndarray:
        """Return the weights at these places of the rows, float64, in the receptor's unit."""
        return self.low + self.range * self.rows.columns["weights"][places].astype(np.float64)

    @property
    def n_bytes(self) -> int:
        """Memory held."""
        return self.rows.n_bytes + self.history.records.nbytes + self.history.n_in.nbytes

    def reset(self) -> None:
        """Forget all postsynaptic spikes and rewards."""
        self.history.reset()
        self._scale[2] = 0.0
        self._swept = 0
