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
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.parameters import require_sound
from distsnn.neurons.propagators import matrix_expm1
from distsnn.neurons.refractory import refractory_steps
from distsnn.slow_decay import require_tau


@dataclass(frozen=True)
class AdaptiveLif:
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

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {
        "v": "f4", "i_e": "f4", "i_i": "f4", "w": "f4", "theta": "f4", "refractory": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "i_e": "pA", "i_i": "pA", "w": "pA", "theta": "mV", "refractory": "steps",
    }  # fmt: skip
    weight_unit: ClassVar[str] = "pA"
    positive: ClassVar[tuple[str, ...]] = (
        "c_m_pf", "tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms", "tau_w_ms", "tau_theta_ms",
    )  # fmt: skip
    # Places in the constants, see slow_decay: v and w free, w held, i_e, i_i, theta.
    decays: ClassVar[tuple[int, ...]] = (0, 6, 11, 12, 13, 14)

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def offsets(self) -> dict[str, float]:
        """Kept relative to rest, where float32 is finest; shown and set as absolute values."""
        return {"v": self.e_l_mv}

    def initial(self) -> dict[str, float]:
        """State before the first step: at rest, not adapted."""
        return {"v": self.e_l_mv}

    def constants(self, dt_ms: float) -> tuple[float, ...]:
        """Return the propagators of one step, in the order in which ``step`` reads them.

        Those of a variable onto itself are given less 1, so that they keep their digits in float32.
        """
        if self.a_ns != 0.0:  # then w and v do not decay on their own
            require_tau(self, "tau_w_ms", self.tau_w_ms, dt_ms)
            require_tau(self, "tau_m_ms", self.tau_m_ms, dt_ms)
        p = matrix_expm1(self._equations(), dt_ms)
        held = -math.expm1(-dt_ms / self.tau_w_ms)
        return (
            *p[0],  # v from v, w, i_e, i_i, I
            *p[1],  # w from v, w, i_e, i_i, I
            held * self.a_ns * (self.v_reset_mv - self.e_l_mv),
            -held,
            p[2, 2],
            p[3, 3],
            math.expm1(-dt_ms / self.tau_theta_ms),
            self.v_threshold_mv - self.e_l_mv,
            self.v_reset_mv - self.e_l_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_pa,
            self.b_pa,
            self.theta_jump_mv,
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
    v_from_v, v_from_w, v_from_e, v_from_i, v_from_current = c[0], c[1], c[2], c[3], c[4]
    w_from_v, w_from_w, w_from_e, w_from_i, w_from_current = c[5], c[6], c[7], c[8], c[9]
    w_held, w_from_w_held, decay_e, decay_i, decay_theta = c[10], c[11], c[12], c[13], c[14]
    threshold, reset, n_refractory, i_offset = c[15], c[16], np.int32(c[17]), c[18]
    w_jump, theta_jump = c[19], c[20]
    for i in range(v.size):
        steps_left = refractory[i]
        is_held = steps_left > 0
        total = current[i] + i_offset
        v_change = v[i] * v_from_v + w[i] * v_from_w + i_e[i] * v_from_e + i_i[i] * v_from_i
        w_change = v[i] * w_from_v + w[i] * w_from_w + i_e[i] * w_from_e + i_i[i] * w_from_i
        v_change += total * v_from_current
        w_change += total * w_from_current
        v_new = v[i] if is_held else v[i] + v_change
        w_new = w[i] + (w_held + w[i] * w_from_w_held if is_held else w_change)
        theta_new = theta[i] + theta[i] * decay_theta
        fires = v_new >= threshold + theta_new
        fires = fires and not is_held
        w[i] = flushed(w_new + w_jump if fires else w_new)
        theta[i] = flushed(theta_new + theta_jump if fires else theta_new)
        i_e[i] = flushed(i_e[i] + i_e[i] * decay_e + in_e[i])
        i_i[i] = flushed(i_i[i] + i_i[i] * decay_i + in_i[i])
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(AdaptiveLif.states.values()), len(AdaptiveLif.receptors))
