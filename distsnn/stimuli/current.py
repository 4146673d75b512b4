"""Direct current into every neuron of a population."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from distsnn.checks import MAX_FLOAT32, must_be, number, shown
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import MAX_WHOLE, float32, require_whole
from distsnn.stimuli.input import Input
from distsnn.time_grid import given_steps

THING = "Current stimulus"


@dataclass(frozen=True)
class Current(Input):
    """A constant current, or one that changes at given times: ``steps=[(time_ms, pa), ...]``.

    Before the first time there is none. A current holds until the next time, and from the last one
    on. Times ascend from 0 on (of equal ones the last counts) and are whole numbers of the network's
    steps: a current of time t acts in the step that begins at t. Currents are within float32. Raises
    NetworkError.
    """

    parameter_units: ClassVar[dict[str, str]] = {"pa": "pA", "steps": "(ms, pA)"}

    pa: float | None = None
    steps: Sequence[tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        if (self.pa is None) == (self.steps is None):
            got = f"pa {shown(self.pa)} and steps {shown(self.steps)}"
            raise NetworkError(f"{THING}: must be either pa or steps, got {got}. Give one of them.")
        if self.pa is not None:
            object.__setattr__(self, "pa", float32(f"{THING}: pa", self.pa))
            return
        try:
            steps = [(time_ms, pa) for time_ms, pa in self.steps or ()]
        except (TypeError, ValueError):
            limit = "pairs of time in ms and current in pA"
            remedy = "Give [(time_ms, pa), ...]."
            raise NetworkError(must_be(f"{THING}: steps", limit, self.steps, remedy)) from None
        before, checked = 0.0, []
        for k, (time_ms, pa) in enumerate(steps):
            remedy = "Give ascending times from 0 on."
            before = number(f"{THING}: steps[{k}] time_ms", time_ms, before, remedy=remedy)
            checked.append((before, float32(f"{THING}: steps[{k}] pa", pa)))
        object.__setattr__(self, "steps", tuple(checked))

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless all currents of the population together are a float32."""
        self.changes(dt_ms, thing)
        is_whole = bool(model.weight_quanta)
        if is_whole:
            for _, pa in self.steps_pa():
                require_whole(f"{thing}: current", pa, 1.0, MAX_WHOLE)
        currents = [self, *others]
        most = sum(max((abs(pa) for _, pa in one.steps_pa()), default=0.0) for one in currents)
        largest = MAX_WHOLE if is_whole else MAX_FLOAT32
        if most > largest:
            limit = f"at most {largest:g} with the population's other currents"
            raise NetworkError(must_be(f"{thing}: current", limit, most, "Scale it."))

    def steps_pa(self) -> tuple[tuple[float, float], ...]:
        """Return (time in ms, current in pA from then on), in order of time."""
        if self.pa is not None:
            return ((0.0, float(self.pa)),)
        return tuple((float(time_ms), float(pa)) for time_ms, pa in self.steps or ())

    def changes(self, dt_ms: float, thing: str = THING) -> dict[int, float]:
        """Return by step the current in pA from then on; raises for times that are no steps."""
        return {
            given_steps(f"{thing}: steps[{k}] time_ms", time_ms, dt_ms): pa
            for k, (time_ms, pa) in enumerate(self.steps_pa())
        }


def total_changes(changes: Sequence[dict[int, float]]) -> dict[int, float]:
    """Return by step the sum in pA of several currents from then on, exactly rounded.

    changes: of each current, see ``Current.changes``. The sum is formed from scratch at each change:
    what a current was before leaves no trace in it.
    """
    now = [0.0] * len(changes)
    totals = {}
    for step in sorted({step for current in changes for step in current}):
        for k, current in enumerate(changes):
            now[k] = current.get(step, now[k])
        totals[step] = math.fsum(now)
    return totals
