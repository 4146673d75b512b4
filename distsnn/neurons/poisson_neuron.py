"""Neuron that spikes at random, whatever arrives: a Bernoulli process, Poisson for small steps.

    P(spike in a step) = rate dt, at most 1

Independent of its input, of other neurons and of other steps. It takes the place of a network's
neurons where the traffic of its connections is to be measured at a given rate.

Source: Cox & Isham 1980, Point Processes, section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.neurons.parameters import require_sound


@dataclass(frozen=True)
class PoissonNeuron:
    """Spikes at ``rate_hz``, at most once in a step."""

    rate_hz: float = 10.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {"n_spikes": "i4"}
    units: ClassVar[dict[str, str]] = {"n_spikes": "spikes"}
    weight_unit: ClassVar[str] = "pA"
    positive: ClassVar[tuple[str, ...]] = ("rate_hz",)
    is_noisy: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def offsets(self) -> dict[str, float]:
        """No state is kept relative to anything."""
        return {}

    def initial(self) -> dict[str, float]:
        """No spikes yet."""
        return {"n_spikes": 0.0}

    def constants(self, dt_ms: float) -> tuple[float, ...]:
        """Return the chance of a spike in one step, in two parts that float32 holds exactly.

        P = (high * 2^16 + low) / 2^32, to 2^-32.
        """
        chance = round(min(0xFFFFFFFF, self.rate_hz * dt_ms * 1e-3 * 2**32))
        return float(chance >> 16), float(chance & 0xFFFF)


@device
def step(c, n_spikes, in_e, in_i, words, current, spiked):
    """Draw n neurons; see the module's text."""
    limit = np.uint32((np.uint32(c[0]) << np.uint32(16)) | np.uint32(c[1]))
    for i in range(n_spikes.size):
        fires = words[i] < limit
        n_spikes[i] += np.int32(fires)
        spiked[i] = np.uint8(fires)


advance = driver(
    step, tuple(PoissonNeuron.states.values()), len(PoissonNeuron.receptors), is_noisy=True
)
