"""exp in float64 from additions, multiplications and integer shifts: the same bits everywhere.

    exp(x) = 2^n exp(r),  n = round(x / ln 2),  |r| <= ln(2) / 2,  exp(r) = sum of r^k / k!, k <= 13

The first term that is left out is below 5e-18; the relative error is below 4e-16 for |x| <= 700.

Source of the method: Cody & Waite 1980, Software Manual for the Elementary Functions.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

LOG2_E = 1.4426950408889634
LN2_HIGH = 0.693145751953125  # sixteen bits after the point, so that n LN2_HIGH is exact
LN2_LOW = 1.42860682030941723212e-6
LOWEST, HIGHEST = -700.0, 700.0


@device
def exp_f8(x):
    """Return exp(x), float64; x is cut to [-700, 700]."""
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    n = np.floor(x * LOG2_E + 0.5)
    r = x - n * LN2_HIGH
    r = r - n * LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power = np.int64((np.int64(n) + np.int64(1023)) << np.int64(52)).view(np.float64)
    return power * p
