"""Direct current into neurons: constant, or changing at given times."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from distsnn.checks import shown
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import (
    float32,
    require_currents,
    require_whole_currents,
    require_window,
)
from distsnn.stimuli.course import Course, ascending_times, pairs, window
from distsnn.stimuli.input import Input
from distsnn.stimuli.per_neuron import PerNeuron, bounds_of, per_neuron
from distsnn.time_grid import given_steps

THING = "Current stimulus"


@dataclass(frozen=True)
class Current(Input):
    """A constant current, or one that changes at given times: ``steps=[(time_ms, pa), ...]``.

    pa: a number, a distribution, or an array with a number for each neuron. Of steps, before the first
    time there is none. A current holds until the next time, and from the last one on. Times ascend
    from 0 on (of equal ones the last counts) and are whole numbers of the network's steps: a current
    of time t acts in the step that begins at t. Both kinds act in the steps t with start_ms <= t dt <
    stop_ms alone. Currents are within float32. Raises NetworkError.
    """

    parameter_units: ClassVar[dict[str, str]] = {"pa": "pA", "steps": "(ms, pA)"}

    pa: Any = None
    steps: Sequence[tuple[float, float]] | None = None
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        if (self.pa is None) == (self.steps is None):
            got = f"pa {shown(self.pa)} and steps {shown(self.steps)}"
            raise NetworkError(f"{THING}: must be either pa or steps, got {got}. Give one of them.")
        require_window(THING, self.start_ms, self.stop_ms)
        if self.pa is not None:
            object.__setattr__(self, "pa", per_neuron(f"{THING}: pa", self.pa))
            return
        # [(time_ms, pa), ...]: each current from its time on
        steps = pairs(f"{THING}: steps", self.steps, "current in pA")
        times_ms = ascending_times(f"{THING}: steps", [time_ms for time_ms, _ in steps])
        levels = [float32(f"{THING}: steps[{k}] pa", pa) for k, (_, pa) in enumerate(steps)]
        object.__setattr__(self, "steps", tuple(zip(times_ms, levels, strict=True)))

    def values(self) -> Mapping[str, PerNeuron]:
        """Return the constant current."""
        return {} if self.pa is None else {"pa": self.pa}

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless all currents of a neuron together are a float32."""
        self.current_course(dt_ms, thing)
        if model.weight_quanta:
            # Models of whole numbers take whole currents alone.
            levels = [pa for _, pa in self.steps or ()]
            require_whole_currents(thing, levels if self.pa is None else self.pa)
        require_currents(thing, self, model, others)

    def steps_pa(self) -> tuple[tuple[float, float], ...]:
        """Return (time in ms, current in pA from then on), in order of time, before any stop."""
        if self.pa is None:
            return tuple((float(time_ms), float(pa)) for time_ms, pa in self.steps or ())
        return ((0.0, self.pa),)

    def current_course(self, dt_ms: float, thing: str = THING) -> Course:
        """Return the levels of the current; raises for times that are no steps."""
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        # A constant current is its value times a level of 1 in the window.
        if self.pa is not None:
            return Course.between(start, end)
        changes = {
            given_steps(f"{thing}: steps[{k}] time_ms", time_ms, dt_ms): pa
            for k, (time_ms, pa) in enumerate(self.steps or ())
        }
        return Course.of_changes(changes).cut(start, end)

    def most_pa(self) -> float:
        """Return the largest size of the current."""
        # max |I| over times, or over neurons
        given = [pa for _, pa in self.steps or ()] if self.pa is None else bounds_of(self.pa)
        return max((abs(pa) for pa in given), default=0.0)
