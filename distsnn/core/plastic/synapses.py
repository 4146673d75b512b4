"""The plastic synapses of one rank, over all projections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from distsnn.core.delivery.synapse_table import SynapseTable
from distsnn.core.plastic.context import ProjectionContext, RankContext
from distsnn.core.plastic.families import part_of
from distsnn.core.plastic.part import AnyPart
from distsnn.core.plastic.recorder import WeightRecorder
from distsnn.core.plastic.rewards import Rewards
from distsnn.core.recording.mesh_recorder import MeshRecorder
from distsnn.kernels.plastic.counts import count_arrived, count_spiked
from distsnn.kernels.plastic.visits import (
    count_onto_cores,
    count_targets,
    digest_plastic,
    forget,
)
from distsnn.network import Projection
from distsnn.network.weights.quanta import Quanta


class PlasticSynapses:
    """All plastic projections onto a rank's neurons; there may be none.

    parts: one per projection. rewards: parallel to ``parts``. is_learning: whether the network has a
    rule that changes weights; the same on all ranks.
    """

    def __init__(self, rank: RankContext, quanta: Quanta, n_steps: int) -> None:
        self.rank, self.n_steps = rank, n_steps
        self.lid_bits, self.gid_of_slot = rank.layout.lid_bits, rank.gid_of_slot
        self.parts: list[AnyPart] = []
        self.rewards: list[Rewards] = []
        for projection in rank.network.projections:
            rule = projection.plasticity
            if rule is not None:
                self.parts.append(part_of(_context(rank, projection, quanta)))
                self.rewards.append(Rewards(rank.network, projection, rule, rank.axon_gids))
        self.recorder = WeightRecorder(rank, self.parts, n_steps)
        self._learning = [part for part in self.parts if part.rule.changes_weights]
        self.is_learning = bool(self._learning)

    def bind(
        self,
        own_axons: np.ndarray,
        received: np.ndarray,
        spikes: np.ndarray,
        table: SynapseTable,
        nodes: np.ndarray,
        mesh: MeshRecorder,
    ) -> None:
        """Bind all kernels to the arrays of a step's axons, packets and spikes, and to the counters."""
        for part, rewards in zip(self.parts, self.rewards, strict=True):
            part.bind(own_axons, received, spikes)
            rewards.bind(own_axons, received)
        if not self.is_learning:
            return
        # Weight updates that one spike causes: of an axon on each core that it reaches (n_onto,
        # parallel to table.core), and of a target neuron (n_in, by slot).
        n_onto = np.zeros_like(table.n_onto_core)
        n_in = np.zeros(self.gid_of_slot.size, dtype=np.uint32)
        for part in self._learning:
            rows = part.rows
            count_onto_cores(
                self.lid_bits, rows.pointers, rows.words, table.core_start, table.core, n_onto
            )
            count_targets(0, rows.words, n_in)
        self._count_arrived = count_arrived.bind(
            own_axons, received, table.core_start, table.core, n_onto, nodes, mesh.extra
        )
        self._count_spiked = count_spiked.bind(spikes, n_in, nodes, mesh.extra)

    def deliver(self, t: int, batch_start: int, n_own: int, n_received: int) -> None:
        """Deliver the axons that spiked: rows of plastic synapses -> rings; count modulating spikes."""
        for part, rewards in zip(self.parts, self.rewards, strict=True):
            part.deliver(t, batch_start, n_own, n_received)
            rewards.collect(t, batch_start, n_own, n_received)

    def learn(self, t: int, n_spikes: int, row: int) -> None:
        """Process the postsynaptic spikes of step ``t`` and the rewards at its end, then take samples.

        row: row of the mesh counters for this step."""
        for part, rewards in zip(self.parts, self.rewards, strict=True):
            part.learn(t, n_spikes, rewards.of_step(t))
        if self.is_learning:
            self._count_spiked(row, n_spikes, self.lid_bits)
        self.recorder.sample(t)
        if t + 1 == self.n_steps:  # so that the final weights include all spikes
            for part in self.parts:
                part.catch_up(t)

    def count_arrived(self, *arguments: int) -> None:
        """Count weight updates by presynaptic spikes; takes the scalars of the kernel ``arrive``."""
        if self.is_learning:
            self._count_arrived(*arguments)

    def columns(self) -> list[dict[str, np.ndarray]]:
        """Return copies of the variables of all synapses, one dictionary per part."""
        return [
            {name: column.copy() for name, column in part.rows.columns.items()}
            for part in self.parts
        ]

    def begin_run(self, n_steps: int, columns: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Set all variables to ``columns`` and clear spikes and rewards; see ``Rank.begin_run``."""
        self.n_steps = n_steps
        for part, rewards, initial in zip(self.parts, self.rewards, columns, strict=True):
            for name, column in initial.items():
                np.copyto(part.rows.columns[name], column)
            # The headers of the segments hold marks of earlier spikes.
            forget(part.rows.words)
            part.walker.reset()
            part.reset()
            rewards.reset()
        self.recorder.begin_run(n_steps)

    def extend(self, n_steps: int) -> None:
        """Let a completed run go on until step ``n_steps``."""
        self.n_steps = n_steps
        self.recorder.extend(n_steps)

    @property
    def n_synapses(self) -> int:
        """Number of plastic synapses of the rank."""
        return sum(part.rows.n_synapses for part in self.parts)

    @property
    def n_bytes(self) -> int:
        """Memory of the rows and of the state outside them, in bytes."""
        return sum(part.n_bytes for part in self.parts)

    def digest(self) -> int:
        """Return an order-independent sum over all variables of all synapses, modulo 2^64."""
        total = np.zeros(1, dtype=np.uint64)
        for part in self.parts:
            rows = part.rows
            for k, name in enumerate(sorted(rows.columns)):
                # Distinguishes the variables of all projections in the sum.
                salt = part.projection.index * 64 + k + 1  # at most 63 variables
                bits = rows.columns[name].view(np.uint32)
                digest_plastic(
                    salt, rows.pointers, rows.words, self.rank.axon_gids, self.gid_of_slot, bits,
                    total,
                )  # fmt: skip
        return int(total[0])


def _context(rank: RankContext, projection: Projection, quanta: Quanta) -> ProjectionContext:
    lane, quantum = quanta.learning_lane(projection)
    if projection.target.model.takes_sizes and projection.weight_bounds[0] < 0:
        quantum = -quantum
    return ProjectionContext(rank, projection, lane, quantum, quanta.code(projection))
