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
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.lif import CurrentLif
from distsnn.neurons.propagators import matrix_expm1


class Constants(NamedTuple):
    """Propagators of one step; v is relative to rest. Those onto themselves are given less 1."""

    leak: float  # v from v
    v_from_current: float  # mV/pA
    v_from_ie: float  # mV/pA
    v_from_je: float  # mV ms/pA
    decay_e: float  # i_e from i_e and j_e from j_e
    ie_from_je: float  # ms
    jump_e: float  # 1/ms, j_e from a weight
    v_from_ii: float
    v_from_ji: float
    decay_i: float
    ii_from_ji: float
    jump_i: float
    threshold: float  # mV
    reset: float  # mV
    n_refractory: float  # steps
    i_offset: float  # pA


@dataclass(frozen=True)
class LifAlpha(CurrentLif):
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

    states: ClassVar[dict[str, str]] = {
        "v": "f4", "i_e": "f4", "j_e": "f4", "i_i": "f4", "j_i": "f4", "refractory": "i4",
    }  # fmt: skip
    units: ClassVar[dict[str, str]] = {
        "v": "mV", "i_e": "pA", "j_e": "pA/ms", "i_i": "pA", "j_i": "pA/ms", "refractory": "steps",
    }  # fmt: skip
    decays: ClassVar[tuple[str, ...]] = ("leak", "decay_e", "decay_i")

    def constants(self, dt_ms: float) -> Constants:
        """Return the propagators of one step."""
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        v_from_ie, v_from_je, decay_e, ie_from_je = self._synapse(self.tau_syn_e_ms, dt_ms)
        v_from_ii, v_from_ji, decay_i, ii_from_ji = self._synapse(self.tau_syn_i_ms, dt_ms)
        return Constants(
            leak=leak,
            v_from_current=-leak * self.tau_m_ms / self.c_m_pf,
            v_from_ie=v_from_ie,
            v_from_je=v_from_je,
            decay_e=decay_e,
            ie_from_je=ie_from_je,
            jump_e=math.e / self.tau_syn_e_ms,
            v_from_ii=v_from_ii,
            v_from_ji=v_from_ji,
            decay_i=decay_i,
            ii_from_ji=ii_from_ji,
            jump_i=math.e / self.tau_syn_i_ms,
            i_offset=self.i_offset_pa,
            **self.spike_constants(dt_ms),
        )

    def _synapse(self, tau_ms: float, dt_ms: float) -> tuple[float, float, float, float]:
        """Return v from i, v from j, i from i (or j from j) less 1, i from j."""
        equations = np.array(
            [
                [-1.0 / self.tau_m_ms, 1.0 / self.c_m_pf, 0.0],
                [0.0, -1.0 / tau_ms, 1.0],
                [0.0, 0.0, -1.0 / tau_ms],
            ]
        )
        p = matrix_expm1(equations, dt_ms)
        return p[0, 1], p[0, 2], p[1, 1], p[1, 2]


@device
def step(c, v, i_e, j_e, i_i, j_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        # v(t + h) = v + (exp(-h / tau_m) - 1) v + P_I I + the same sum over i_e, j_e, i_i, j_i
        change = v[i] * c.leak + (current[i] + c.i_offset) * c.v_from_current
        change += i_e[i] * c.v_from_ie + j_e[i] * c.v_from_je
        change += i_i[i] * c.v_from_ii + j_i[i] * c.v_from_ji
        v_new = v[i] if refractory[i] > 0 else v[i] + change
        # i(t + h) = (i + h j) exp(-h / tau);   j(t + h) = j exp(-h / tau) + w e / tau
        i_e[i] = flushed(i_e[i] + i_e[i] * c.decay_e + j_e[i] * c.ie_from_je)
        j_e[i] = flushed(j_e[i] + j_e[i] * c.decay_e + in_e[i] * c.jump_e)
        i_i[i] = flushed(i_i[i] + i_i[i] * c.decay_i + j_i[i] * c.ii_from_ji)
        j_i[i] = flushed(j_i[i] + j_i[i] * c.decay_i + in_i[i] * c.jump_i)
        settle(i, v_new >= c.threshold, v_new, c, v, refractory, spiked)


advance = driver(step, Constants, LifAlpha.states, LifAlpha.receptors)
