"""Leaky integrate-and-fire neuron with alpha-shaped synaptic conductances.

    C_m dv/dt = -g_L (v - E_L) - g_e (v - E_e) - g_i (v - E_i) + I
    tau_e dg_e/dt = tau_e h_e - g_e,   tau_e dh_e/dt = -h_e   (and likewise g_i, h_i with tau_i)

A spike of weight w (nS) adds |w| e / tau_e to h_e, so that g_e rises to its peak |w| at tau_e after
it: the sign of a weight chooses the receptor. v >= v_threshold: spike, v = v_reset for t_ref; input
while refractory still raises the conductances, which are integrated exactly.

Integration of v: fourth-order Magnus (``distsnn.kernels.neuron.conductance``), stable for any
conductance.
Measured against a solution with tolerance 1e-12, conductances of 60 and 300 nS at dt 0.1 ms: error
of v below 1e-6 mV with time constants of 5 and 10 ms, 1.3e-4 mV with 0.5 and 2 ms.

Source: Kuhn, Aertsen & Rotter 2004, J Neurosci 24:2345; the order within a step is that of NEST's
iaf_cond_alpha.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.conductance import membrane
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.parameters import require_sound
from distsnn.neurons.refractory import refractory_steps
from distsnn.slow_decay import require_tau


@dataclass(frozen=True)
class LifCondAlpha:
    """Parameters of the leaky integrate-and-fire neuron with alpha-shaped conductances."""

    c_m_pf: float = 250.0
    g_l_ns: float = 16.6667
    e_l_mv: float = -70.0
    v_threshold_mv: float = -55.0
    v_reset_mv: float = -60.0
    t_ref_ms: float = 2.0
    e_e_mv: float = 0.0
    e_i_mv: float = -85.0
    tau_syn_e_ms: float = 0.2
    tau_syn_i_ms: float = 2.0
    i_offset_pa: float = 0.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {
        "v": "f4", "g_e": "f4", "h_e": "f4", "g_i": "f4", "h_i": "f4", "refractory": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "g_e": "nS", "h_e": "nS/ms", "g_i": "nS", "h_i": "nS/ms", "refractory": "steps",
    }  # fmt: skip
    weight_unit: ClassVar[str] = "nS"
    takes_sizes: ClassVar[bool] = True  # synapses deliver the sizes of their weights
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "g_l_ns", "tau_syn_e_ms", "tau_syn_i_ms")
    decays: ClassVar[tuple[int, ...]] = (4, 9)  # places in the constants, see slow_decay

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def offsets(self) -> dict[str, float]:
        """Kept relative to rest, where float32 is finest; shown and set as absolute values."""
        return {"v": self.e_l_mv}

    def initial(self) -> dict[str, float]:
        """State before the first step: at rest, no conductance open."""
        return {"v": self.e_l_mv}

    def constants(self, dt_ms: float) -> tuple[float, ...]:
        """Return the constants of one step, in the order in which ``step`` reads them."""
        require_tau(self, "c_m_pf / g_l_ns", self.c_m_pf / self.g_l_ns, dt_ms)
        return (
            self.g_l_ns,
            dt_ms / self.c_m_pf,
            self.e_e_mv - self.e_l_mv,
            self.e_i_mv - self.e_l_mv,
            *alpha_propagators(self.tau_syn_e_ms, dt_ms),
            *alpha_propagators(self.tau_syn_i_ms, dt_ms),
            self.v_threshold_mv - self.e_l_mv,
            self.v_reset_mv - self.e_l_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_pa,
        )


def alpha_propagators(tau_ms: float, dt_ms: float) -> tuple[float, ...]:
    """Return decay less 1, g from h, mean of g from g, mean of g from h, h from a weight."""
    decay = math.expm1(-dt_ms / tau_ms)
    mean_from_g = -decay * tau_ms / dt_ms
    mean_from_h = tau_ms * (mean_from_g - (1.0 + decay))
    return decay, dt_ms * (1.0 + decay), mean_from_g, mean_from_h, math.e / tau_ms


@device
def step(c, v, g_e, h_e, g_i, h_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    g_l, h_over_c, e_e, e_i = c[0], c[1], c[2], c[3]
    decay_e, ge_from_he, me_from_ge, me_from_he, jump_e = c[4], c[5], c[6], c[7], c[8]
    decay_i, gi_from_hi, mi_from_gi, mi_from_hi, jump_i = c[9], c[10], c[11], c[12], c[13]
    threshold, reset, n_refractory, i_offset = c[14], c[15], np.int32(c[16]), c[17]
    for i in range(v.size):
        steps_left = refractory[i]
        e_0, i_0 = g_e[i], g_i[i]
        e_1 = e_0 + e_0 * decay_e + h_e[i] * ge_from_he
        i_1 = i_0 + i_0 * decay_i + h_i[i] * gi_from_hi
        e_mean = e_0 * me_from_ge + h_e[i] * me_from_he
        i_mean = i_0 * mi_from_gi + h_i[i] * mi_from_hi
        total = current[i] + i_offset
        v_new = membrane(v[i], g_l, total, e_e, e_i, e_0, i_0, e_1, i_1, e_mean, i_mean, h_over_c)
        v_new = v[i] if steps_left > 0 else v_new
        fires = v_new >= threshold
        g_e[i], g_i[i] = flushed(e_1), flushed(i_1)
        h_e[i] = flushed(h_e[i] + h_e[i] * decay_e + abs(in_e[i]) * jump_e)
        h_i[i] = flushed(h_i[i] + h_i[i] * decay_i + abs(in_i[i]) * jump_i)
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(LifCondAlpha.states.values()), len(LifCondAlpha.receptors))
