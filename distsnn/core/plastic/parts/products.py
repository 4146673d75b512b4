"""Integer weights and tags, as on the chip, that learn by sums of products: SumOfProducts."""

from __future__ import annotations

import math

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.core.plastic.history import targets_of
from distsnn.core.plastic.part import PlasticPart
from distsnn.core.plastic.rows import RowBuilder
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.kernels.plastic import products as pp
from distsnn.kernels.plastic.building import number_multapses
from distsnn.kernels.plastic.rows import FIRST_SLOT, OFFSET, RING_PARAMETERS, SCALE
from distsnn.network.draw import draw_sources
from distsnn.network.weights.outcomes import nearest
from distsnn.plasticity.sum_of_products import SumOfProducts

MIN_REWARD, MAX_REWARD = -128, 127
N_TARGET_TRACES = 3


class ProductLearning(PlasticPart[SumOfProducts]):
    """The synapses of a SumOfProducts; weights and tags change at the end of each epoch.

    columns, all whole numbers: "weights", "numbers" (index among the synapses of the same pair of
    neurons), and "tags" if the rule has them.
    """

    rule_type = SumOfProducts
    _kept: tuple[np.ndarray, np.ndarray] | None = None  # positions and weights that are kept

    def __init__(self, context: ProjectionContext) -> None:
        super().__init__(context)
        del self._multapses
        # By target slot: a mask with a bit per step of the epoch, and the traces at its start.
        first_slot, self.n_in = targets_of(self.rows, context.slots)
        self._masks = np.zeros(self.n_in.size, dtype=np.uint64)
        self._traces = np.zeros((self.n_in.size, N_TARGET_TRACES), dtype=np.int64)
        rule, self._parameters = self.rule, np.zeros(pp.N_PARAMETERS, dtype=np.int64)
        self._parameters[[*RING_PARAMETERS]] = context.ring_parameters
        self._parameters[[FIRST_SLOT, pp.EPOCH_STEPS, pp.W_MIN, pp.W_MAX, pp.HAS_TAG]] = (
            first_slot, rule.epoch_steps, rule.w_min, rule.w_max, rule.has_tags,
        )  # fmt: skip
        self._set_key("trace rounding", pp.TRACE_LOW, pp.TRACE_HIGH)
        self._set_key("target trace rounding", pp.TARGET_TRACE_LOW, pp.TARGET_TRACE_HIGH)
        self._reward_trace, self._rewards = 0.0, 0.0
        self._bind_kernels()

    def prepare(self, builder: RowBuilder) -> None:
        """Allocate the tables by which synapses of the same pair of neurons are numbered."""
        # By row: the last target that was numbered, and the synapses onto it so far.
        scratch = (np.zeros(builder.n_rows, dtype=np.uint32) for _ in range(2))
        self._multapses = (*builder.row_of_gid.arrays, *scratch)

    def initial_columns(self, start: int, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return "weights" and "numbers", and "tags" of 0 if the rule has them."""
        rule = self.rule
        weights = nearest(initial_weights(self.context, start, counts) / rule.weight_step)
        weights = np.clip(weights, rule.w_min, rule.w_max).astype(np.float32)
        numbers = np.zeros(weights.size, dtype=np.float32)
        if weights.size:
            seed, gid_start = self.context.seed, self.projection.source.gid_start
            _, sources = draw_sources(self.projection, start, start + counts.size, seed)
            number_multapses(start + 1, gid_start, counts, sources, *self._multapses, numbers)
        columns = {"weights": weights, "numbers": numbers}
        return {**columns, "tags": np.zeros_like(weights)} if rule.has_tags else columns

    def _set_key(self, purpose: str, low: int, high: int, *ids: int) -> None:
        """Store the two halves of a random key at the parameters ``low`` and ``high``."""
        key = stream_key(self.context.seed, purpose, self.projection.index, *ids)
        self._parameters[[low, high]] = key & 0xFFFFFFFF, key >> 32  # of 64 bits

    def _bind_kernels(self) -> None:
        context, rule, columns = self.context, self.rule, self.rows.columns
        kernels, rank = rule.kernels(), context.rank
        scale = np.zeros(2, dtype=np.float32)
        scale[[SCALE, OFFSET]] = rule.weight_step / context.quantum, 0.0
        weights, parameters = columns["weights"], self._parameters
        arrays = [weights, parameters, scale, rank.ring]
        self.walker = RowWalker(kernels["deliver"], self.rows, arrays, rank.batch)
        impulses, self._betas = rule.impulses(), rule.betas(context.dt_ms)
        betas, self._slow = self._betas, rule.slow_betas(context.dt_ms)
        self._learn_epoch = kernels["learn_epoch"].bind(
            self.rows.pointers, rank.axon_gids, self.rows.words, weights,
            columns.get("tags", weights), columns["numbers"], parameters, impulses, betas,
            rank.gid_of_slot, self._masks, self._traces, np.zeros(2, dtype=np.int64),
        )  # fmt: skip
        self._keep_traces = pp.keep_target_traces.bind(
            parameters, impulses, betas, rank.gid_of_slot, self._masks, self._traces
        )

    def bind(self, own_axons: np.ndarray, received: np.ndarray, spikes: np.ndarray) -> None:
        """Bind the kernels to the arrays of a step's axons, packets and spiking slots."""
        super().bind(own_axons, received, spikes)
        self._mark = pp.mark_spikes.bind(self._parameters, spikes, self.n_in, self._masks)

    def learn(self, t: int, n_spikes: int, reward: float) -> None:
        """Mark the postsynaptic spikes of step ``t``, and apply the rule at the end of an epoch."""
        self._mark(t, n_spikes)
        self._rewards += reward
        n_steps = self.rule.epoch_steps
        if (t + 1) % n_steps == 0:
            self._end_epoch((t + 1) // n_steps - 1)
            self._parameters[pp.EPOCH_START] = t + 1

    def _end_epoch(self, epoch: int) -> None:
        parameters, rule = self._parameters, self.rule
        # r1 <- r1 exp(-epoch / tau_r1) + rewards of the epoch; rounded only where a product reads it
        factor = math.exp(-rule.epoch_steps * self.context.dt_ms / rule.tau_r1_ms)
        trace = self._reward_trace * factor + self._rewards
        self._reward_trace = max(float(MIN_REWARD), min(float(MAX_REWARD), trace))
        self._rewards = 0.0
        parameters[pp.R1] = math.floor(self._reward_trace + 0.5)
        parameters[pp.IS_DECIMATED] = (epoch + 1) % (1 << rule.parsed.decimation) == 0
        parameters[pp.EPOCH] = epoch & 0xFFFFFFFF
        self._set_key("rounding", pp.KEY_LOW, pp.KEY_HIGH, epoch)
        # Decays that are too slow for float32 are applied only in every n-th epoch.
        for row, (beta, n) in self._slow.items():
            self._betas[row, 1:] = beta if epoch % n == n // 2 else 1.0
        self._learn_epoch()
        # Epochs go on while learning is off; only their effect on weights is taken back.
        if self._kept is not None:
            positions, weights = self._kept
            self.rows.columns["weights"][positions] = weights
        self._keep_traces()

    def reset(self) -> None:
        """Clear all spikes, traces and rewards; the next step begins an epoch."""
        self._parameters[[pp.EPOCH_START, pp.EPOCH, pp.R1, pp.IS_DECIMATED]] = 0
        self._masks.fill(0)
        self._traces.fill(0)
        self._reward_trace, self._rewards = 0.0, 0.0
        self.set_learning(self._kept is None)

    def weights_at(self, positions: np.ndarray) -> np.ndarray:
        """Return the weights at ``positions`` in the words, float64, in the receptor's unit."""
        in_steps: np.ndarray = self.rows.columns["weights"][positions].astype(np.float64)
        return self.rule.weight_step * in_steps

    def set_weights_at(self, positions: np.ndarray, weights: np.ndarray) -> None:
        """Set the weights at ``positions`` in the words; float64, rounded to the rule's steps."""
        in_steps = np.clip(
            nearest(weights / self.rule.weight_step), self.rule.w_min, self.rule.w_max
        )
        self.rows.columns["weights"][positions] = in_steps.astype(np.float32)
        self.set_learning(self._kept is None)

    def set_learning(self, is_on: bool) -> None:
        """Let weights change from the next epoch on, or keep them; traces and tags go on."""
        self._kept = None
        if not is_on:
            positions = self.rows.listed()[3]
            self._kept = positions, self.rows.columns["weights"][positions]

    @property
    def n_bytes(self) -> int:
        """Memory of the rows and of the targets' spikes and traces, in bytes."""
        return self.rows.n_bytes + self.n_in.nbytes + self._masks.nbytes + self._traces.nbytes
