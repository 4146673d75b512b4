"""Circular functions from additions and multiplications alone.

They give the same bits everywhere and vectorise, which calls of the C library do not.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

TWO_PI = 6.283185307179586


@device
def sine_of_turns(turns):
    """Return sin(2 pi turns) and cos(2 pi turns), float64; exact to 1e-10 for |turns| < 2^20."""
    quarter = np.floor(4.0 * turns + 0.5)
    theta = TWO_PI * (turns - 0.25 * quarter)  # -pi/4 .. pi/4
    s = theta * theta
    # Taylor: theta^13 / 13! < 7e-12, theta^12 / 12! < 2e-10 there.
    sine = 1.0 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880))))
    sine = theta * (sine - s * s * s * s * s * (1.0 / 39916800))
    cosine = 1.0 + s * (-0.5 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320))))
    cosine = cosine - s * s * s * s * s * (1.0 / 3628800)
    q = quarter - 4.0 * np.floor(0.25 * quarter)  # 0 .. 3
    is_odd = q == 1.0 or q == 3.0
    a = cosine if is_odd else sine
    b = sine if is_odd else cosine
    return (-a if q >= 2.0 else a), (-b if q == 1.0 or q == 2.0 else b)
