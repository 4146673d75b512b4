"""Named parameter sets of cortical neurons, as published models use them.

Firing patterns with their inputs: ``izhikevich_patterns`` (``TYPES_2003``, ``PROPERTIES_2004``) and
``adex_patterns`` (``NAUD_2008``).
"""

from __future__ import annotations

from typing import Any

from distsnn.neurons.adex import AdEx
from distsnn.neurons.izhikevich import Izhikevich
from distsnn.neurons.lif_cond_exp import LifCondExp
from distsnn.neurons.lif_delta import LifDelta
from distsnn.neurons.lif_exp import LifExp
from distsnn.neurons.lif_floor import LifFloor

PRESETS: dict[str, Any] = {
    "brunel": LifDelta(
        tau_m_ms=20.0, e_l_mv=0.0, v_threshold_mv=20.0, v_reset_mv=10.0, t_ref_ms=2.0
    ),
    "cortical microcircuit": LifExp(
        c_m_pf=250.0,
        tau_m_ms=10.0,
        e_l_mv=-65.0,
        v_threshold_mv=-50.0,
        v_reset_mv=-65.0,
        t_ref_ms=2.0,
        tau_syn_e_ms=0.5,
        tau_syn_i_ms=0.5,
    ),
    "balanced conductances": LifCondExp(
        c_m_pf=200.0,
        g_l_ns=10.0,
        e_l_mv=-60.0,
        v_threshold_mv=-50.0,
        v_reset_mv=-60.0,
        t_ref_ms=5.0,
        e_e_mv=0.0,
        e_i_mv=-80.0,
        tau_syn_e_ms=5.0,
        tau_syn_i_ms=10.0,
    ),
    "balanced currents": LifExp(
        c_m_pf=200.0,
        tau_m_ms=20.0,
        e_l_mv=-49.0,
        v_threshold_mv=-50.0,
        v_reset_mv=-60.0,
        t_ref_ms=5.0,
        tau_syn_e_ms=5.0,
        tau_syn_i_ms=10.0,
    ),
    "liquid excitatory": LifFloor(t_ref_ms=3.0),
    "liquid inhibitory": LifFloor(t_ref_ms=2.0),
    "pyramidal adex": AdEx(
        c_m_pf=281.0,
        g_l_ns=30.0,
        e_l_mv=-70.6,
        v_t_mv=-50.4,
        delta_t_mv=2.0,
        a_ns=4.0,
        b_pa=80.5,
        tau_w_ms=144.0,
        v_reset_mv=-70.6,
    ),
    "izhikevich excitatory": Izhikevich(0.02, 0.2, -65.0, 8.0, scheme="half_steps"),
    "izhikevich inhibitory": Izhikevich(0.02, 0.25, -65.0, 2.0, scheme="half_steps"),
}

VOGELS = "Vogels & Abbott 2005, J Neurosci 25:10786; Brette et al. 2007, J Comput Neurosci 23:349"
MAASS = "Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531"
# The two kinds of cell before each gets its own c and d (excitatory) or a and b (inhibitory)
IZHIKEVICH = "Izhikevich 2003, IEEE Trans Neural Networks 14:1569, the network script"

SOURCES: dict[str, str] = {
    "brunel": "Brunel 2000, J Comput Neurosci 8:183, table 1",
    "cortical microcircuit": "Potjans & Diesmann 2014, Cereb Cortex 24:785, table 5",
    "balanced conductances": VOGELS,
    "balanced currents": VOGELS,
    "liquid excitatory": MAASS,
    "liquid inhibitory": MAASS,
    "pyramidal adex": "Brette & Gerstner 2005, J Neurophysiol 94:3637, fig. 1: regular spiking",
    "izhikevich excitatory": IZHIKEVICH,
    "izhikevich inhibitory": IZHIKEVICH,
}
