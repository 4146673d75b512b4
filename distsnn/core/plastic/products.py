"""One projection that learns by a sum of products, on one rank."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from distsnn.core.plastic.history import targets_of
from distsnn.core.plastic.place import Place, kernels_of_rule
from distsnn.core.plastic.rows import RowBuilder
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.kernels.plastic import products as pp
from distsnn.network.draw import draw_sources
from distsnn.network.weights.outcomes import nearest

MAX_REWARD = 127


class ProductLearning:
    """Weights and tags in whole numbers, changed at the end of each epoch.

    columns: float32 in parallel with rows.words, all of them whole: "weights", "numbers" (of
    several synapses between the same two neurons), and "tags" where the rule has them.
    """

    def __init__(self, place: Place) -> None:
        self.place, self.projection = place, place.projection
        self.rule: Any = self.projection.plasticity
        builder = RowBuilder(
            place.network, self.projection, place.cores, place.layout.lid_bits, place.axon_gids
        )
        seen = tuple(np.zeros(builder.n_rows, dtype=np.uint32) for _ in range(2))
        self.rows = builder.build(partial(self._columns, (*builder.rows.arrays, *seen)))
        first_slot, self.n_in = targets_of(self.rows, place.slots)
        self._masks = np.zeros(self.n_in.size, dtype=np.uint64)
        self._traces = np.zeros((self.n_in.size, 3), dtype=np.int64)
        self._facts = np.zeros(pp.N_FACTS, dtype=np.int64)
        self._facts[: pp.EPOCH_START] = [first_slot, 0, *place.ring_facts, 0]
        self._facts[[pp.EPOCH_STEPS, pp.W_MIN, pp.W_MAX, pp.HAS_TAG]] = [
            self.rule.epoch_steps, self.rule.w_min, self.rule.w_max, self.rule.has_tags,
        ]  # fmt: skip
        self._set_key("trace rounding", pp.TRACE_LOW)
        self._set_key("target trace rounding", pp.TARGET_TRACE_LOW)
        self._reward_trace, self._rewards = 0.0, 0.0
        self._bind_kernels()

    def _columns(
        self, rows: tuple[np.ndarray, ...], start: int, counts: np.ndarray
    ) -> dict[str, np.ndarray]:
        weights = nearest(initial_weights(self.place, start, counts) / self.rule.weight_step)
        weights = np.clip(weights, self.rule.w_min, self.rule.w_max).astype(np.float32)
        numbers = np.zeros(weights.size, dtype=np.float32)
        if weights.size:
            seed = self.place.network.seed
            _, sources = draw_sources(self.projection, start, start + counts.size, seed)
            gid_start = self.projection.source.gid_start
            pp.number_multapses(start + 1, gid_start, counts, sources, *rows, numbers)
        columns = {"weights": weights, "numbers": numbers}
        return {**columns, "tags": np.zeros_like(weights)} if self.rule.has_tags else columns

    def _set_key(self, purpose: str, place: int, *ids: int) -> None:
        key = stream_key(self.place.network.seed, purpose, self.projection.index, *ids)
        self._facts[place : place + 2] = key & 0xFFFFFFFF, key >> 32

    def _bind_kernels(self) -> None:
        place, rule, columns = self.place, self.rule, self.rows.columns
        kernels = kernels_of_rule(rule)
        scale = np.array([rule.weight_step / place.quantum, 0.0], dtype=np.float32)
        weights, facts = columns["weights"], self._facts
        self.walker = RowWalker(
            kernels["deliver"], self.rows, [weights, facts, scale, place.ring], place.batch
        )
        impulses, self._betas = rule.impulses(), rule.betas(place.network.dt_ms)
        betas, self._slow = self._betas, rule.slow_betas(place.network.dt_ms)
        self._learn_epoch = kernels["learn_epoch"].bind(
            self.rows.pointers, place.axon_gids, self.rows.words, weights,
            columns.get("tags", weights), columns["numbers"], facts, impulses, betas,
            place.gid_of_slot, self._masks, self._traces, np.zeros(2, dtype=np.int64),
        )  # fmt: skip
        self._keep_traces = pp.keep_target_traces.bind(
            facts, impulses, betas, place.gid_of_slot, self._masks, self._traces
        )

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Say where axons, packets and the spikes of a step will lie."""
        self.walker.bind(own_axons, received)
        self._mark = pp.mark_spikes.bind(self._facts, spikes, self.n_in, self._masks)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """See the postsynaptic spikes of step ``t``; at the end of an epoch apply the rule."""
        self._mark(t, n_spikes)
        self._rewards += reward
        n_steps = self.rule.epoch_steps
        if (t + 1) % n_steps == 0:
            self._end_epoch((t + 1) // n_steps - 1)
            self._facts[pp.EPOCH_START] = t + 1

    def _end_epoch(self, epoch: int) -> None:
        facts, dt_ms = self._facts, self.place.network.dt_ms
        left = math.exp(-self.rule.epoch_steps * dt_ms / self.rule.tau_r1_ms)
        trace = self._reward_trace * left + self._rewards  # rounded where it is read
        self._reward_trace = max(-MAX_REWARD - 1.0, min(float(MAX_REWARD), trace))
        self._rewards = 0.0
        facts[pp.R1] = math.floor(self._reward_trace + 0.5)
        facts[pp.IS_DECIMATED] = (epoch + 1) % (1 << self.rule.parsed.decimation) == 0
        facts[pp.EPOCH] = epoch & 0xFFFFFFFF
        self._set_key("rounding", pp.KEY_LOW, epoch)
        for trace, (left, n) in self._slow.items():
            self._betas[trace, 1:] = left if epoch % n == n // 2 else 1.0
        self._learn_epoch()
        self._keep_traces()

    def catch_up(self, t: int) -> None:
        """Nothing is ever missed: weights change at the end of epochs only."""

    def reset(self) -> None:
        """Forget all spikes, traces and rewards; the next step begins an epoch."""
        self._facts[[pp.EPOCH_START, pp.EPOCH, pp.R1, pp.IS_DECIMATED]] = 0
        self._masks.fill(0)
        self._traces.fill(0)
        self._reward_trace, self._rewards = 0, 0.0

    def weights_at(self, places: np.ndarray) -> np.ndarray:
        """Return the weights at these places of the rows, float64, in the receptor's unit."""
        return self.rule.weight_step * self.rows.columns["weights"][places].astype(np.float64)

    @property
    def n_bytes(self) -> int:
        """Memory held."""
        return self.rows.n_bytes + self.n_in.nbytes + self._masks.nbytes + self._traces.nbytes
