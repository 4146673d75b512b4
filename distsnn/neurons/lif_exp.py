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
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.parameters import require_sound
from distsnn.neurons.refractory import refractory_steps

MAX_EXPONENT = 700.0  # exp of more is beyond float64


@dataclass(frozen=True)
class LifExp:
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

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {"v": "f4", "i_e": "f4", "i_i": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "i_e": "pA", "i_i": "pA", "refractory": "steps"}
    weight_unit: ClassVar[str] = "pA"
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms")
    decays: ClassVar[tuple[int, ...]] = (0, 4, 5)  # places in the constants, see slow_decay

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def offsets(self) -> dict[str, float]:
        """Kept relative to rest, where float32 is finest; shown and set as absolute values."""
        return {"v": self.e_l_mv}

    def initial(self) -> dict[str, float]:
        """State before the first step: at rest."""
        return {"v": self.e_l_mv}

    def constants(self, dt_ms: float) -> tuple[float, ...]:
        """Return the propagators of one step, in the order in which ``step`` reads them.

        Those of a variable onto itself are given less 1, so that they keep their digits in float32.
        """
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        return (
            leak,
            propagator(self.tau_syn_e_ms, self.tau_m_ms, self.c_m_pf, dt_ms),
            propagator(self.tau_syn_i_ms, self.tau_m_ms, self.c_m_pf, dt_ms),
            -leak * self.tau_m_ms / self.c_m_pf,
            math.expm1(-dt_ms / self.tau_syn_e_ms),
            math.expm1(-dt_ms / self.tau_syn_i_ms),
            self.v_threshold_mv - self.e_l_mv,
            self.v_reset_mv - self.e_l_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_pa,
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
    leak, v_from_e, v_from_i, v_from_current = c[0], c[1], c[2], c[3]
    decay_e, decay_i, threshold, reset = c[4], c[5], c[6], c[7]
    n_refractory, i_offset = np.int32(c[8]), c[9]
    for i in range(v.size):
        steps_left = refractory[i]
        change = v[i] * leak + i_e[i] * v_from_e + i_i[i] * v_from_i
        change += (current[i] + i_offset) * v_from_current
        v_new = v[i] if steps_left > 0 else v[i] + change
        fires = v_new >= threshold
        i_e[i] = flushed(i_e[i] + i_e[i] * decay_e + in_e[i])
        i_i[i] = flushed(i_i[i] + i_i[i] * decay_i + in_i[i])
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(LifExp.states.values()), len(LifExp.receptors))
