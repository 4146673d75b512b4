"""A network simulated in the plainest way: dictionaries of synapses, numpy float32, no cores.

Shares with the product the drawing of synapses, initial states and Poisson counts (which have tests
of their own), and nothing of rows, rings, calendars, packets or ranks.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from distsnn.network import Network
from distsnn.network.draw import draw_delays, draw_sources, draw_weights
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons import LifDelta, LifExp
from distsnn.stimuli import SpikeSource


def synapses(network: Network) -> dict[int, list[tuple[int, int, float, int]]]:
    """Return, by source gid, (target gid, lane, weight quanta, delay steps)."""
    quanta = Quanta(network)
    found = defaultdict(list)
    for projection in network.projections:
        size = projection.target.size
        counts, sources = draw_sources(projection, 0, size, network.seed)
        delays = draw_delays(projection, 0, counts, network.seed)
        code = quanta.code(projection)
        weights, lanes = draw_weights(projection, 0, counts, network.seed, code)
        lanes = np.broadcast_to(lanes, weights.shape)
        targets = np.repeat(np.arange(size), counts)
        columns = zip(sources, targets, weights, lanes, delays, strict=True)
        for source, target, weight, lane, delay in columns:
            found[int(source) + projection.source.gid_start].append(
                (int(target) + projection.target.gid_start, int(lane), int(weight), int(delay))
            )
    return found


def flushed(x: np.ndarray) -> np.ndarray:
    """What has decayed below 1e-20 is nothing."""
    return np.where(np.abs(x) < np.float32(1e-20), np.float32(0.0), x)


class Twin:
    """float32 arithmetic in the order of the equations."""

    def __init__(self, model: LifExp | LifDelta, n: int, dt_ms: float) -> None:
        constants = model.constants(dt_ms)
        self.c = type(constants)(*(np.float32(value) for value in constants))
        self.v, self.left = np.zeros(n, np.float32), np.zeros(n, np.int64)
        self.i_e, self.i_i = np.zeros(n, np.float32), np.zeros(n, np.float32)

    def spike(self, change: np.ndarray) -> np.ndarray:
        """Add to v what is not held, and reset those at the threshold."""
        v = np.where(self.left > 0, self.v, self.v + change)
        fires = v >= self.c.threshold
        self.v = np.where(fires, self.c.reset, v)
        self.left = np.where(fires, int(self.c.n_refractory), np.maximum(self.left - 1, 0))
        return fires


class TwinLifExp(Twin):
    """Exponential currents."""

    def step(self, inputs: list[np.ndarray], current: np.ndarray) -> np.ndarray:
        c = self.c
        change = self.v * c.leak + self.i_e * c.v_from_e + self.i_i * c.v_from_i
        change = change + (current + c.i_offset) * c.v_from_current
        self.i_e = flushed(self.i_e + self.i_e * c.decay_e + inputs[0])
        self.i_i = flushed(self.i_i + self.i_i * c.decay_i + inputs[1])
        return self.spike(change)


class TwinLifDelta(Twin):
    """Jumps of v."""

    def step(self, inputs: list[np.ndarray], current: np.ndarray) -> np.ndarray:
        c = self.c
        change = self.v * c.leak + (current + c.i_offset) * c.v_from_current + inputs[0]
        return self.spike(change)


TWINS = {LifExp: TwinLifExp, LifDelta: TwinLifDelta}


def run(network: Network, n_steps: int, currents: dict[str, float]) -> list[tuple[int, int]]:
    """Return (step, gid) of every spike. currents: constant pA by population name."""
    quanta = Quanta(network)
    by_source = synapses(network)
    arriving: dict[int, dict[tuple[int, int], int]] = defaultdict(lambda: defaultdict(int))
    given = defaultdict(list)
    twins = {}
    for population in network.populations:
        if isinstance(population.model, SpikeSource):
            for t, source in zip(*population.model.steps(network.dt_ms), strict=True):
                given[int(t)].append(int(source) + population.gid_start)
        else:
            twin = TWINS[type(population.model)](population.model, population.size, network.dt_ms)
            twins[population.index] = twin
    spikes = []
    for t in range(n_steps):
        fired = list(given[t])
        sums = arriving.pop(t, {})
        for population in network.populations:
            if population.index not in twins:
                continue
            inputs = _inputs(population, sums, quanta)
            current = np.full(population.size, currents.get(population.name, 0.0), np.float32)
            fires = twins[population.index].step(inputs, current)
            fired += [int(i) + population.gid_start for i in np.flatnonzero(fires)]
        for gid in fired:
            spikes.append((t, gid))
            for target, lane, weight, delay in by_source[gid]:
                arriving[t + delay][target, lane] += weight
    return sorted(spikes)


def _inputs(population, sums, quanta) -> list[np.ndarray]:
    inputs = [np.zeros(population.size, np.float32) for _ in population.model.receptors]
    for lane, (receptor, quantum) in enumerate(quanta.lanes(population.index)):
        total = np.zeros(population.size, np.int64)
        for i in range(population.size):
            total[i] = sums.get((population.gid_start + i, lane), 0)
        inputs[receptor] += total.astype(np.float32) * np.float32(quantum)
    return inputs
