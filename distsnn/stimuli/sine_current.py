"""Sinusoidal current.

    I(t) = offset + amplitude sin(2 pi f t + phase)

t is the time at the beginning of a step, counted from that of the run.

Source: Hutcheon & Yarom 2000, Trends Neurosci 23:216 (neurons driven by sines).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import MAX_FLOAT32
from distsnn.stimuli.checks import require_window
from distsnn.stimuli.moving_current import Moving
from distsnn.stimuli.per_neuron import PerNeuron, bounds_of, per_neuron

THING = "SineCurrent"
NAMES = ("amplitude_pa", "frequency_hz", "phase", "offset_pa")


@dataclass(frozen=True)
class SineCurrent(Moving):
    """A sine around an offset, each parameter a number, a distribution, or an array by neuron.

    phase: in radians, at time 0 of the run. Acts in the steps t with start_ms <= t dt < stop_ms. Raises
    NetworkError.
    """

    kind: ClassVar[str] = "sine"
    update_ns: ClassVar[float] = 4.0
    parameter_units: ClassVar[dict[str, str]] = {"phase": "rad"}

    amplitude_pa: Any
    frequency_hz: Any
    phase: Any = 0.0
    offset_pa: Any = 0.0
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        for name in NAMES:
            low = 0.0 if name == "frequency_hz" else -MAX_FLOAT32
            is_float32 = name.endswith("_pa")
            value = per_neuron(f"{THING}: {name}", getattr(self, name), low, is_float32=is_float32)
            object.__setattr__(self, name, value)
        require_window(THING, self.start_ms, self.stop_ms)

    def values(self) -> Mapping[str, PerNeuron]:
        """Return all parameters but the times."""
        return {
            "amplitude_pa": self.amplitude_pa,
            "frequency_hz": self.frequency_hz,
            "phase": self.phase,
            "offset_pa": self.offset_pa,
        }

    def moving_parameters(
        self, given: Mapping[str, np.ndarray], dt_ms: float
    ) -> Sequence[np.ndarray]:
        """Return offset, amplitude, turns per step and phase in turns."""
        # In step t: sin(2 pi (turns t + phase / 2 pi)), turns = f dt.
        turns = given["frequency_hz"] * dt_ms * 1e-3
        phase = given["phase"] / (2.0 * math.pi)
        return given["offset_pa"], given["amplitude_pa"], turns, phase

    def most_pa(self) -> float:
        """Return the largest size of the current."""
        # |offset| + |amplitude|
        sizes = (bounds_of(self.amplitude_pa), bounds_of(self.offset_pa))
        return sum(max(abs(low), abs(high)) for low, high in sizes)
