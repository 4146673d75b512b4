"""The eight firing patterns of the AdEx neuron in answer to a step of current.

Source: Naud, Marcille, Clopath & Gerstner 2008, Biol Cybern 99:335, table 1 and fig. 4.
"""

from __future__ import annotations

from distsnn.neurons.adex import AdEx
from distsnn.neurons.patterns import Pattern

# name: C pF, g_L nS, E_L mV, a nS, tau_w ms, b pA, V_r mV, I pA (V_T -50 mV, Delta_T 2 mV in all)
TABLE_1 = {
    "tonic spiking": (200, 10, -70, 2, 30, 0, -58, 500),
    "adaptation": (200, 12, -70, 2, 300, 60, -58, 500),
    "initial burst": (130, 18, -58, 4, 150, 120, -50, 400),
    "regular bursting": (200, 10, -58, 2, 120, 100, -46, 210),
    "delayed accelerating": (200, 12, -70, -10, 300, 0, -58, 300),
    "delayed regular bursting": (100, 10, -65, -10, 90, 30, -47, 110),
    "transient spiking": (100, 10, -65, 10, 90, 100, -47, 180),
    "irregular spiking": (100, 12, -60, -11, 130, 30, -48, 160),
}
DURATION_MS = 500.0


def _pattern(name: str, row: tuple[float, ...]) -> Pattern:
    c_m, g_l, e_l, a, tau_w, b, v_reset, current = (float(value) for value in row)
    model = AdEx(
        c_m_pf=c_m,
        g_l_ns=g_l,
        e_l_mv=e_l,
        v_t_mv=-50.0,
        delta_t_mv=2.0,
        a_ns=a,
        tau_w_ms=tau_w,
        b_pa=b,
        v_reset_mv=v_reset,
    )
    return Pattern(name, model, ((0.0, current),), DURATION_MS, 0.1)


NAUD_2008: dict[str, Pattern] = {name: _pattern(name, row) for name, row in TABLE_1.items()}
