"""A network simulated in the plainest way: dictionaries of synapses, numpy float32, no cores.

Shares with the product the drawing of synapses and the quanta of their weights (which have tests of
their own, see ``tests/network`` and ``tests/kernels/test_drawing.py``), and nothing of constants, rows,
rings, calendars, packets or ranks.
"""

from __future__ import annotations

import math
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


def f4(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


class TwinLifExp:
    """float32 arithmetic in the order of the equations; their exact solution over a step in float64.

    dv/dt = -v / tau_m + (i + i_e + i_i) / C,   di_x/dt = -i_x / tau_x,   v relative to rest
    """

    def __init__(self, model: LifExp, n: int, dt_ms: float) -> None:
        tau_m, c_m = model.tau_m_ms, model.c_m_pf
        taus = model.tau_syn_e_ms, model.tau_syn_i_ms
        self.leak, self.from_current = f4(
            math.exp(-dt_ms / tau_m) - 1.0, (1.0 - math.exp(-dt_ms / tau_m)) * tau_m / c_m
        )
        # The integral of exp(-(h - s) / tau_m) exp(-s / tau_x) / C over s from 0 to h.
        self.from_e, self.from_i = f4(*(
            (math.exp(-dt_ms / tau_m) - math.exp(-dt_ms / tau)) / (1 / tau - 1 / tau_m) / c_m
            for tau in taus
        ))  # fmt: skip
        self.decay_e, self.decay_i = f4(*(math.exp(-dt_ms / tau) - 1.0 for tau in taus))
        self.threshold, self.reset = f4(
            model.v_threshold_mv - model.e_l_mv, model.v_reset_mv - model.e_l_mv
        )
        self.offset, self.n_refractory = (
            np.float32(model.i_offset_pa),
            round(model.t_ref_ms / dt_ms),
        )
        self.v, self.i_e, self.i_i = np.zeros((3, n), np.float32)
        self.left = np.zeros(n, np.int64)

    def step(self, inputs: list[np.ndarray], current: np.ndarray) -> np.ndarray:
        change = self.v * self.leak + self.i_e * self.from_e + self.i_i * self.from_i
        change = change + (current + self.offset) * self.from_current
        v = np.where(self.left > 0, self.v, self.v + change)
        fires = v >= self.threshold
        self.i_e = flushed(self.i_e + self.i_e * self.decay_e + inputs[0])
        self.i_i = flushed(self.i_i + self.i_i * self.decay_i + inputs[1])
        self.v = np.where(fires, self.reset, v)
        self.left = np.where(fires, self.n_refractory, np.maximum(self.left - 1, 0))
        return fires


class TwinLifDelta:
    """The same with weights that v jumps by: dv/dt = -v / tau_m + i / C."""

    def __init__(self, model: LifDelta, n: int, dt_ms: float) -> None:
        decay = math.exp(-dt_ms / model.tau_m_ms)
        self.leak, self.from_current = f4(
            decay - 1.0, (1.0 - decay) * model.tau_m_ms / model.c_m_pf
        )
        self.threshold, self.reset = f4(
            model.v_threshold_mv - model.e_l_mv, model.v_reset_mv - model.e_l_mv
        )
        self.offset, self.n_refractory = (
            np.float32(model.i_offset_pa),
            round(model.t_ref_ms / dt_ms),
        )
        self.v = np.zeros(n, np.float32)
        self.left = np.zeros(n, np.int64)

    def step(self, inputs: list[np.ndarray], current: np.ndarray) -> np.ndarray:
        change = self.v * self.leak + (current + self.offset) * self.from_current + inputs[0]
        v = np.where(self.left > 0, self.v, self.v + change)
        fires = v >= self.threshold
        self.v = np.where(fires, self.reset, v)
        self.left = np.where(fires, self.n_refractory, np.maximum(self.left - 1, 0))
        return fires


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
