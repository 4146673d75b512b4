"""Integer arithmetic of registers narrower than 32 bits. All values are int32."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

FRACTION_BITS = 12
LOW_BITS = (1 << FRACTION_BITS) - 1


@device
def wrapped(x, n_bits):
    """Return ``x`` wrapped to a register of ``n_bits`` bits and a sign (two's complement)."""
    spare = np.int32(31 - n_bits)
    return np.int32(np.int32(x << spare) >> spare)


@device
def decayed(x, factor):
    """Return sign(x) floor(|x| factor / 4096), 0 <= factor <= 4096, without a wider product."""
    size = np.int32(abs(x))
    high = np.int32(size >> np.int32(FRACTION_BITS))
    low = np.int32(size & np.int32(LOW_BITS))
    result = np.int32(high * factor) + np.int32(np.int32(low * factor) >> np.int32(FRACTION_BITS))
    return np.int32(-result) if x < 0 else np.int32(result)


@device
def scaled_towards_zero(x, exponent):
    """Return x 2^exponent, rounded towards 0; -31 <= exponent <= 31."""
    left = np.int32(max(exponent, np.int32(0)))
    right = np.int32(max(np.int32(-exponent), np.int32(0)))
    size = np.int32(np.int32(np.int32(abs(x)) << left) >> right)
    return np.int32(-size) if x < 0 else size
