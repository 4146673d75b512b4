"""All input from outside into the neurons of one rank."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from distsnn.core.inputs.currents import DirectCurrents
from distsnn.core.inputs.driven import RankNeurons
from distsnn.core.inputs.plain_rates import PlainRates, is_plain
from distsnn.core.inputs.rates import RateTables
from distsnn.core.neurons.aligned import aligned_zeros
from distsnn.core.neurons.slices import Slices
from distsnn.network import Network

MIN_SIZE = 8


def drives_of(network: Network) -> list[str]:
    """Return the kernel files that the stimuli of a network need."""
    if any(s.what.has_receptor and not is_plain(s) for s in network.stimuli):
        return ["distsnn.kernels.input.rates"]
    return []


class NeuronInputs:
    """What stimuli bring to the neurons of a rank.

    current: float32 [slots], direct current in pA. arrived: float32 [receptors, slots], spikes of the
    step from kernels other than the models', in the unit of the receptor. drives: calls (step), to be
    made in each step before the models advance. All is a function of the step alone: it does not
    matter in how many pieces the steps are run.

    adjustable: whether ``set_rate`` may change rates of parts of the neurons of any Poisson input; the
    spikes are the same either way.
    """

    def __init__(self, network: Network, slices: Slices, *, adjustable: bool = False) -> None:
        self._network, self._adjustable = network, adjustable
        neurons = RankNeurons(network, slices)
        self.current = aligned_zeros(slices.n_flat, np.float32)
        self.currents = DirectCurrents(network, neurons, self.current)
        others = [
            stimulus
            for stimulus in network.stimuli
            if stimulus.what.has_receptor and (adjustable or not is_plain(stimulus))
        ]
        n_receptors = max((stimulus.receptor + 1 for stimulus in others), default=0)
        shape = (max(1, n_receptors), slices.n_flat if others else MIN_SIZE)
        self.arrived = aligned_zeros(shape, np.float32)
        self._rates = RateTables(others, neurons, network.dt_ms, network.seed, self.arrived)
        self._plain: list[PlainRates] = []
        self.drives: list[Callable[..., int]] = []
        if not self._rates.is_empty:
            self.drives.append(self._rates.bind())

    def plain_rates(self) -> PlainRates:
        """Return a table, to be filled, of the stimuli that the driver of a model draws."""
        table = PlainRates(self._network, self.arrived, all_arrive=self._adjustable)
        self._plain.append(table)
        return table

    def begin(self, t: int) -> None:
        """Write the direct currents of step ``t``; to be called at the steps of ``next_change``."""
        self.currents.write(t)

    def next_change(self, t: int, end: int) -> int:
        """Return the next step after ``t`` with a change of direct currents, or ``end``."""
        steps = self.currents.change_steps
        index = bisect_right(steps, t)
        return steps[index] if index < len(steps) else end

    def set_rate(self, stimulus: int, neurons: np.ndarray, rate_hz: np.ndarray) -> None:
        """Change the rate of neurons (int64, ascending) of a Poisson input whose rate is constant.

        stimulus: its index. rate_hz: float64 [neurons]. Acts from the next step on.
        """
        self._rates.set(stimulus, neurons, rate_hz)

    def set_current(self, stimulus: int, neurons: np.ndarray, pa: np.ndarray) -> None:
        """Change a constant current of neurons (int64, ascending); acts from the next ``begin``."""
        self.currents.set(stimulus, neurons, pa)

    def rekey(self, noise_seed: int) -> None:
        """Draw all noise of the stimuli with another seed from the next step on."""
        self._rates.rekey(noise_seed)
        for table in self._plain:
            table.rekey(noise_seed)
