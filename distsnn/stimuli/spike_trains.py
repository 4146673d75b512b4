"""Given spikes onto neurons, without a population of their own.

Source: Gewaltig & Diesmann 2007, Scholarpedia 2:1430 (generators of given spikes).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import MAX_INT32, array, flag, must_be, number
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import float32, require_weight, require_window
from distsnn.stimuli.course import window
from distsnn.stimuli.input import Input
from distsnn.time_grid import MAX_STEPS, all_given_steps, nearest_steps

THING = "SpikeTrains"
REMEDY = "or say measured=True, which takes the nearest step"


@dataclass(frozen=True, eq=False)
class SpikeTrains(Input):
    """Neuron ``neurons[i]`` of the target gets a spike of ``weight`` at ``times_ms[i]``.

    times_ms: numbers from 0 on; neurons: their places in the target, from 0 on; sequences of one
    length. A spike of time t arrives in the step that begins at t, without a delay; several of one
    neuron and step add up. measured: times go to the nearest step, whereas others must be whole numbers
    of steps. weight, receptor: as of ``Poisson``. Only spikes with start_ms <= time < stop_ms are
    played. Raises NetworkError.
    """

    has_receptor: ClassVar[bool] = True
    update_ns: ClassVar[float] = 0.1
    parameter_units: ClassVar[dict[str, str]] = {
        "weight": "(unit of the receptor)", "neurons": "places",
    }  # fmt: skip

    times_ms: Any
    neurons: Any
    weight: float
    receptor: str | int | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf
    measured: bool = False

    def __post_init__(self) -> None:
        times_ms = array(f"{THING}: times_ms", self.times_ms, "f", low=0.0)
        neurons = array(f"{THING}: neurons", self.neurons, "i", low=0, high=MAX_INT32)
        if times_ms.size != neurons.size:
            limit = f"of {neurons.size} entries, as many as neurons has"
            remedy = "Give one neuron for each time."
            raise NetworkError(must_be(f"{THING}: times_ms", limit, times_ms.size, remedy))
        float32(f"{THING}: weight", self.weight)
        flag(f"{THING}: measured", self.measured)
        require_window(THING, self.start_ms, self.stop_ms)
        object.__setattr__(self, "times_ms", times_ms)
        object.__setattr__(self, "neurons", neurons)

    @property
    def is_plain(self) -> bool:
        """Return False: spikes do not come from a table."""
        return False

    def receptor_and_weight(self) -> tuple[str | int | None, float]:
        """Return the receptor, None for the one by the weight's sign, and the weight."""
        return self.receptor, self.weight

    def require_neurons(self, thing: str, n_neurons: int) -> None:
        """Raise NetworkError unless all neurons are among those of the target."""
        most = int(self.neurons.max(initial=0))
        if most >= n_neurons:
            limit = f"below {n_neurons}, the number of neurons"
            raise NetworkError(must_be(f"{thing}: neurons", limit, most, "Drive more neurons."))

    def of_part(self, start: int, stop: int) -> Input:
        """Return the spikes of the neurons start .. stop - 1 of the target."""
        # Positions in the part count from its first neuron.
        inside = (self.neurons >= start) & (self.neurons < stop)
        return replace(self, times_ms=self.times_ms[inside], neurons=self.neurons[inside] - start)

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError for times that are no steps and sums that a model cannot hold."""
        steps, neurons = self.trains(dt_ms, thing)
        # Spikes of one step and neuron follow each other: the longest such part adds up at once.
        is_new = (np.diff(steps, prepend=-1) != 0) | (np.diff(neurons, prepend=-1) != 0)
        most = int(np.diff(np.append(np.flatnonzero(is_new), steps.size)).max(initial=1))
        require_weight(thing, self.weight, model, most)

    def trains(self, dt_ms: float, thing: str = THING) -> tuple[np.ndarray, np.ndarray]:
        """Return step and position of all spikes, int64, sorted by step, then position."""
        name = f"{thing}: times_ms"
        # Measured times go to the nearest step; given ones must be steps.
        if self.measured:
            number(name, self.times_ms.max(initial=0.0), high=MAX_STEPS * dt_ms)
            steps = nearest_steps(self.times_ms, dt_ms)
        else:
            steps = all_given_steps(name, self.times_ms, dt_ms, remedy=REMEDY)
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        # start <= step < stop, then in the order in which kernels read them
        inside = (steps >= start) & (steps < end)
        steps, neurons = steps[inside], self.neurons[inside]
        order = np.lexsort((neurons, steps))
        return steps[order], neurons[order]
