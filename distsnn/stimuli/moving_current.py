"""What currents that change in every step have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.stimuli.checks import require_currents
from distsnn.stimuli.course import Course, MovingCurrent, window
from distsnn.stimuli.input import Input


class Moving(Input):
    """Base of these currents, which act in the steps t with start_ms <= t dt < stop_ms."""

    kind: ClassVar[str] = ""

    start_ms: float
    stop_ms: float

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless a neuron of a model can take this current in steps of dt_ms."""
        # First the times, then what integer models and float32 can hold.
        self.moving_current(dt_ms, thing)
        if model.weight_quanta:
            self.require_whole_numbers(thing)
        require_currents(thing, self, model, others)

    def require_whole_numbers(self, thing: str) -> None:
        """Raise NetworkError if a model of whole numbers cannot take the current."""
        limit = f"whole numbers, which a {type(self).__name__} does not have"
        remedy = "Give a Current or a WaveformCurrent of them."
        raise NetworkError(must_be(f"{thing}: current", limit, self, remedy))

    def moving_current(self, dt_ms: float, thing: str = "stimulus") -> MovingCurrent:
        """Return kind and steps of the current."""
        # level 1 while the current acts
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        return MovingCurrent(self.kind, Course.between(start, end), start)
