"""Leaky integrate-and-fire neuron that adapts by a current, by its threshold, or by both.

    tau_m dv/dt = -(v - E_L) + (i_e + i_i - w + I) tau_m / C_m
    tau_e di_e/dt = -i_e,   tau_i di_i/dt = -i_i
    tau_w dw/dt = a (v - E_L) - w              (adaptation current, pA)
    tau_theta dtheta/dt = -theta               (rise of the threshold, mV)

A spike of weight w (pA) adds w to i_e or i_i. v >= v_threshold + theta: spike, v = v_reset for
t_ref, w = w + b, theta = theta + theta_jump. The equations are linear between spikes and are
integrated exactly (as two cases, v free and v held).

Source: Treves 1993, Network 4:259 (adaptation current); Gerstner, Kistler, Naud & Paninski 2014,
Neuronal Dynamics, 6.1 (a and b); Bellec et al. 2018, NeurIPS 31 (moving threshold).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.lif import CurrentLif
from distsnn.neurons.propagators import matrix_expm1
from distsnn.slow_decay import require_tau


class Constants(NamedTuple):
    """Propagators of one step; v is relative to rest. Those onto themselves are given less 1."""

    v_from_v: float
    v_from_w: float  # mV/pA
    v_from_e: float  # mV/pA
    v_from_i: float  # mV/pA
    v_from_current: float  # mV/pA
    w_from_v: float  # nS
    w_from_w: float
    w_from_e: float
    w_from_i: float
    w_from_current: float
    w_held: float  # pA, change of w while v is held at reset, and
    w_from_w_held: float  # w from w then
    decay_e: float  # i_e from i_e
    decay_i: float  # i_i from i_i
    decay_theta: float  # theta from theta
    threshold: float  # mV
    reset: float  # mV
    n_refractory: float  # steps
    i_offset: float  # pA
    w_jump: float  # pA
    theta_jump: float  # mV


@dataclass(frozen=True)
class AdaptiveLif(CurrentLif):
    """Parameters of the adaptive leaky integrate-and-fire neuron with exponential currents."""

    c_m_pf: float = 250.0
    tau_m_ms: float = 20.0
    e_l_mv: float = -65.0
    v_threshold_mv: float = -50.0
    v_reset_mv: float = -65.0
    t_ref_ms: float = 2.0
    tau_syn_e_ms: float = 5.0
    tau_syn_i_ms: float = 5.0
    a_ns: float = 0.0
    b_pa: float = 20.0
    tau_w_ms: float = 100.0
    theta_jump_mv: float = 0.0
    tau_theta_ms: float = 100.0
    i_offset_pa: float = 0.0

    states: ClassVar[dict[str, str]] = {
        "v": "f4", "i_e": "f4", "i_i": "f4", "w": "f4", "theta": "f4", "refractory": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "i_e": "pA", "i_i": "pA", "w": "pA", "theta": "mV", "refractory": "steps",
    }  # fmt: skip
    positive: ClassVar[tuple[str, ...]] = (*CurrentLif.positive, "tau_w_ms", "tau_theta_ms")
    # v and w while v is free, w while v is held, i_e, i_i, theta
    decays: ClassVar[tuple[str, ...]] = (
        "v_from_v", "w_from_w", "w_from_w_held", "decay_e", "decay_i", "decay_theta",
    )  # fmt: skip

    def constants(self, dt_ms: float) -> Constants:
        """Return the propagators of one step.

        Raises NetworkError if v and w depend on each other and one is too slow for float32.
        """
        if self.a_ns != 0.0:  # then w and v do not decay on their own
            require_tau(self, "tau_w_ms", self.tau_w_ms, dt_ms)
            require_tau(self, "tau_m_ms", self.tau_m_ms, dt_ms)
        p = matrix_expm1(self._equations(), dt_ms)
        v_from_v, v_from_w, v_from_e, v_from_i, v_from_current = p[0]
        w_from_v, w_from_w, w_from_e, w_from_i, w_from_current = p[1]
        held = -math.expm1(-dt_ms / self.tau_w_ms)
        return Constants(
            v_from_v=v_from_v,
            v_from_w=v_from_w,
            v_from_e=v_from_e,
            v_from_i=v_from_i,
            v_from_current=v_from_current,
            w_from_v=w_from_v,
            w_from_w=w_from_w,
            w_from_e=w_from_e,
            w_from_i=w_from_i,
            w_from_current=w_from_current,
            w_held=held * self.a_ns * (self.v_reset_mv - self.e_l_mv),
            w_from_w_held=-held,
            decay_e=p[2, 2],
            decay_i=p[3, 3],
            decay_theta=math.expm1(-dt_ms / self.tau_theta_ms),
            i_offset=self.i_offset_pa,
            w_jump=self.b_pa,
            theta_jump=self.theta_jump_mv,
            **self.spike_constants(dt_ms),
        )

    def _equations(self) -> np.ndarray:
        """Return the matrix of the linear equations of v, w, i_e, i_i and a constant I."""
        matrix = np.zeros((5, 5))
        matrix[0] = [-1.0 / self.tau_m_ms, *(np.array([-1.0, 1.0, 1.0, 1.0]) / self.c_m_pf)]
        matrix[1, :2] = self.a_ns / self.tau_w_ms, -1.0 / self.tau_w_ms
        matrix[2, 2] = -1.0 / self.tau_syn_e_ms
        matrix[3, 3] = -1.0 / self.tau_syn_i_ms
        return matrix


@device
def step(c, v, i_e, i_i, w, theta, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        is_held = refractory[i] > 0
        total = current[i] + c.i_offset
        # (v, w)(t + h) = (v, w) + (exp(A h) - 1) (v, w, i_e, i_i, I), v free
        v_change = v[i] * c.v_from_v + w[i] * c.v_from_w + i_e[i] * c.v_from_e + i_i[i] * c.v_from_i
        w_change = v[i] * c.w_from_v + w[i] * c.w_from_w + i_e[i] * c.w_from_e + i_i[i] * c.w_from_i
        v_change += total * c.v_from_current
        w_change += total * c.w_from_current
        v_new = v[i] if is_held else v[i] + v_change
        # v held: w(t + h) = w + (1 - exp(-h / tau_w)) (a (v_reset - E_L) - w)
        w_new = w[i] + (c.w_held + w[i] * c.w_from_w_held if is_held else w_change)
        theta_new = theta[i] + theta[i] * c.decay_theta
        fires = v_new >= c.threshold + theta_new
        fires = fires and not is_held
        # spike: w = w + b, theta = theta + theta_jump
        w[i] = flushed(w_new + c.w_jump if fires else w_new)
        theta[i] = flushed(theta_new + c.theta_jump if fires else theta_new)
        # i(t + h) = i exp(-h / tau) + weight
        i_e[i] = flushed(i_e[i] + i_e[i] * c.decay_e + in_e[i])
        i_i[i] = flushed(i_i[i] + i_i[i] * c.decay_i + in_i[i])
        settle(i, fires, v_new, c, v, refractory, spiked)


advance = driver(step, Constants, AdaptiveLif.states, AdaptiveLif.receptors)
