"""Integrate-and-fire neuron without leak.

    C_m dv/dt = I;   a spike of weight w (mV) adds w to v.

v >= v_threshold: spike, v = v_reset for t_ref, during which input is lost.

Source: Lapicque 1907 in the form of Abbott 1999, Brain Res Bull 50:303.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.neurons.parameters import require_sound
from distsnn.neurons.refractory import refractory_steps


@dataclass(frozen=True)
class IntegrateFire:
    """Parameters of the integrate-and-fire neuron without leak."""

    c_m_pf: float = 250.0
    v_threshold_mv: float = 20.0
    v_reset_mv: float = 0.0
    v_floor_mv: float = -1e30
    t_ref_ms: float = 0.0
    i_offset_pa: float = 0.0

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")
    states: ClassVar[dict[str, str]] = {"v": "f4", "refractory": "i4"}
    units: ClassVar[dict[str, str]] = {"v": "mV", "refractory": "steps"}
    weight_unit: ClassVar[str] = "mV"
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf",)

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def offsets(self) -> dict[str, float]:
        """No state is kept relative to anything."""
        return {}

    def initial(self) -> dict[str, float]:
        """State before the first step: just reset."""
        return {"v": self.v_reset_mv}

    def constants(self, dt_ms: float) -> tuple[float, ...]:
        """Return the constants of one step, in the order in which ``step`` reads them."""
        return (
            dt_ms / self.c_m_pf,
            self.v_threshold_mv,
            self.v_reset_mv,
            self.v_floor_mv,
            refractory_steps(self, dt_ms),
            self.i_offset_pa,
        )


@device
def step(c, v, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    v_from_current, threshold, reset, floor = c[0], c[1], c[2], c[3]
    n_refractory, i_offset = np.int32(c[4]), c[5]
    for i in range(v.size):
        steps_left = refractory[i]
        v_new = v[i] + ((current[i] + i_offset) * v_from_current + (in_e[i] + in_i[i]))
        v_new = floor if v_new < floor else v_new
        v_new = v[i] if steps_left > 0 else v_new
        fires = v_new >= threshold
        v[i] = reset if fires else v_new
        refractory[i] = n_refractory if fires else max(steps_left - np.int32(1), np.int32(0))
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = driver(step, tuple(IntegrateFire.states.values()), len(IntegrateFire.receptors))
