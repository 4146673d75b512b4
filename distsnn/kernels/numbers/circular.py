"""Normal and circular functions from additions, multiplications and square roots alone.

They give the same bits everywhere and vectorise, which calls of the C library do not.

    z0 = r cos(2 pi v),  z1 = r sin(2 pi v),  r = sqrt(-2 log(u))

with u and v uniform, made of 32-bit words. Exact to 4e-7 of |z| + 1; |z| is at most 6.77.

Source: Box & Muller 1958, Ann Math Stat 29:610.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.exponential import LN2_HIGH, LN2_LOW, log1p_f4

TWO_PI = 6.283185307179586
SQRT_HALF_BITS = 0x3F3504F3
TO_UNIT = 2.3283064365386963e-10  # 2^-32


@device
def minus_log(x):
    """Return -log((x + 1/2) / 2^32), float32, for a word x; exact also where it is near 0."""
    # The upper half by its distance from 1, so that float32 does not round it away.
    rest = np.float32(np.float32(np.uint32(~x)) + np.float32(0.5)) * np.float32(TO_UNIT)
    near_one = -log1p_f4(-min(rest, np.float32(0.5)))
    u = np.float32(np.float32(x) + np.float32(0.5)) * np.float32(TO_UNIT)
    # u = 2^k f with sqrt(1/2) <= f < sqrt(2): log u = k ln 2 + log(1 + (f - 1)), ln 2 in two parts.
    bits = np.float32(u).view(np.int32)
    k = np.int32(np.int32(bits - np.int32(SQRT_HALF_BITS)) >> np.int32(23))
    f = np.int32(bits - np.int32(k << np.int32(23))).view(np.float32)
    n = np.float32(k)
    small = n * np.float32(LN2_HIGH) + (n * np.float32(LN2_LOW) + log1p_f4(f - np.float32(1.0)))
    return near_one if x >= np.uint32(0x80000000) else -small


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


@device
def normal_pair(x, y):
    """Return two independent standard normal numbers, float64, made of the words x and y."""
    r = np.float64(np.sqrt(np.float32(2.0) * minus_log(x)))
    sine, cosine = sine_of_turns(np.float64(y) * TO_UNIT)
    return r * cosine, r * sine
