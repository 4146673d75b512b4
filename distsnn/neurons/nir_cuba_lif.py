"""NIR's current-based leaky integrate-and-fire neuron (CubaLIF), and CubaLI, which never spikes.

    tau_syn di/dt = -i + w_in (input + bias)
    tau_mem dv/dt = v_leak - v + r i

v > v_threshold: spike, then v = v_reset, or v - v_threshold with ``reset = "subtract"``. The input
S = input + bias is constant during a step: a spike of weight w is a current w for one step.

    method "exact":  both equations solved, with D = exp(-dt / tau) of each and
                     k = tau_syn / (tau_syn - tau_mem) (D_syn - D_mem):
                     v = v_leak + D_mem (v - v_leak) + r k i + r (1 - D_mem - k) w_in S
                     i = D_syn i + (1 - D_syn) w_in S
    method "euler":  i = i + (dt / tau_syn) (-i + w_in S)
                     v = v + (dt / tau_mem) (v_leak - v + r i)   with the new i

Source: Pedersen et al. 2024, Nat Commun 15:8122, table 1; the Euler step is that of snnTorch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle_or_wait
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.lif_exp import propagator
from distsnn.neurons.nir_neuron import NirNeuron


class Constants(NamedTuple):
    """Constants of one step; v is relative to v_leak. Those onto themselves are given less 1."""

    leak: float  # v from v
    decay: float  # i from i
    v_from_i: float
    v_from_input: float
    i_from_input: float
    v_drive: float  # of the bias
    i_drive: float
    threshold: float
    kept: float  # 1 if a spike subtracts the threshold, else 0
    after: float  # added after a spike


@dataclass(frozen=True)
class NirCubaLif(NirNeuron):
    """Parameters of NIR's current-based leaky integrate-and-fire neuron."""

    tau_syn_ms: float = 5.0
    tau_mem_ms: float = 20.0
    r: float = 1.0
    v_leak: float = 0.0
    v_threshold: float = 1.0
    v_reset: float = 0.0
    w_in: float = 1.0
    bias: float = 0.0
    method: str = "exact"
    reset: str = "value"
    first_step: int = 0

    states: ClassVar[dict[str, str]] = {"v": "f4", "i": "f4", "wait": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "1", "i": "1", "wait": "steps"}
    positive: ClassVar[tuple[str, ...]] = ("tau_syn_ms", "tau_mem_ms")

    @property
    def decays(self) -> tuple[str, ...]:
        """The decays of the exact solution; an Euler step may be longer than a time constant."""
        return ("leak", "decay") if self.method == "exact" else ()

    @property
    def offsets(self) -> dict[str, float]:
        """v is kept relative to v_leak."""
        return {"v": self.v_leak}

    def initial(self) -> dict[str, float]:
        """State before the first step: v at v_leak, no current."""
        return {"v": self.v_leak, "wait": self.first_step}

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step."""
        if self.method == "exact":
            gain_m, gain_s = (-math.expm1(-dt_ms / t) for t in (self.tau_mem_ms, self.tau_syn_ms))
            # k: integral of exp(-(dt - t) / tau_mem) exp(-t / tau_syn) / tau_mem over the step
            v_from_i = propagator(self.tau_syn_ms, self.tau_mem_ms, self.tau_mem_ms, dt_ms)
            v_from_input = gain_m - v_from_i
        else:
            gain_m, gain_s = dt_ms / self.tau_mem_ms, dt_ms / self.tau_syn_ms
            v_from_i, v_from_input = gain_m * (1.0 - gain_s), gain_m * gain_s
        return Constants(
            leak=-gain_m,
            decay=-gain_s,
            v_from_i=self.r * v_from_i,
            v_from_input=self.r * self.w_in * v_from_input,
            i_from_input=self.w_in * gain_s,
            v_drive=self.r * self.w_in * v_from_input * self.bias,
            i_drive=self.w_in * gain_s * self.bias,
            **self.spike_constants(self.v_leak),
        )


@device
def step(c, v, i_syn, wait, arriving, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        given = arriving[i] + current[i]
        # v from the current before this step and from the input of this step
        change = v[i] * c.leak + i_syn[i] * c.v_from_i + given * c.v_from_input + c.v_drive
        i_new = i_syn[i] + (i_syn[i] * c.decay + given * c.i_from_input + c.i_drive)
        i_syn[i] = i_syn[i] if wait[i] > 0 else flushed(i_new)
        settle_or_wait(i, v[i] + change, c, v, wait, spiked)


advance = driver(step, Constants, NirCubaLif.states, NirCubaLif.receptors)
