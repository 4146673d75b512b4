"""One step of a membrane with conductances that change during the step.

    C dv/dt = B(t) - G(t) v,   G = g_L + g_e + g_i,   B = I + g_e E_e + g_i E_i

(v and the reversal potentials relative to E_L, which removes g_L E_L.) Fourth-order Magnus
expansion:

    v(h) = v(0) + (B* / Gm - v(0)) (1 - exp(-Gm h / C)),   B* = Bm + h / (12 C) (G0 B1 - G1 B0)

Gm, Bm: means over the step, exact; 0 and 1: its two ends. The factor of v(0) is exact, so that no
conductance is too large for the step: the method cannot become unstable.

Source: Magnus 1954, Comm Pure Appl Math 7:649, in the form of Blanes, Casas, Oteo & Ros 2009,
Physics Reports 470:151, applied to the affine equation.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.exponential import expm1_f4


@device
def twist(c, current, e_0, i_0, e_1, i_1):
    """Return G0 B1 - G1 B0 (nS pA); e_0, i_0, e_1, i_1: both conductances at both ends (nS)."""
    rise_e, rise_i = e_1 - e_0, i_1 - i_0
    leak = c.g_l * (rise_e * c.e_e + rise_i * c.e_i) - current * (rise_e + rise_i)
    return leak + (e_0 * i_1 - i_0 * e_1) * (c.e_i - c.e_e)


@device
def membrane(v, c, current, e_0, i_0, e_1, i_1, e_mean, i_mean):
    """Return v after the step (mV relative to E_L).

    c: a record with g_l (nS), e_e and e_i (mV), h_over_c: step / capacitance (ms/pF). current: pA.
    e_mean, i_mean: mean conductances (nS).
    """
    # Gm = g_L + g_e + g_i;   Bm = I + g_e E_e + g_i E_i
    g_mean = c.g_l + e_mean + i_mean
    drive = current + e_mean * c.e_e + i_mean * c.e_i
    # B* = Bm + h / (12 C) (G0 B1 - G1 B0)
    drive += twist(c, current, e_0, i_0, e_1, i_1) * c.h_over_c * np.float32(1.0 / 12.0)
    # v(h) = v - (B* / Gm - v) (exp(-Gm h / C) - 1)
    return v - (drive / g_mean - v) * expm1_f4(-g_mean * c.h_over_c)
