"""Neuron that spikes at random, whatever arrives: a Bernoulli process, Poisson for small steps.

    P(spike in a step) = rate dt, at most 1

Independent of its input, of other neurons and of other steps. It replaces a network's
neurons when the traffic of its connections is to be measured at a given rate.

Source: Cox & Isham 1980, Point Processes, section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.checks import MAX_FLOAT32
from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.neurons.model import NeuronModel


class Constants(NamedTuple):
    """P of a step in two parts that float32 holds exactly: P = (high 2^16 + low) / 2^32."""

    high: float
    low: float


@dataclass(frozen=True)
class PoissonNeuron(NeuronModel):
    """Spikes at ``rate_hz``, at most once in a step."""

    rate_hz: float = 10.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {"n_spikes": "i4"}
    units: ClassVar[dict[str, str]] = {"n_spikes": "spikes"}
    weight_unit: ClassVar[str] = "pA"
    limits: ClassVar[dict[str, tuple[float, float]]] = {"rate_hz": (0.0, MAX_FLOAT32)}
    is_noisy: ClassVar[bool] = True

    def constants(self, dt_ms: float) -> Constants:
        """Return the probability of a spike in one step, to 2^-32."""
        probability = round(min(0xFFFFFFFF, self.rate_hz * dt_ms * 1e-3 * 2**32))
        return Constants(high=float(probability >> 16), low=float(probability & 0xFFFF))


@device
def step(c, n_spikes, in_e, in_i, words, current, spiked):
    """Draw n neurons; see the module's text."""
    # spike: word < 2^32 P
    limit = np.uint32((np.uint32(c.high) << np.uint32(16)) | np.uint32(c.low))
    for i in range(n_spikes.size):
        fires = words[i] < limit
        n_spikes[i] += np.int32(fires)
        spiked[i] = np.uint8(fires)


advance = driver(step, Constants, PoissonNeuron.states, PoissonNeuron.receptors, is_noisy=True)
