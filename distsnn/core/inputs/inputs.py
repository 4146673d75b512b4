"""All input from outside into the neurons of one rank."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np

from distsnn.checks import must_be
from distsnn.core.inputs.correlated import CorrelatedTrains
from distsnn.core.inputs.currents import DirectCurrents
from distsnn.core.inputs.driven import RankNeurons
from distsnn.core.inputs.moving import MovingCurrents
from distsnn.core.inputs.plain_rates import PlainRates, is_plain
from distsnn.core.inputs.rates import VaryingRates
from distsnn.core.inputs.trains import bind_trains
from distsnn.core.neurons.aligned import aligned_zeros
from distsnn.core.neurons.slices import Slices
from distsnn.errors import NetworkError
from distsnn.network import Network

MIN_SIZE = 8


def drives_of(network: Network, *, adjustable: bool = False) -> list[str]:
    """Return the kernel files that the stimuli of a network need; adjustable: see ``NeuronInputs``."""
    with_receptor = [s for s in network.stimuli if s.what.has_receptor]
    kinds = [s for s in with_receptor if adjustable or not is_plain(s)]
    files = ["rates", "correlated", "trains"] if kinds else []
    if any(s.what.moving_current(network.dt_ms) is not None for s in network.stimuli):
        files.append("currents")
    return [f"distsnn.kernels.input.{name}" for name in files]


class NeuronInputs:
    """What stimuli bring to the neurons of a rank.

    current: float32 [slots], direct current in pA. arrived: float32 [receptors, slots], spikes of the
    step from kernels other than the models', in the unit of the receptor. drives: calls (step), to be
    made in each step before the models advance. All but the state of OU noise is a function of the
    step alone: it does not matter in how many pieces the steps are run.

    adjustable: whether ``set_rate`` may change rates of parts of the neurons of any Poisson input; the
    spikes are the same either way.
    """

    def __init__(self, network: Network, slices: Slices, *, adjustable: bool = False) -> None:
        self._network, self.adjustable = network, adjustable
        # Stage 1: spikes that are not drawn by the models' kernels, added up by receptor and slot.
        neurons, dt_ms, stimuli = RankNeurons(network, slices), network.dt_ms, network.stimuli
        arriving = [
            stimulus
            for stimulus in stimuli
            if stimulus.what.has_receptor and (adjustable or not is_plain(stimulus))
        ]
        n_receptors = max((stimulus.receptor + 1 for stimulus in arriving), default=0)
        shape = (max(1, n_receptors), slices.n_flat if arriving else MIN_SIZE)
        self.arrived = aligned_zeros(shape, np.float32)
        self._rates = VaryingRates(arriving, neurons, dt_ms, self.arrived)
        self._correlated = CorrelatedTrains(arriving, neurons, dt_ms, self.arrived)
        # Stage 2: currents; the constant part apart if others change in each step.
        self.current = constant = aligned_zeros(slices.n_flat, np.float32)
        if any(stimulus.what.moving_current(dt_ms) is not None for stimulus in stimuli):
            constant = aligned_zeros(slices.n_flat, np.float32)
        self._currents = DirectCurrents(network, neurons, (constant, self.current))
        self._moving = MovingCurrents(stimuli, neurons, dt_ms, constant, self.current)
        self._plain: list[PlainRates] = []
        # Stage 3: keys of the noise, then the kernels, in the order in which they run.
        self.rekey(network.seed)
        self.drives: list[Callable[..., int]] = [
            *self._rates.bind(),
            *self._correlated.bind(),
            *bind_trains(arriving, neurons, dt_ms, self.arrived),
            *self._moving.bind(),
        ]

    def forget_tables(self) -> None:
        """Forget the tables of ``plain_rates``; those of kernels that are bound again follow."""
        self._plain.clear()

    def plain_rates(self) -> PlainRates:
        """Return a table, to be filled, of the stimuli that the driver of a model draws."""
        table = PlainRates(self._network, self.arrived, all_arrive=self.adjustable)
        self._plain.append(table)
        return table

    def begin(self, t: int) -> None:
        """Write the direct currents of step ``t``; to be called at the steps of ``next_change``."""
        self._currents.write(t)

    def next_change(self, t: int, end: int) -> int:
        """Return the next step after ``t`` with a change of direct currents, or ``end``."""
        steps = self._currents.change_steps
        index = bisect_right(steps, t)
        return steps[index] if index < len(steps) else end

    def set_rate(self, stimulus: int, neurons: np.ndarray, rate_hz: np.ndarray) -> None:
        """Change the rate of neurons (int64, ascending) of a Poisson input whose rate is constant.

        stimulus: its index. rate_hz: float64 [neurons]. Acts from the next step on. Raises
        NetworkError if the rate is a function of time.
        """
        self._require_constant(stimulus, "rate_hz")
        self._rates.set(stimulus, neurons, rate_hz)

    def set_current(self, stimulus: int, neurons: np.ndarray, pa: np.ndarray) -> None:
        """Change a constant current of neurons (int64, ascending); acts from the next ``begin``."""
        self._require_constant(stimulus, "pa")
        self._currents.set(stimulus, neurons, pa)

    def take_values_of(self, other: NeuronInputs, changed: int | None) -> None:
        """Have the currents and rates of other inputs of the same network, but of one stimulus."""
        self._currents.take(other._currents, changed)
        self._rates.take(other._rates, changed)

    def rekey(self, noise_seed: int) -> None:
        """Draw all noise of the stimuli with another seed from the next step on."""
        self._rates.entries.rekey(noise_seed)
        self._correlated.rekey(noise_seed)
        for kind in self._moving.kinds:
            kind.entries.rekey(noise_seed)
        for table in self._plain:
            table.rekey(noise_seed)

    def forget(self) -> None:
        """Derive everything anew from the next step on, as after ``states`` were restored."""
        self._rates.entries.forget()
        for kind in self._moving.kinds:
            kind.entries.forget()
        self._currents.forget()

    def states(self) -> dict[str, np.ndarray]:
        """Return the arrays that a later step depends on, by name: to be saved, or restored."""
        return {kind.kind: kind.x for kind in self._moving.kinds if kind.kind == "ou"}

    def _require_constant(self, stimulus: int, name: str) -> None:
        known = self._network.stimuli[stimulus]
        if name not in known.what.values():
            subject = f"stimulus {stimulus}, of {known.target.name}: {name}"
            limit = "constant in time, if it is to be changed"
            raise NetworkError(must_be(subject, limit, known.what, "Change another."))
