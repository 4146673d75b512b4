"""The numbers of sum-of-products learning: sums of 16 bits, traces of 7 bits, rounding at random.

Within an epoch of at most 64 steps a trace is exact,

    v(s) = v(start) beta^(s + 1) + impulse sum over spikes k <= s of beta^(s - k),

rounded to the nearest integer when a product reads it; at the end of the epoch it is rounded up or
down at random in proportion, and kept. ``mask``: uint64 with a bit for each step of the epoch with a
spike, the first step in the lowest bit. ``beta``: float32 [65], beta^0, beta^1, ...

Source: Davies et al. 2018, IEEE Micro 38:82 (widths; see ``plasticity/sum_of_products.py``).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

FRACTION_BITS = 7
MAX_SUM = (1 << 15) - 1
MAX_TRACE = 127
UNIT = 2.0**-32


@device
def saturated(x):
    """Return x as a sum of 16 bits keeps it."""
    return max(min(x, MAX_SUM), -MAX_SUM - 1)


@device
def scaled(x, exponent):
    """Return x 2^exponent in 1/128, rounded down; 16 bits."""
    shift = exponent + FRACTION_BITS
    return saturated(x << shift if shift >= 0 else x >> -shift)


@device
def sign_of(x):
    """Return -1, 0 or 1."""
    return (1 if x > 0 else 0) - (1 if x < 0 else 0)


@device
def exact_trace(before, mask, step, includes, impulse, beta):
    """Return a trace at a step of the epoch, with or without a spike of that very step."""
    # v(start) beta^(s + 1)
    value = np.float32(before) * beta[step + 1]
    bits = np.uint64(mask)
    k = 0
    # impulse sum over spikes k of beta^(s - k)
    while bits != np.uint64(0) and k < step + includes:
        if bits & np.uint64(1):
            value += impulse * beta[step - k]
        bits >>= np.uint64(1)
        k += 1
    return value


@device
def trace_at(before, mask, step, includes, impulse, beta):
    """Return the trace as the nearest integer, at most 127."""
    value = exact_trace(before, mask, step, includes, impulse, beta)
    return min(np.int64(np.floor(value + np.float32(0.5))), MAX_TRACE)


@device
def kept_trace(before, mask, n_steps, impulse, beta, word):
    """Return the trace at the end of the epoch, rounded at random in proportion."""
    # floor(v + random in 0 .. 1) is v in the mean
    value = np.float64(exact_trace(before, mask, n_steps - 1, 1, impulse, beta))
    return min(np.int64(np.floor(value + np.float64(word) * UNIT)), MAX_TRACE)


@device
def last_bit(mask):
    """Return the number of the highest bit that is set, -1 if none is."""
    number = -1
    bits = np.uint64(mask)
    while bits != np.uint64(0):
        bits >>= np.uint64(1)
        number += 1
    return number


@device
def rounded(value, change, word):
    """Return value + change / 128, rounded at random in proportion."""
    # floor((128 value + change + random in 0 .. 127) / 128)
    total = saturated((value << FRACTION_BITS) + change)
    return (total + np.int64(word & np.uint32((1 << FRACTION_BITS) - 1))) >> FRACTION_BITS
