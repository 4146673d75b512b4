"""What every input into neurons from outside can be asked, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from distsnn.neurons.model import NeuronModel
from distsnn.parameters import Parameters
from distsnn.stimuli.course import Course, MovingCurrent
from distsnn.stimuli.per_neuron import PerNeuron, part_of, require_count


class Input(Parameters):
    """Base of the inputs that ``Network.stimulate`` takes; each kind answers what concerns it.

    Two ways lead into the neurons: spikes onto a receptor, and a current. The defaults say that an
    input has neither.

    has_receptor: whether it brings spikes. update_ns: time of a neuron and step, as of a model.
    """

    has_receptor: ClassVar[bool] = False
    update_ns: ClassVar[float] = 0.0

    def receptor_and_weight(self) -> tuple[str | int | None, float]:
        """Return the receptor that was chosen, None for the one by the weight's sign, and weight."""
        return None, 0.0

    def require_fit(
        self, thing: str, model: NeuronModel, others: Sequence[Input], dt_ms: float
    ) -> None:
        """Raise NetworkError unless neurons of a model can take this input in steps of ``dt_ms``.

        others: the inputs that any of the neurons has already.
        """

    def values(self) -> Mapping[str, PerNeuron]:
        """Return the parameters that may differ between neurons, by name."""
        return {}

    def require_neurons(self, thing: str, n_neurons: int) -> None:
        """Raise NetworkError unless arrays have a number for each of the driven neurons."""
        for name, value in self.values().items():
            require_count(f"{thing}: {name}", value, n_neurons)

    def of_part(self, start: int, stop: int) -> Input:
        """Return the input of the neurons start .. stop - 1 among those of this one."""
        parts: dict[str, Any] = {
            name: part_of(value, start, stop) for name, value in self.values().items()
        }
        return replace(self, **parts) if parts else self  # type: ignore[type-var]

    # Spikes from a table: one rate for all neurons, from a first step to an end.

    @property
    def is_plain(self) -> bool:
        """Whether ``thresholds`` and ``first_and_end`` say all about the spikes of every neuron."""
        return True

    def mean_per_step(self, dt_ms: float) -> float:
        """Return the mean number of spikes per neuron and step."""
        return 0.0

    def first_and_end(self, dt_ms: float) -> tuple[int, int]:
        """Return the first step with spikes and the step after the last."""
        return 0, 0

    def thresholds(self, dt_ms: float) -> np.ndarray:
        """Return the table from which the spikes of a step are drawn, uint32 ascending."""
        return np.empty(0, dtype=np.uint32)

    # Spikes with rates that differ or change: mean of a step = rate_hz dt * level.

    def rate_course(self, dt_ms: float) -> Course | None:
        """Return the levels of the rate; without ``values`` they are means of a step."""
        return None

    # Spikes that are thinned copies of a mother train.

    def mother(self, dt_ms: float) -> tuple[float, np.ndarray] | None:
        """Return the share of its spikes that each neuron gets, and its table of thresholds."""
        return None

    # Given spikes.

    def trains(self, dt_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Return step and position of all spikes, int64, sorted by step, then position."""
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)

    # A direct current, constant from change to change: pa * level.

    def current_course(self, dt_ms: float) -> Course | None:
        """Return the levels of a direct current; without ``values`` they are pA."""
        return None

    # A current that a kernel computes in every step.

    def moving_current(self, dt_ms: float) -> MovingCurrent | None:
        """Return the kind of a current that changes in every step, and when it acts."""
        return None

    def moving_parameters(
        self, given: Mapping[str, np.ndarray], dt_ms: float
    ) -> Sequence[np.ndarray]:
        """Return what the kernel reads for each neuron, from its ``values``."""
        return ()

    def most_pa(self) -> float:
        """Return the largest size that a current is expected to have, 0 if there is none."""
        return 0.0
