"""What inputs bring to neurons step by step, read where it arrives."""

from __future__ import annotations

import numpy as np

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.network import Network, Population
from distsnn.neurons import LoihiCuba
from distsnn.running.building import build_rank
from distsnn.simulation import Settings, simulate

# u of the step that brought it, 64 times the weight of the spikes, since nothing stays; no threshold.
COUNTING = LoihiCuba(decay_u=4095, threshold_mantissa=131071)
U_PER_SPIKE = 64


def counts(network: Network, cells: Population, n_steps: int, **options: object) -> np.ndarray:
    """Return the summed weights of the spikes, int64 [steps, neurons], in a whole simulation."""
    network.record(cells, "u")
    duration_ms = n_steps * network.dt_ms
    result = simulate(network, duration_ms=duration_ms, comm=SerialComm(), **options)
    return (result.traces[cells.name, "u"][1] // U_PER_SPIKE).astype(np.int64)


class Inputs:
    """The inputs of a network on one rank, one step after the other."""

    def __init__(self, network: Network, n_steps: int = 100_000) -> None:
        rank = build_rank(network, n_steps, load_chip("loihi"), Settings(), SerialComm())
        self.state = rank.state

    def currents(self, cells: Population, n_steps: int, first: int = 0) -> np.ndarray:
        """Return the current of every neuron in pA, float32 [steps, neurons]."""
        flat = self.state.flat_of(cells.index, 0, cells.size)
        found = np.empty((n_steps, cells.size), np.float32)
        for k in range(n_steps):
            self.state.inputs.begin(first + k)
            for drive in self.state.inputs.drives:
                drive(first + k)
            found[k] = self.state.current[flat]
        return found
