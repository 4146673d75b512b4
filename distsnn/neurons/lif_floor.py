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
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.lif_exp import propagator
from distsnn.neurons.parameters import fail, require_sound
from distsnn.neurons.refractory import refractory_steps


@dataclass(frozen=True)
class LifFloor:
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

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {"v": "f4", "i_e": "f4", "i_i": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "i_e": "nA", "i_i": "nA", "refractory": "steps"}
    weight_unit: ClassVar[str] = "nA"
    positive: ClassVar[tuple[str, ...]] = ("r_m_mohm", "tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms")
    decays: ClassVar[tuple[int, ...]] = (0, 4, 5)  # places in the constants, see slow_decay

    def __post_init__(self) -> None:
        require_sound(self)
        if not self.v_floor_mv <= min(self.e_l_mv, self.v_reset_mv):
            limit = f"at most e_l_mv = {self.e_l_mv} and v_reset_mv = {self.v_reset_mv}"
            fail(self, "v_floor_mv", self.v_floor_mv, limit, "Lower it")

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
        c_m_nf = self.tau_m_ms / self.r_m_mohm
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        return (
            leak,
            propagator(self.tau_syn_e_ms, self.tau_m_ms, c_m_nf, dt_ms),
            propagator(self.tau_syn_i_ms, self.tau_m_ms, c_m_nf, dt_ms),
            -leak * self.r_m_mohm,
            math.expm1(-dt_ms / self.tau_syn_e_ms),
            math.expm1(-dt_ms / self.tau_syn_i_ms),
            self.v_threshold_mv - self.e_l_mv,
            self.v_reset_mv - self.e_l_mv,
            self.v_floor_mv - self.e_l_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_na,
        )


@device
def step(c, v, i_e, i_i, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; ``current`` is in pA. See the module's equations."""
    leak, v_from_e, v_from_i, v_from_current = c[0], c[1], c[2], c[3]
    decay_e, decay_i, threshold, reset, floor = c[4], c[5], c[6], c[7], c[8]
    n_refractory, i_offset = np.int32(c[9]), c[10]
    na_per_pa = np.float32(0.001)
    for i in range(v.size):
        steps_left = refractory[i]
        change = v[i] * leak + i_e[i] * v_from_e + i_i[i] * v_from_i
        change += (current[i] * na_per_pa + i_offset) * v_from_current
        v_new = v[i] if steps_left > 0 else flushed(v[i] + change)
        v_new = floor if v_new < floor else v_new
        fires = v_new >= threshold
        i_e[i] = flushed(i_e[i] + i_e[i] * decay_e + in_e[i])
        i_i[i] = flushed(i_i[i] + i_i[i] * decay_i + in_i[i])
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(LifFloor.states.values()), len(LifFloor.receptors))
