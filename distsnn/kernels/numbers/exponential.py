"""exp, exp - 1, log and log(1 + x) in float32 from additions, multiplications and integer shifts.

A call of the C library would prevent vectorisation of a loop, and its results differ between
libraries. These functions vectorise and give the same bits everywhere.

    exp(x) = 2^n exp(r),  n = round(x / ln 2),  |r| <= ln(2) / 2,  exp(r) - 1 = r + r^2 p(r)
    log(u) = k ln 2 + log(1 + f),  u = 2^k (1 + f),  sqrt(1/2) <= 1 + f < sqrt(2)

Relative error, measured over the whole range (a unit in the last place is 6e-8 to 12e-8):
``exp_f4`` 9e-8, ``expm1_f4`` 1.2e-7, ``mean_exp_f4`` 1.6e-7, ``log_f4`` and ``log1p_f4`` 9e-8. The
polynomials' own errors are 3e-9 and 4e-9 (least squares with Lawson's weights, which tends to the
minimax polynomial).

Source of the method: Cody & Waite 1980, Software Manual for the Elementary Functions; Lawson 1961.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

EXP_LOWEST = -87.0  # below, 2^n is no normal float32
EXP_HIGHEST = 88.0  # above, exp overflows
LOG2_E = 1.4426950408889634
LN2_HIGH = 0.693359375  # ten bits, so that n LN2_HIGH is exact
LN2_LOW = -2.1219444005469057e-4
SQRT_HALF_BITS = 0x3F3504F3
ONE_BITS = 0x3F800000
SMALLEST = 2.0**-126


@device
def reduced(x):
    """Return 2^n and exp(r) - 1, where x = n ln 2 + r."""
    x = np.float32(EXP_LOWEST) if x < np.float32(EXP_LOWEST) else x
    x = np.float32(EXP_HIGHEST) if x > np.float32(EXP_HIGHEST) else x
    n = np.floor(x * np.float32(LOG2_E) + np.float32(0.5))
    r = x - n * np.float32(LN2_HIGH)
    r = r - n * np.float32(LN2_LOW)
    p = np.float32(1.395049155689776e-3)
    p = p * r + np.float32(8.368889801204205e-3)
    p = p * r + np.float32(4.166620597243309e-2)
    p = p * r + np.float32(1.66665181517601e-1)
    p = p * r + np.float32(0.5)
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return power, r + r * r * p


@device
def exp_f4(x):
    """Return exp(x), float32; x is cut to [-87, 88]."""
    power, rest = reduced(x)
    return power * rest + power


@device
def expm1_f4(x):
    """Return exp(x) - 1, float32, exact also for small x; x is cut to [-87, 88]."""
    power, rest = reduced(x)
    return power * rest + (power - np.float32(1.0))


@device
def mean_exp_f4(x):
    """Return (exp(x) - 1) / x, the mean of exp from 0 to x, float32; 1 at x = 0."""
    nonzero = np.float32(1e-20) if x == np.float32(0.0) else x
    return expm1_f4(nonzero) / nonzero


@device
def log_of(u, lost):
    """Return log(u) + lost, float32; u: a normal float32 above 0."""
    bits = np.float32(u).view(np.int32)
    k = np.int32(np.int32(bits - np.int32(SQRT_HALF_BITS)) >> np.int32(23))
    f = np.int32(bits - np.int32(k << np.int32(23))).view(np.float32) - np.float32(1.0)
    q = np.float32(-7.62178897857666e-2)
    q = q * f + np.float32(1.290445178747177e-1)
    q = q * f + np.float32(-1.3242992758750916e-1)
    q = q * f + np.float32(1.4181822538375854e-1)
    q = q * f + np.float32(-1.6609081625938416e-1)
    q = q * f + np.float32(2.000197470188141e-1)
    q = q * f + np.float32(-2.5001582503318787e-1)
    q = q * f + np.float32(3.3333325386047363e-1)
    q = q * f + np.float32(-4.999998807907104e-1)
    n = np.float32(k)
    return n * np.float32(LN2_HIGH) + (f + (f * f * q + (n * np.float32(LN2_LOW) + lost)))


@device
def log1p_f4(x):
    """Return log(1 + x), float32, exact also for small x; x > -1."""
    u = np.float32(1.0) + x
    return log_of(u, (x - (u - np.float32(1.0))) / u)  # relative rounding error of 1 + x


@device
def log_f4(x):
    """Return log(x), float32; x is cut to 1.2e-38, the smallest normal number, and above."""
    return log_of(max(x, np.float32(SMALLEST)), np.float32(0.0))
