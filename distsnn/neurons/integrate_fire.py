"""Integrate-and-fire neuron without leak.

    C_m dv/dt = I;   a spike of weight w (mV) adds w to v.

v >= v_threshold: spike, v = v_reset for t_ref, during which input is lost.

Source: Lapicque 1907 in the form of Abbott 1999, Brain Res Bull 50:303.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.kernels.neuron.spiking import settle
from distsnn.neurons.model import NeuronModel
from distsnn.neurons.refractory import refractory_steps


class Constants(NamedTuple):
    """Constants of one step."""

    v_from_current: float  # mV/pA
    threshold: float  # mV
    reset: float  # mV
    floor: float  # mV
    n_refractory: float  # steps
    i_offset: float  # pA


@dataclass(frozen=True)
class IntegrateFire(NeuronModel):
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

    def initial(self) -> dict[str, float]:
        """State before the first step: just reset."""
        return {"v": self.v_reset_mv}

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step."""
        return Constants(
            v_from_current=dt_ms / self.c_m_pf,
            threshold=self.v_threshold_mv,
            reset=self.v_reset_mv,
            floor=self.v_floor_mv,
            n_refractory=refractory_steps(self, dt_ms),
            i_offset=self.i_offset_pa,
        )

    def weight_to_spike(self, margin: float) -> float:
        """Return ``margin`` times the threshold, which is measured from v = 0."""
        return margin * self.v_threshold_mv


@device
def step(c, v, refractory, in_e, in_i, current, spiked):
    """Advance n neurons by one step; see the module's equations."""
    for i in range(v.size):
        # v(t + h) = v + I h / C_m + w, not below the floor; held while refractory
        v_new = v[i] + ((current[i] + c.i_offset) * c.v_from_current + (in_e[i] + in_i[i]))
        v_new = c.floor if v_new < c.floor else v_new
        v_new = v[i] if refractory[i] > 0 else v_new
        settle(i, v_new >= c.threshold, v_new, c, v, refractory, spiked)


advance = driver(step, Constants, IntegrateFire.states, IntegrateFire.receptors)
