"""Direct current into every neuron of a population."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from distsnn.checks import must_be, number
from distsnn.errors import NetworkError
from distsnn.stimuli.checks import float32
from distsnn.time_grid import given_steps

THING = "Current stimulus"


@dataclass(frozen=True)
class Current:
    """A constant current, or one that changes at given times: ``steps=[(time_ms, pa), ...]``.

    Before the first time there is none. A current holds until the next time, and from the last one
    on. Times ascend from 0 on (of equal ones the last counts) and are whole numbers of the network's
    steps: a current of time t acts in the step that begins at t. Currents are within float32. Raises
    NetworkError.
    """

    pa: float | None = None
    steps: Sequence[tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        if (self.pa is None) == (self.steps is None):
            raise NetworkError(
                f"{THING}: pa is {self.pa!r} and steps is {self.steps!r}, limit one of them. "
                "Give either a constant or steps."
            )
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

    changes: of each current, see ``Current.changes``. The sum is formed anew at each change: what
    a current was before leaves no trace in it.
    """
    now = [0.0] * len(changes)
    totals = {}
    for step in sorted({step for one in changes for step in one}):
        for k, one in enumerate(changes):
            now[k] = one.get(step, now[k])
        totals[step] = math.fsum(now)
    return totals
