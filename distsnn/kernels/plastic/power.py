"""x^mu for weights in 0 .. 1, with the same bits on every machine."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.exponential import LN2_HIGH, LN2_LOW, exp_f4, log1p_f4

SMALLEST = 1e-30


@device
def log_f4(x):
    """Return log(x), float32, for normal x > 0: x = 2^k f with sqrt(1/2) <= f < sqrt(2)."""
    # float32: sign (1) | exponent + 127 (8) | fraction (23); 0x3F3504F3 is sqrt(1/2)
    bits = np.float32(x).view(np.int32)
    k = np.int32(np.int32(bits - np.int32(0x3F3504F3)) >> np.int32(23))
    f = np.int32(bits - np.int32(k << np.int32(23))).view(np.float32)
    # log(x) = k ln 2 + log(1 + (f - 1)), ln 2 in two parts
    n = np.float32(k)
    return n * np.float32(LN2_HIGH) + (n * np.float32(LN2_LOW) + log1p_f4(f - np.float32(1.0)))


@device
def power(x, mu):
    """Return x^mu, float32, for 0 <= x <= 1 and mu >= 0; 0^0 is 1."""
    if mu == np.float32(0.0):
        return np.float32(1.0)
    if mu == np.float32(1.0):
        return x
    if x < np.float32(SMALLEST):
        return np.float32(0.0)
    return exp_f4(mu * log_f4(x))  # x^mu = exp(mu log x)
