"""Rewards of the synapses of one projection: scheduled ones, and spikes of modulating populations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.kernels.formats import MAX_BATCH  # steps by which a packet may arrive late
from distsnn.kernels.plastic.counts import count_modulators
from distsnn.network import Modulation, Network, Projection
from distsnn.plasticity.rule import PlasticityRule
from distsnn.time_grid import given_steps


@dataclass
class _Source:
    """A modulating population: the range of its axons on the rank, and a ring of its spike counts."""

    modulation: Modulation
    first_axon: int
    end_axon: int
    n_of_step: np.ndarray
    count: Callable[..., int] | None = None


class Rewards:
    """The reward at the end of each step, identical on all ranks."""

    def __init__(
        self,
        network: Network,
        projection: Projection,
        rule: PlasticityRule,
        axon_gids: np.ndarray,
    ) -> None:
        # By the step at whose end they occur. A reward at time 0 gets step -1 and has no effect.
        self._given: dict[int, float] = {}
        for time_ms, size in rule.given_rewards:
            step = given_steps("time of a reward", time_ms, network.dt_ms) - 1
            self._given[step] = self._given.get(step, 0.0) + size
        self._sources = []
        for modulation in network.modulations:
            if modulation.projection is projection:
                gid_start = modulation.source.gid_start
                gids = np.array([gid_start, gid_start + modulation.source.size])
                first, end = np.searchsorted(axon_gids, gids)
                # A ring of counts by the step in which they take effect, modulo a power of 2, that
                # covers the delay and the batch by which a spike may arrive late.
                size = 1 << (modulation.delay_steps + MAX_BATCH).bit_length()
                n_of_step = np.zeros(size, dtype=np.int64)
                self._sources.append(_Source(modulation, int(first), int(end), n_of_step))

    def bind(self, own_axons: np.ndarray, received: np.ndarray) -> None:
        """Bind the kernels to the arrays of a step's axons and packets."""
        for source in self._sources:
            source.count = count_modulators.bind(own_axons, received, source.n_of_step)

    def collect(self, t: int, batch_start: int, n_own: int, n_received: int) -> None:
        """Count the modulating spikes that have arrived, by the step in which they take effect."""
        for source in self._sources:
            if source.count is not None:
                source.count(
                    t, batch_start, n_own, n_received, source.first_axon, source.end_axon,
                    source.modulation.delay_steps,
                )  # fmt: skip

    def reset(self) -> None:
        """Discard modulating spikes that have not taken effect yet."""
        for source in self._sources:
            source.n_of_step.fill(0)

    def of_step(self, t: int) -> float:
        """Return the reward at the end of step ``t`` (0: none), and clear the counts it came from."""
        # reward = scheduled amount + sum over modulating populations of (spikes * amount per spike)
        total = self._given.get(t, 0.0)
        for source in self._sources:
            index = t & (source.n_of_step.size - 1)
            total += int(source.n_of_step[index]) * source.modulation.amount
            source.n_of_step[index] = 0
        return total
