"""What the neurons of a block and the axons that reach them take of a core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from distsnn.chip import Chip
from distsnn.mapping.cut import slots_per_neuron
from distsnn.network import Network
from distsnn.network.draw import draw_sources

Run = tuple[int, int, int]  # population, first neuron, end


@dataclass
class Block:
    """Neurons of one core and the axons that reach them.

    gids: int64, ascending, sources of the axons. n_each: int64, synapses of each axon with weights of
    their own, 0 for one that only modulates or whose synapses share a kernel's. n_slots, n_neurons:
    with and without input lines; compartments count as slots.
    """

    runs: list[Run] = field(default_factory=list)
    gids: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    n_each: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    n_slots: int = 0
    n_neurons: int = 0


class Incoming:
    """Draws the synapses onto neurons of a network and counts what they take of a core."""

    def __init__(self, network: Network, chip: Chip) -> None:
        self.network, self.chip = network, chip
        self._has_delays = any(p.delay_steps[1] > 1 for p in network.projections)
        self._is_shared = [
            p.shares_weights and chip.synapse is not None and chip.synapse.shares_kernels
            for p in network.projections
        ]

    def sources_onto(self, run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the synapses onto ``run`` and the end of each target's.

        gids of the sources, int64 [synapses], in order of the targets; 1 for a synapse with a weight of
        its own and 0 for one that shares a kernel's, int64 [synapses]; and int64 [targets].
        """
        population, start, stop = run
        gids, own = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        counts = np.zeros((0, stop - start), np.int64)
        for projection in self.network.projections:
            if projection.target.index == population:
                n_each, sources = draw_sources(projection, start, stop, self.network.seed)
                gids.append(sources.astype(np.int64) + projection.source.gid_start)
                own.append(np.full(sources.size, int(not self._is_shared[projection.index])))
                counts = np.vstack([counts, n_each])
        target = np.tile(np.arange(stop - start), counts.shape[0])
        order = np.argsort(np.repeat(target, counts.ravel()), kind="stable")
        ends = np.cumsum(counts.sum(axis=0))
        return np.concatenate(gids)[order], np.concatenate(own)[order], ends

    def shared_weights(self, runs: Sequence[Run]) -> np.ndarray:
        """Return how many weights a core with some neurons stores of each shared kernel, int64."""
        table = np.array(runs, dtype=np.int64).reshape(-1, 3)
        n_each = []
        for projection in self.network.projections:
            if self._is_shared[projection.index]:
                onto = table[table[:, 0] == projection.target.index]
                n_each.append(projection.n_shared_weights(onto[:, 1], onto[:, 2]))
        return np.array(n_each, dtype=np.int64)

    def modulators(self, population: int) -> np.ndarray:
        """Return gids of the neurons whose spikes modulate synapses onto a population, int64."""
        sources = [
            modulation.source
            for modulation in self.network.modulations
            if modulation.projection.target.index == population
        ]
        ranges = [np.arange(s.gid_start, s.gid_start + s.size) for s in sources]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *ranges]))

    def extended(self, block: Block, runs: list[Run], gids: np.ndarray, own: np.ndarray) -> Block:
        """Return a block with neurons of one population added; gids, own: see ``sources_onto``."""
        population = self.network.populations[runs[0][0]]
        # Axons of the block with their synapses so far, new synapses with 1, modulators with 0.
        modulators = self.modulators(population.index)
        all_gids = np.concatenate([block.gids, gids, modulators])
        n_each = np.concatenate([block.n_each, own, np.zeros_like(modulators)])
        unique, axon = np.unique(all_gids, return_inverse=True)
        n = sum(stop - start for _, start, stop in runs)
        return Block(
            [*block.runs, *runs], unique,
            np.bincount(axon, n_each, unique.size).astype(np.int64),
            block.n_slots + n * slots_per_neuron(population),
            block.n_neurons + n * (not population.model.is_source),
        )  # fmt: skip

    def of_runs(self, runs: list[Run]) -> Block:
        """Return the block of some neurons."""
        block = Block()
        for run in runs:
            block = self.extended(block, [run], *self.sources_onto(run)[:2])
        return block

    def exceeded(self, block: Block) -> tuple[str, int, int] | None:
        """Return the first limit that a block exceeds: its name and value, and the amount used."""
        limits, bits = self.chip.limits, 0
        if self.chip.synapse is not None and limits.synapse_bits_per_core is not None:
            of_axons = self.chip.synapse.bits(
                block.n_each, block.n_neurons, has_delays=self._has_delays
            )
            n_shared = self.shared_weights(block.runs).sum()
            of_kernels = self.chip.synapse.bits(n_shared, n_shared, has_delays=self._has_delays)
            bits = int(of_axons.sum() + of_kernels)
        for name, amount, limit in (
            ("axons in", block.gids.size, limits.axons_in_per_core),
            ("synapse bits", bits, limits.synapse_bits_per_core),
        ):
            if limit is not None and amount > limit:
                return name, limit, int(amount)
        return None
