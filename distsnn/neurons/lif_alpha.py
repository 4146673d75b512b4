"""Leaky integrate-and-fire neuron with alpha-shaped synaptic currents.

    tau_m dv/dt = -(v - E_L) + (i_e + i_i + I) tau_m / C_m
    tau_e di_e/dt = tau_e j_e - i_e,   tau_e dj_e/dt = -j_e   (and likewise i_i, j_i with tau_i)

A spike of weight w (pA) adds w e / tau_e to j_e, so that i_e rises to its peak w at tau_e after
it. v >= v_threshold: spike, v = v_reset for t_ref; input while refractory still charges the
currents. The equations are linear between spikes and are integrated exactly, also where time
constants are equal.

Source: Rotter & Diesmann 1999, Biol Cybern 81:381; the order within a step is that of Diesmann et
al. 2001, Neurocomputing 38:565, as used by NEST's iaf_psc_alpha.
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


@dataclass(frozen=True)
class LifAlpha:
    """Parameters of the leaky integrate-and-fire neuron with alpha-shaped currents."""

    c_m_pf: float = 250.0
    tau_m_ms: float = 10.0
    e_l_mv: float = -70.0
    v_threshold_mv: float = -55.0
    v_reset_mv: float = -70.0
    t_ref_ms: float = 2.0
    tau_syn_e_ms: float = 2.0
    tau_syn_i_ms: float = 2.0
    i_offset_pa: float = 0.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {
        "v": "f4", "i_e": "f4", "j_e": "f4", "i_i": "f4", "j_i": "f4", "refractory": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "i_e": "pA", "j_e": "pA/ms", "i_i": "pA", "j_i": "pA/ms", "refractory": "steps",
    }  # fmt: skip
    weight_unit: ClassVar[str] = "pA"
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms")
    decays: ClassVar[tuple[int, ...]] = (0, 4, 9)  # places in the constants, see slow_decay

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
            -leak * self.tau_m_ms / self.c_m_pf,
            *self._synapse(self.tau_syn_e_ms, dt_ms),
            *self._synapse(self.tau_syn_i_ms, dt_ms),
            self.v_threshold_mv - self.e_l_mv,
            self.v_reset_mv - self.e_l_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_pa,
        )

    def _synapse(self, tau_ms: float, dt_ms: float) -> tuple[float, ...]:
        """Return v from i, v from j, i from i (or j from j) less 1, i from j, j from a weight."""
        equations = np.array(
            [
                [-1.0 / self.tau_m_ms, 1.0 / self.c_m_pf, 0.0],
                [0.0, -1.0 / tau_ms, 1.0],
                [0.0, 0.0, -1.0 / tau_ms],
            ]
        )
        p = matrix_expm1(equations, dt_ms)
        return p[0, 1], p[0, 2], p[1, 1], p[1, 2], math.e / tau_ms


@device
def step(c, v, i_e, j_e, i_i, j_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    leak, v_from_current = c[0], c[1]
    v_from_ie, v_from_je, decay_e, ie_from_je, jump_e = c[2], c[3], c[4], c[5], c[6]
    v_from_ii, v_from_ji, decay_i, ii_from_ji, jump_i = c[7], c[8], c[9], c[10], c[11]
    threshold, reset, n_refractory, i_offset = c[12], c[13], np.int32(c[14]), c[15]
    for i in range(v.size):
        steps_left = refractory[i]
        change = v[i] * leak + (current[i] + i_offset) * v_from_current
        change += i_e[i] * v_from_ie + j_e[i] * v_from_je
        change += i_i[i] * v_from_ii + j_i[i] * v_from_ji
        v_new = v[i] if steps_left > 0 else v[i] + change
        fires = v_new >= threshold
        i_e[i] = flushed(i_e[i] + i_e[i] * decay_e + j_e[i] * ie_from_je)
        j_e[i] = flushed(j_e[i] + j_e[i] * decay_e + in_e[i] * jump_e)
        i_i[i] = flushed(i_i[i] + i_i[i] * decay_i + j_i[i] * ii_from_ji)
        j_i[i] = flushed(j_i[i] + j_i[i] * decay_i + in_i[i] * jump_i)
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(LifAlpha.states.values()), len(LifAlpha.receptors))
