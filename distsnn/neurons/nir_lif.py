"""NIR's leaky integrate-and-fire neuron (LIF), and its leaky integrator without spikes (LI).

    tau dv/dt = v_leak - v + r (input + bias)

v > v_threshold: spike, then v = v_reset, or v - v_threshold with ``reset = "subtract"``. The input
is constant during a step: a spike of weight w is a current w for one step.

    method "exact":  v = v + (1 - exp(-dt / tau)) (v_leak - v + r (input + bias))
    method "euler":  v = v + (dt / tau) (v_leak - v + r (input + bias))

Source: Pedersen et al. 2024, Nat Commun 15:8122, table 1. Euler steps are those of snnTorch and
Norse, exact ones those of Sinabs and of the closed form.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle_or_wait
from distsnn.neurons.nir_neuron import NirNeuron


class Constants(NamedTuple):
    """Constants of one step; v is relative to v_leak."""

    leak: float  # v from v, less 1
    v_from_input: float
    drive: float  # of the bias
    threshold: float
    kept: float  # 1 if a spike subtracts the threshold, else 0
    after: float  # added after a spike


@dataclass(frozen=True)
class NirLif(NirNeuron):
    """Parameters of NIR's leaky integrate-and-fire neuron."""

    tau_ms: float = 20.0
    r: float = 1.0
    v_leak: float = 0.0
    v_threshold: float = 1.0
    v_reset: float = 0.0
    bias: float = 0.0
    method: str = "exact"
    reset: str = "value"
    first_step: int = 0

    states: ClassVar[dict[str, str]] = {"v": "f4", "wait": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "1", "wait": "steps"}
    positive: ClassVar[tuple[str, ...]] = ("tau_ms",)

    @property
    def decays(self) -> tuple[str, ...]:
        """The decays of the exact solution; an Euler step may be longer than a time constant."""
        return ("leak",) if self.method == "exact" else ()

    @property
    def offsets(self) -> dict[str, float]:
        """v is kept relative to v_leak."""
        return {"v": self.v_leak}

    def initial(self) -> dict[str, float]:
        """State before the first step: v at v_leak."""
        return {"v": self.v_leak, "wait": self.first_step}

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step."""
        is_exact = self.method == "exact"
        gain = -math.expm1(-dt_ms / self.tau_ms) if is_exact else dt_ms / self.tau_ms
        return Constants(
            leak=-gain,
            v_from_input=gain * self.r,
            drive=gain * self.r * self.bias,
            **self.spike_constants(self.v_leak),
        )


@device
def step(c, v, wait, arriving, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        # v + leak v + gain r (input + bias + current), v relative to v_leak
        v_new = v[i] + (v[i] * c.leak + (arriving[i] + current[i]) * c.v_from_input + c.drive)
        settle_or_wait(i, v_new, c, v, wait, spiked)


advance = driver(step, Constants, NirLif.states, NirLif.receptors)
