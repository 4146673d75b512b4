"""NIR's integrate-and-fire neuron (IF), and its integrator without spikes (I).

    v = v + r (input + bias)   in each step

v > v_threshold: spike, then v = v_reset, or v - v_threshold with ``reset = "subtract"``. The input
of a step is the sum of the weights of its spikes and of currents.

Source: Pedersen et al. 2024, Nat Commun 15:8122, table 1 (dv/dt = R I), discretised as the
frameworks that export it do: one step of input adds R I.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle_or_wait
from distsnn.neurons.nir_neuron import NirNeuron


class Constants(NamedTuple):
    """Constants of one step."""

    v_from_input: float
    drive: float  # r bias
    threshold: float
    kept: float  # 1 if a spike subtracts the threshold, else 0
    after: float  # added after a spike


@dataclass(frozen=True)
class NirIf(NirNeuron):
    """Parameters of NIR's integrate-and-fire neuron."""

    r: float = 1.0
    v_threshold: float = 1.0
    v_reset: float = 0.0
    bias: float = 0.0
    reset: str = "value"
    first_step: int = 0

    states: ClassVar[dict[str, str]] = {"v": "f4", "wait": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "1", "wait": "steps"}
    update_ns: ClassVar[float] = 1.0

    def initial(self) -> dict[str, float]:
        """State before the first step."""
        return {"wait": self.first_step}

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step, which do not depend on ``dt_ms``."""
        return Constants(v_from_input=self.r, drive=self.r * self.bias, **self.spike_constants(0.0))


@device
def step(c, v, wait, arriving, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        # v + r (input + bias + current)
        v_new = v[i] + ((arriving[i] + current[i]) * c.v_from_input + c.drive)
        settle_or_wait(i, v_new, c, v, wait, spiked)


advance = driver(step, Constants, NirIf.states, NirIf.receptors)
