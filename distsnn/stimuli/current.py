"""Direct current into every neuron of a population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from distsnn.errors import NetworkError
from distsnn.stimuli.checks import require_finite, require_least


@dataclass(frozen=True)
class Current:
    """A constant current, or one that changes at given times: ``steps=[(time_ms, pa), ...]``.

    Before the first time there is none. A current holds until the next time.
    """

    pa: float | None = None
    steps: Sequence[tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        thing = "Current stimulus"
        if (self.pa is None) == (self.steps is None):
            raise NetworkError(
                f"{thing}: pa is {self.pa!r} and steps is {self.steps!r}, limit one of them. "
                "Give either a constant or steps."
            )
        if self.pa is not None:
            require_finite(thing, "pa", self.pa)
            return
        try:
            steps = tuple((time_ms, pa) for time_ms, pa in self.steps or ())
        except (TypeError, ValueError) as error:
            raise NetworkError(
                f"{thing}: steps is {self.steps!r}, limit pairs of time in ms and current in pA. "
                "Give [(time_ms, pa), ...]."
            ) from error
        before = 0.0
        for time_ms, pa in steps:
            require_finite(thing, "time_ms", time_ms)
            require_finite(thing, "pa", pa)
            require_least(thing, "time_ms", time_ms, before)
            before = time_ms
        object.__setattr__(self, "steps", steps)

    def steps_pa(self) -> tuple[tuple[float, float], ...]:
        """Return (time in ms, current in pA from then on), in order of time."""
        if self.pa is not None:
            return ((0.0, float(self.pa)),)
        return tuple((float(time_ms), float(pa)) for time_ms, pa in self.steps or ())
