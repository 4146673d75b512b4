"""All plastic synapses of one rank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.core.delivery.synapse_table import SynapseTable
from distsnn.core.neurons.slots import gid_of_slot
from distsnn.core.neurons.state import NeuronState
from distsnn.core.plastic.learning import TraceLearning
from distsnn.core.plastic.place import Place
from distsnn.core.plastic.products import ProductLearning
from distsnn.core.plastic.recorder import WeightRecorder
from distsnn.core.plastic.rewards import Rewards
from distsnn.core.plastic.short_term import ShortTerm
from distsnn.core.recording.mesh_recorder import MeshRecorder
from distsnn.kernels.plastic.counts import count_arrived, count_spiked
from distsnn.kernels.plastic.rows import (
    count_onto_cores,
    count_targets,
    digest_plastic,
    forget,
)
from distsnn.mapping.plan import Slice
from distsnn.network import Network
from distsnn.network.weights.quanta import Quanta

FAMILIES: dict[str, Callable[[Place], Any]] = {
    "traces": partial(TraceLearning, is_rewarded=False),
    "reward": partial(TraceLearning, is_rewarded=True),
    "short_term": ShortTerm,
    "products": ProductLearning,
}


class PlasticSynapses:
    """The projections with plasticity that end on a rank; nothing to do where there are none.

    parts: one per projection, see ``TraceLearning`` and ``ShortTerm``. is_learning: whether any
    rank of the run has weights that change.
    """

    def __init__(
        self,
        network: Network,
        cores: Sequence[Sequence[Slice]],
        layout: RingLayout,
        quanta: Quanta,
        table: SynapseTable,
        state: NeuronState,
        ring: np.ndarray,
        n_steps: int,
        batch: int,
    ) -> None:
        self.n_steps, self.lid_bits = n_steps, layout.lid_bits
        self.axon_gids, self.gid_of_slot = table.axon_gids, gid_of_slot(state)
        plastic = [p for p in network.projections if p.plasticity is not None]
        self.parts: list[Any] = []
        for projection in plastic:
            lane, quantum = quanta.learning_lane(projection)
            if getattr(projection.target.model, "takes_sizes", False):
                quantum = -quantum if projection.weight_bounds[0] < 0 else quantum
            place = Place(
                network, projection, cores, layout, table.axon_gids, self.gid_of_slot, ring,
                lane, quantum, quanta.code(projection), batch,
            )  # fmt: skip
            self.parts.append(FAMILIES[projection.plasticity.family](place))
        self.rewards = [Rewards(network, p, table.axon_gids) for p in plastic]
        self.recorder = WeightRecorder(network, self.parts, table.axon_gids, state, n_steps)
        self.is_learning = any(hasattr(p.plasticity, "weight_bounds") for p in plastic)

    def bind(
        self,
        own_axons: np.ndarray,
        received: np.ndarray,
        spikes: np.ndarray,
        table: SynapseTable,
        nodes: np.ndarray,
        mesh: MeshRecorder,
    ) -> None:
        """Say where the axons, packets and spikes of a step and the counters of cores will lie."""
        for part, rewards in zip(self.parts, self.rewards, strict=True):
            part.bind(own_axons, received, spikes)
            rewards.bind(own_axons, received)
        if not self.is_learning:
            return
        n_onto = np.zeros_like(table.n_onto_core)
        n_in = np.zeros(self.gid_of_slot.size, dtype=np.uint32)
        for part in self.parts:
            if hasattr(part.projection.plasticity, "weight_bounds"):
                rows = part.rows
                count_onto_cores(
                    self.lid_bits, rows.pointers, rows.words, table.core_start, table.core, n_onto
                )
                count_targets(0, rows.words, n_in)
        self._count_arrived = count_arrived.bind(
            own_axons, received, table.core_start, table.core, n_onto, nodes, mesh.learning
        )
        self._count_spiked = count_spiked.bind(spikes, n_in, nodes, mesh.learning)

    def deliver(self, t: int, batch_start: int, n_own: int, n_received: int) -> None:
        """Axons that spiked -> rows of plastic synapses -> weights -> rings."""
        for part, rewards in zip(self.parts, self.rewards, strict=True):
            part.walker.deliver(t, batch_start, n_own, n_received)
            rewards.collect(t, batch_start, n_own, n_received)

    def learn(self, t: int, n_spikes: int, row: int) -> None:
        """The spikes of step ``t`` and the rewards at its end -> weights; ``row``: of the counters."""
        for part, rewards in zip(self.parts, self.rewards, strict=True):
            part.learn(t, n_spikes, rewards.of_step(t))
        if self.is_learning:
            self._count_spiked(row, n_spikes, self.lid_bits)
        self.recorder.sample(t)
        if t + 1 == self.n_steps:
            for part in self.parts:
                part.catch_up(t)

    def count_arrived(self, *arguments: int) -> None:
        """Count updates by presynaptic spikes; arguments as of the kernel ``arrive``."""
        if self.is_learning:
            self._count_arrived(*arguments)

    def columns(self) -> list[dict[str, np.ndarray]]:
        """Return copies of the variables of all synapses, for ``begin_run``."""
        return [
            {name: column.copy() for name, column in part.rows.columns.items()}
            for part in self.parts
        ]

    def begin_run(self, n_steps: int, columns: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Set all synapses to ``columns`` and forget every spike and reward; see ``Rank``."""
        self.n_steps = n_steps
        for part, rewards, initial in zip(self.parts, self.rewards, columns, strict=True):
            for name, column in initial.items():
                np.copyto(part.rows.columns[name], column)
            forget(part.rows.words)
            part.walker.reset()
            part.reset()
            rewards.reset()
        self.recorder.begin_run(n_steps)

    @property
    def n_synapses(self) -> int:
        """Plastic synapses of the rank."""
        return sum(part.rows.n_synapses for part in self.parts)

    @property
    def n_bytes(self) -> int:
        """Memory of the rows and of the additional state of the learning rule."""
        return sum(part.n_bytes for part in self.parts)

    def digest(self) -> int:
        """Return a sum over all variables of all synapses, free of order, modulo 2^64."""
        total = np.zeros(1, dtype=np.uint64)
        for part in self.parts:
            rows = part.rows
            for k, name in enumerate(sorted(rows.columns)):
                salt = part.projection.index * 64 + k + 1
                bits = rows.columns[name].view(np.uint32)
                digest_plastic(
                    salt, rows.pointers, rows.words, self.axon_gids, self.gid_of_slot, bits, total
                )
        return int(total[0])
