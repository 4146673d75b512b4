"""Leaky integrate-and-fire neuron with delta synapses.

    tau_m dv/dt = -(v - E_L) + I tau_m / C_m;   a spike of weight w (mV) adds w to v.

v >= v_threshold: spike, v = v_reset for t_ref, during which input is lost. Exact integration.

Source: Brunel 2000, J Comput Neurosci 8:183, eq. 1; the order within a step (decay, then input,
then threshold) is that of NEST's iaf_psc_delta.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.neurons.parameters import require_sound
from distsnn.neurons.refractory import refractory_steps


@dataclass(frozen=True)
class LifDelta:
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
    decays: ClassVar[tuple[int, ...]] = (0,)  # places in the constants, see slow_decay

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

        That of v onto itself is given less 1, so that it keeps its digits in float32.
        """
        leak = math.expm1(-dt_ms / self.tau_m_ms)
        return (
            leak,
            -leak * self.tau_m_ms / self.c_m_pf,
            self.v_threshold_mv - self.e_l_mv,
            self.v_reset_mv - self.e_l_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_pa,
        )


@device
def step(c, v, refractory, arriving, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    leak, v_from_current, threshold, reset = c[0], c[1], c[2], c[3]
    n_refractory, i_offset = np.int32(c[4]), c[5]
    for i in range(v.size):
        steps_left = refractory[i]
        change = v[i] * leak + (current[i] + i_offset) * v_from_current + arriving[i]
        v_new = v[i] if steps_left > 0 else v[i] + change
        fires = v_new >= threshold
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(LifDelta.states.values()), len(LifDelta.receptors))
