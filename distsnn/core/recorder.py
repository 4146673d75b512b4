"""What a rank writes down while it runs: every spike, and state variables of chosen neurons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.core.neuron_state import NeuronState
from distsnn.network import Network


class SpikeRecorder:
    """Flat indices of all spikes, step after step, in blocks that are only ever filled."""

    def __init__(self, n_steps: int, expected_spikes: int) -> None:
        self.n_of_step = np.zeros(n_steps, dtype=np.uint32)
        self._size = max(1 << 16, expected_spikes)
        self._blocks: list[np.ndarray] = [np.empty(self._size, dtype=np.uint32)]
        self._used = 0
        self._full: list[np.ndarray] = []

    def add(self, t: int, spikes: np.ndarray, n: int) -> None:
        """Write down spikes[:n] of step ``t``."""
        self.n_of_step[t] = n
        if self._used + n > self._size:
            self._full.append(self._blocks[-1][: self._used])
            self._size = max(self._size, n)
            self._blocks[-1] = np.empty(self._size, dtype=np.uint32)
            self._used = 0
        self._blocks[-1][self._used : self._used + n] = spikes[:n]
        self._used += n

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the step (int64) and flat index (uint32) of every spike."""
        flat = np.concatenate([*self._full, self._blocks[-1][: self._used]])
        return np.repeat(np.arange(self.n_of_step.size), self.n_of_step), flat


@dataclass
class Trace:
    """Samples of one state variable: values float32 [samples, neurons here]."""

    probe: int
    every_steps: int
    neurons: np.ndarray
    slots: np.ndarray
    values: np.ndarray
    offset: float
    source: np.ndarray


class TraceRecorder:
    """Copies the recorded state variables at the end of every k-th step."""

    def __init__(self, network: Network, state: NeuronState, n_steps: int) -> None:
        self.traces: list[Trace] = []
        for number, probe in enumerate(network.probes):
            population = probe.population
            here = np.full(population.size, -1, dtype=np.int64)
            slots = state.flat_of(population.index, 0, population.size)
            present = np.concatenate(
                [
                    np.arange(piece.start, piece.stop)
                    for piece, _, _ in state.slices
                    if piece.population == population.index
                ]
                or [np.empty(0, np.int64)]
            )
            here[present] = slots
            neurons = np.asarray(probe.neurons, dtype=np.int64)
            chosen = neurons[here[neurons] >= 0]
            every = max(1, round(probe.every_ms / network.dt_ms))
            values = np.zeros((-(-n_steps // every), chosen.size), dtype=np.float32)
            offset = population.model.offsets.get(probe.variable, 0.0)
            source = state.values(population, probe.variable)
            self.traces.append(Trace(number, every, chosen, here[chosen], values, offset, source))

    def sample(self, t: int) -> None:
        """Copy what is due after step ``t``."""
        for trace in self.traces:
            if t % trace.every_steps == 0:
                trace.values[t // trace.every_steps] = trace.source[trace.slots] + trace.offset
