"""What the leaky integrate-and-fire models share: the head of each of their files.

The parameters named here are fields of the models' own dataclasses, which give their defaults.
"""

from __future__ import annotations

import math
from typing import ClassVar

from distsnn.neurons.model import NeuronModel
from distsnn.neurons.propagators import peak_mv_per_pa
from distsnn.neurons.refractory import refractory_steps
from distsnn.slow_decay import require_tau


class LifModel(NeuronModel):
    """A membrane that leaks towards ``e_l_mv``, spikes at a threshold and is then held at a reset."""

    e_l_mv: float
    v_threshold_mv: float
    v_reset_mv: float
    t_ref_ms: float

    receptors: ClassVar[tuple[str, ...]] = ("excitatory", "inhibitory")

    @property
    def offsets(self) -> dict[str, float]:
        """v is kept relative to rest, where float32 is finest."""
        return {"v": self.e_l_mv}

    def initial(self) -> dict[str, float]:
        """State before the first step: at rest, without any input."""
        return {"v": self.e_l_mv}

    def spike_constants(self, dt_ms: float) -> dict[str, float]:
        """Return threshold and reset (mV relative to rest) and the steps of the refractory time."""
        return {
            "threshold": self.v_threshold_mv - self.e_l_mv,
            "reset": self.v_reset_mv - self.e_l_mv,
            "n_refractory": refractory_steps(self, dt_ms),
        }


class CurrentLif(LifModel):
    """A LIF neuron whose synapses are currents in pA; its equations are linear between spikes."""

    c_m_pf: float
    tau_m_ms: float
    tau_syn_e_ms: float

    weight_unit: ClassVar[str] = "pA"
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms")

    def weight_to_spike(self, margin: float) -> float:
        """Return ``margin`` times the distance to the threshold over the peak of 1 pA."""
        rise_mv = self.v_threshold_mv - self.e_l_mv
        return margin * rise_mv / peak_mv_per_pa(self.c_m_pf, self.tau_m_ms, self.tau_syn_e_ms)


class ConductanceLif(LifModel):
    """A LIF neuron whose synapses are conductances in nS with reversal potentials."""

    c_m_pf: float
    g_l_ns: float
    e_e_mv: float
    e_i_mv: float

    weight_unit: ClassVar[str] = "nS"
    takes_sizes: ClassVar[bool] = True
    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "g_l_ns", "tau_syn_e_ms", "tau_syn_i_ms")
    decays: ClassVar[tuple[str, ...]] = ("decay_e", "decay_i")

    def membrane_constants(self, dt_ms: float) -> dict[str, float]:
        """Return leak (nS), step / capacitance (ms/pF), reversal potentials (mV relative to rest).

        Raises NetworkError for a membrane too slow for float32.
        """
        require_tau(self, "c_m_pf / g_l_ns", self.c_m_pf / self.g_l_ns, dt_ms)
        return {
            "g_l": self.g_l_ns,
            "h_over_c": dt_ms / self.c_m_pf,
            "e_e": self.e_e_mv - self.e_l_mv,
            "e_i": self.e_i_mv - self.e_l_mv,
        }


def decay_and_mean(tau_ms: float, dt_ms: float) -> tuple[float, float]:
    """Return exp(-dt / tau) - 1, and the mean of exp(-t / tau) over a step."""
    decay = math.expm1(-dt_ms / tau_ms)
    return decay, -decay * tau_ms / dt_ms
