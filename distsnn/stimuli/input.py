"""What every input into a population from outside can be asked, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from distsnn.neurons.model import NeuronModel
from distsnn.parameters import Parameters


class Input(Parameters):
    """Base of the inputs that ``Network.stimulate`` takes; each kind answers what concerns it.

    Two ways lead into the neurons: spike trains, drawn in each step, onto a receptor, and a direct
    current that changes at known steps. The defaults say that an input has neither.
    """

    has_receptor: ClassVar[bool] = False

    def receptor_and_weight(self) -> tuple[str | int | None, float]:
        """Return the receptor that was chosen, None for the one by the weight's sign, and weight."""
        return None, 0.0

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless neurons of a model can take this input in steps of ``dt_ms``.

        others: the inputs that the population has already.
        """

    def mean_per_step(self, dt_ms: float) -> float:
        """Return the mean number of spikes per neuron and step."""
        return 0.0

    def first_and_end(self, dt_ms: float) -> tuple[int, int]:
        """Return the first step with spikes and the step after the last."""
        return 0, 0

    def thresholds(self, dt_ms: float) -> np.ndarray:
        """Return the table from which the spikes of a step are drawn, uint32 ascending."""
        return np.empty(0, dtype=np.uint32)

    def steps_pa(self) -> tuple[tuple[float, float], ...]:
        """Return (time in ms, direct current in pA from then on), in order of time."""
        return ()

    def changes(self, dt_ms: float) -> dict[int, float]:
        """Return by step the direct current in pA from then on."""
        return {}
