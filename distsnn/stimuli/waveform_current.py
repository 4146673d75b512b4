"""Current of any form, given as samples.

I(t) = samples[k]  in the steps from start + k every to start + (k + 1) every

Source: Mainen & Sejnowski 1995, Science 268:1503 (a frozen current, given again and again).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import number
from distsnn.stimuli.checks import require_whole_currents, require_window
from distsnn.stimuli.course import MovingCurrent, Samples, samples, window
from distsnn.stimuli.input import Input
from distsnn.stimuli.moving_current import Moving

THING = "WaveformCurrent"


@dataclass(frozen=True, eq=False)
class WaveformCurrent(Moving):
    """Samples in pA, each held for ``every_ms`` from ``start_ms`` on; after the last one there is none.

    samples_pa: [m], or [m, neurons] for a waveform of its own for each neuron. every_ms: whole steps.
    Acts in the steps t with start_ms <= t dt < stop_ms. Raises NetworkError.
    """

    kind: ClassVar[str] = "waveform"
    update_ns: ClassVar[float] = 1.0

    samples_pa: Any
    every_ms: float
    start_ms: float = 0.0
    stop_ms: float = math.inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples_pa", samples(f"{THING}: samples_pa", self.samples_pa))
        number(f"{THING}: every_ms", self.every_ms, above=0.0)
        require_window(THING, self.start_ms, self.stop_ms)

    def require_neurons(self, thing: str, n_neurons: int) -> None:
        """Raise NetworkError unless samples by neuron are those of ``n_neurons``."""
        Samples(self.samples_pa, self.every_ms).require_neurons(thing, n_neurons)

    def of_part(self, start: int, stop: int) -> Input:
        """Return the input of the neurons start .. stop - 1 among those of this one."""
        part = Samples(self.samples_pa, self.every_ms).of_part(start, stop)
        return replace(self, samples_pa=part.values)

    def require_whole_numbers(self, thing: str) -> None:
        """Raise NetworkError unless all samples are whole numbers."""
        require_whole_currents(thing, self.samples_pa)

    def moving_current(self, dt_ms: float, thing: str = THING) -> MovingCurrent:
        """Return the samples as levels."""
        start, end = window(thing, self.start_ms, self.stop_ms, dt_ms)
        # level k from start + k every on; nothing after the last
        given = Samples(self.samples_pa, self.every_ms)
        return MovingCurrent(self.kind, given.course(thing, start, end, dt_ms), start)

    def most_pa(self) -> float:
        """Return the largest size of the current."""
        # max |sample|
        return float(np.abs(self.samples_pa).max())
