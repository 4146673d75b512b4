"""Counts the spikes of those populations whose spikes are not recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from distsnn.core.neurons.slots import gid_of_slot
from distsnn.core.neurons.state import NeuronState
from distsnn.kernels.loop.steps import count_unrecorded
from distsnn.network import Network


class UnrecordedSpikes:
    """Counts unrecorded spikes by slot, and adds up their contribution to the digest of a run.

    is_empty: whether all populations are recorded, so that there is nothing to count. counts: int64
    [slots], spikes in this run. digest: uint64 [1].
    """

    def __init__(self, network: Network, state: NeuronState) -> None:
        self._slices = [
            # (population, local core, first slot, end)
            (piece.population, core, start, start + piece.size)
            for piece, core, start in state.slices
            if not network.records_spikes(network.populations[piece.population])
        ]
        self.is_empty = not self._slices
        n_slots = 0 if self.is_empty else state.n_flat
        self.counts = np.zeros(n_slots, dtype=np.int64)
        self._of_earlier_runs = np.zeros(n_slots, dtype=np.int64)
        self.digest = np.zeros(1, dtype=np.uint64)
        self._is_recorded = np.ones(n_slots, dtype=np.uint8)
        for _, _, start, stop in self._slices:
            self._is_recorded[start:stop] = 0
        self._gids = np.zeros(0, np.uint32) if self.is_empty else gid_of_slot(state)

    def begin_run(self) -> None:
        """Start to count a new run; the counts of cores continue, as all mesh counters do."""
        self._of_earlier_runs += self.counts
        self.counts.fill(0)
        self.digest.fill(0)

    def forget(self) -> None:
        """Set all counts to 0, those of earlier runs too."""
        self.begin_run()
        self._of_earlier_runs.fill(0)

    def bind(self, spikes: np.ndarray) -> Callable[..., int]:
        """Return the kernel (step, n) that counts spikes[:n] and keeps those that are recorded."""
        return count_unrecorded.bind(
            spikes, self._is_recorded, self._gids, self.counts, self.digest
        )

    def of_cores(self, n_cores: int, populations: Collection[int] | None = None) -> np.ndarray:
        """Return the unrecorded spikes on each core in all runs, int64 [cores].

        populations: indices of those to count; None: all."""
        n_spikes = np.zeros(n_cores, dtype=np.int64)
        for population, core, start, stop in self._slices:
            if populations is None or population in populations:
                n_spikes[core] += self.counts[start:stop].sum()
                n_spikes[core] += self._of_earlier_runs[start:stop].sum()
        return n_spikes

    def of_populations(self, n_populations: int) -> np.ndarray:
        """Return the unrecorded spikes of each population in this run, int64 [populations]."""
        n_spikes = np.zeros(n_populations, dtype=np.int64)
        for population, _, start, stop in self._slices:
            n_spikes[population] += self.counts[start:stop].sum()
        return n_spikes
