"""Leaky integrate-and-fire neuron with delta synapses.

    tau_m dv/dt = -(v - E_L) + I tau_m / C_m;   a spike of weight w (mV) adds w to v.

v >= v_threshold: spike, v = v_reset for t_ref, during which input is lost. Exact integration.

Source: Brunel 2000, J Comput Neurosci 8:183, eq. 1; the order within a step (decay, then input,
then threshold) is that of NEST's iaf_psc_delta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle
from distsnn.neurons.lif import LifModel


class Constants(NamedTuple):
    """Propagators of one step; v is relative to rest."""

    leak: float  # v from v, less 1
    v_from_current: float  # mV/pA
    threshold: float  # mV
    reset: float  # mV
    n_refractory: float  # steps
    i_offset: float  # pA


@dataclass(frozen=True)
class LifDelta(LifModel):
    """Parameters of the leaky integrate-and-fire neuron with delta synapses."""

    tau_m_ms: float = 20.0
    c_m_pf: float = 250.0
    e_l_mv: float = 0.0
    v_threshold_mv: float = 20.0
    v_reset_mv: float = 10.0
    t_ref_ms: float = 2.0
    i_offset_pa: float = 0.0

    receptors: ClassVar[tuple[str, ...]] = ("input",)
    states: ClassVar[dict[str, str]] = {"v": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "refractory": "steps"}
    weight_unit: ClassVar[str] = "mV"
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "tau_m_ms")
    decays: ClassVar[tuple[str, ...]] = ("leak",)

    def constants(self, dt_ms: float) -> Constants:
        """Return the propagators of one step.

        That of v onto itself is given less 1, so that it keeps its digits in float32.
        """
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        return Constants(
            leak=leak,
            v_from_current=-leak * self.tau_m_ms / self.c_m_pf,
            i_offset=self.i_offset_pa,
            **self.spike_constants(dt_ms),
        )

    def weight_to_spike(self, margin: float) -> float:
        """Return ``margin`` times the distance from rest to the threshold."""
        return margin * (self.v_threshold_mv - self.e_l_mv)


@device
def step(c, v, refractory, arriving, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        # v(t + h) = v + (exp(-h / tau_m) - 1) v + (1 - exp(-h / tau_m)) I tau_m / C_m + w
        change = v[i] * c.leak + (current[i] + c.i_offset) * c.v_from_current + arriving[i]
        # held while refractory: input is lost
        v_new = v[i] if refractory[i] > 0 else v[i] + change
        settle(i, v_new >= c.threshold, v_new, c, v, refractory, spiked)


advance = driver(step, Constants, LifDelta.states, LifDelta.receptors)
