"""Leaky integrate-and-fire neuron of a neural microcircuit column, with a lower bound on v.

    tau_m dv/dt = -(v - E_L) + R (i_e + i_i + I),   v >= v_floor
    tau_e di_e/dt = -i_e,   tau_i di_i/dt = -i_i

A spike of weight w (nA; with R in MOhm, so mV) adds w to i_e or i_i. v >= v_threshold: spike, v =
v_reset for t_ref. The floor stands for the reversal potential of inhibition, below which it
cannot push a real membrane; without it a neuron that is inhibited for long would take long to
come back. Exact integration between spikes.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531 (the column and its parameters,
without the floor).
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
from distsnn.neurons.lif import LifModel
from distsnn.neurons.lif_exp import propagator
from distsnn.neurons.parameters import fail

NA_PER_PA = 0.001


class Constants(NamedTuple):
    """Propagators of one step; v is relative to rest. Those onto themselves are given less 1."""

    leak: float  # v from v
    v_from_e: float  # mV/nA
    v_from_i: float  # mV/nA
    v_from_current: float  # mV/nA
    decay_e: float  # i_e from i_e
    decay_i: float  # i_i from i_i
    threshold: float  # mV
    reset: float  # mV
    floor: float  # mV
    n_refractory: float  # steps
    i_offset: float  # nA


@dataclass(frozen=True)
class LifFloor(LifModel):
    """Parameters of the leaky integrate-and-fire neuron with a lower bound on v."""

    tau_m_ms: float = 30.0
    r_m_mohm: float = 1.0
    e_l_mv: float = 0.0
    v_threshold_mv: float = 15.0
    v_reset_mv: float = 13.5
    v_floor_mv: float = -20.0
    t_ref_ms: float = 3.0
    tau_syn_e_ms: float = 3.0
    tau_syn_i_ms: float = 6.0
    i_offset_na: float = 0.0

    states: ClassVar[dict[str, str]] = {"v": "f4", "i_e": "f4", "i_i": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "i_e": "nA", "i_i": "nA", "refractory": "steps"}
    weight_unit: ClassVar[str] = "nA"
    positive: ClassVar[tuple[str, ...]] = ("r_m_mohm", "tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms")
    decays: ClassVar[tuple[str, ...]] = ("leak", "decay_e", "decay_i")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.v_floor_mv <= min(self.e_l_mv, self.v_reset_mv):
            limit = f"at most e_l_mv = {self.e_l_mv} and v_reset_mv = {self.v_reset_mv}"
            fail(self, "v_floor_mv", self.v_floor_mv, limit, "Lower it")

    def constants(self, dt_ms: float) -> Constants:
        """Return the propagators of one step."""
        c_m_nf = self.tau_m_ms / self.r_m_mohm
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        return Constants(
            leak=leak,
            v_from_e=propagator(self.tau_syn_e_ms, self.tau_m_ms, c_m_nf, dt_ms),
            v_from_i=propagator(self.tau_syn_i_ms, self.tau_m_ms, c_m_nf, dt_ms),
            v_from_current=-leak * self.r_m_mohm,
            decay_e=math.expm1(-dt_ms / self.tau_syn_e_ms),
            decay_i=math.expm1(-dt_ms / self.tau_syn_i_ms),
            floor=self.v_floor_mv - self.e_l_mv,
            i_offset=self.i_offset_na,
            **self.spike_constants(dt_ms),
        )


@device
def step(c, v, i_e, i_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; ``current`` is in pA. See the module's equations."""
    na_per_pa = np.float32(NA_PER_PA)
    for i in range(v.size):
        # v(t + h) = v + (exp(-h / tau_m) - 1) v + P_e i_e + P_i i_i + P_I I, not below the floor
        change = v[i] * c.leak + i_e[i] * c.v_from_e + i_i[i] * c.v_from_i
        change += (current[i] * na_per_pa + c.i_offset) * c.v_from_current
        v_new = v[i] if refractory[i] > 0 else flushed(v[i] + change)
        v_new = c.floor if v_new < c.floor else v_new
        # i(t + h) = i exp(-h / tau) + w
        i_e[i] = flushed(i_e[i] + i_e[i] * c.decay_e + in_e[i])
        i_i[i] = flushed(i_i[i] + i_i[i] * c.decay_i + in_i[i])
        settle(i, v_new >= c.threshold, v_new, c, v, refractory, spiked)


advance = driver(step, Constants, LifFloor.states, LifFloor.receptors)
