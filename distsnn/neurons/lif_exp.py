"""Leaky integrate-and-fire neuron with exponential synaptic currents.

    tau_m dv/dt = -(v - E_L) + (i_e + i_i + I) tau_m / C_m
    tau_e di_e/dt = -i_e,   tau_i di_i/dt = -i_i

A spike of weight w (pA) adds w to i_e or i_i. v >= v_threshold: spike, v = v_reset for t_ref. The
equations are linear between spikes and are integrated exactly.

Source: Rotter & Diesmann 1999, Biol Cybern 81:381 (exact integration); the order within a step (v
from the currents before this step's input; input while refractory still charges the currents) is
that of Diesmann et al. 2001, Neurocomputing 38:565, as used by NEST's iaf_psc_exp.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.lif import CurrentLif

MAX_EXPONENT = 700.0  # exp of more is beyond float64


class Constants(NamedTuple):
    """Propagators of one step; v is relative to rest. Those onto themselves are given less 1."""

    leak: float  # v from v
    v_from_e: float  # mV/pA
    v_from_i: float  # mV/pA
    v_from_current: float  # mV/pA
    decay_e: float  # i_e from i_e
    decay_i: float  # i_i from i_i
    threshold: float  # mV
    reset: float  # mV
    n_refractory: float  # steps
    i_offset: float  # pA


@dataclass(frozen=True)
class LifExp(CurrentLif):
    """Parameters of the leaky integrate-and-fire neuron with exponential currents."""

    c_m_pf: float = 250.0
    tau_m_ms: float = 10.0
    e_l_mv: float = -65.0
    v_threshold_mv: float = -50.0
    v_reset_mv: float = -65.0
    t_ref_ms: float = 2.0
    tau_syn_e_ms: float = 0.5
    tau_syn_i_ms: float = 0.5
    i_offset_pa: float = 0.0

    states: ClassVar[dict[str, str]] = {"v": "f4", "i_e": "f4", "i_i": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "i_e": "pA", "i_i": "pA", "refractory": "steps"}
    decays: ClassVar[tuple[str, ...]] = ("leak", "decay_e", "decay_i")

    def constants(self, dt_ms: float) -> Constants:
        """Return the propagators of one step."""
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        return Constants(
            leak=leak,
            v_from_e=propagator(self.tau_syn_e_ms, self.tau_m_ms, self.c_m_pf, dt_ms),
            v_from_i=propagator(self.tau_syn_i_ms, self.tau_m_ms, self.c_m_pf, dt_ms),
            v_from_current=-leak * self.tau_m_ms / self.c_m_pf,
            decay_e=math.expm1(-dt_ms / self.tau_syn_e_ms),
            decay_i=math.expm1(-dt_ms / self.tau_syn_i_ms),
            i_offset=self.i_offset_pa,
            **self.spike_constants(dt_ms),
        )


def propagator(tau_syn_ms: float, tau_m_ms: float, c_m_pf: float, dt_ms: float) -> float:
    """Return the effect on v (mV per pA) of a synaptic current over one step.

    Written with expm1 so that it stays exact where both time constants are nearly equal.
    """
    rate = 1.0 / tau_syn_ms - 1.0 / tau_m_ms
    decay = math.exp(-dt_ms / tau_syn_ms)
    if abs(rate * dt_ms) < 1e-12:
        return dt_ms / c_m_pf * decay
    if rate * dt_ms > MAX_EXPONENT:  # a synapse so fast that nothing is left after a step
        return (math.exp(-dt_ms / tau_m_ms) - decay) / (c_m_pf * rate)
    return decay * math.expm1(rate * dt_ms) / (c_m_pf * rate)


@device
def step(c, v, i_e, i_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        # v(t + h) = v + (exp(-h / tau_m) - 1) v + P_e i_e + P_i i_i + P_I I
        change = v[i] * c.leak + i_e[i] * c.v_from_e + i_i[i] * c.v_from_i
        change += (current[i] + c.i_offset) * c.v_from_current
        v_new = v[i] if refractory[i] > 0 else v[i] + change
        # i(t + h) = i exp(-h / tau) + w
        i_e[i] = flushed(i_e[i] + i_e[i] * c.decay_e + in_e[i])
        i_i[i] = flushed(i_i[i] + i_i[i] * c.decay_i + in_i[i])
        settle(i, v_new >= c.threshold, v_new, c, v, refractory, spiked)


advance = driver(step, Constants, LifExp.states, LifExp.receptors)
