"""Normal random numbers in float32 from one random word each, with the same bits on every machine.

    u = (word + 1/2) / 2^32,   z = x P(w),   x = 2 u - 1,   w = -log(1 - x^2)

P is the inverse of the distribution function over x; in w it is nearly straight, and one polynomial
up to w = 5 and one in sqrt(w) above are enough. |z| is at most 6.4. Relative error, measured over all
tails: 1e-6, less than what one of 2^32 words stands for.

Source of the method: Giles 2012, Approximating the erfinv function, GPU Computing Gems Jade Edition;
further words: the finaliser of MurmurHash3 (Appleby 2011, public domain).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.exponential import log_f4

SPLIT = 5.0
# Multipliers of a hash of 32 bits in which every bit of the result depends on every bit of the word.
FIRST, SECOND, GOLDEN = 0x85EBCA6B, 0xC2B2AE35, 0x9E3779B9
UNIT = 2.0**-31


@device
def times(x, y):
    """Return x y modulo 2^32, all uint32."""
    return np.uint32((np.uint64(x) * np.uint64(y)) & np.uint64(0xFFFFFFFF))


@device
def further_word(word, k):
    """Return the k-th further random word, uint32, that goes with a random word; k = 1, 2, ..."""
    x = np.uint32(np.uint32(word) ^ times(k, GOLDEN))
    x = times(np.uint32(x ^ (x >> np.uint32(16))), FIRST)
    x = times(np.uint32(x ^ (x >> np.uint32(13))), SECOND)
    return np.uint32(x ^ (x >> np.uint32(16)))


@device
def normal_f4(word):
    """Return the normal number, mean 0 and variance 1, of a uint32 word."""
    whole = np.int32(np.uint32(word) ^ np.uint32(0x80000000))
    size = whole if whole >= np.int32(0) else np.int32(~whole)
    # 1 - |x| from the whole numbers, so that the tails keep their digits
    rest = np.int32(np.int32(0x7FFFFFFF) - size)
    q = (np.float32(rest) + np.float32(0.5)) * np.float32(UNIT)
    x = (np.float32(size) + np.float32(0.5)) * np.float32(UNIT)
    w = -log_f4(q * (np.float32(2.0) - q))
    a = w - np.float32(2.5)
    p = np.float32(4.035463102765562e-08)
    p = p * a + np.float32(4.861039287477757e-07)
    p = p * a + np.float32(-4.990565162254925e-06)
    p = p * a + np.float32(-6.217992674753052e-06)
    p = p * a + np.float32(0.0003091502026382002)
    p = p * a + np.float32(-0.001773010155937553)
    p = p * a + np.float32(-0.005908170969334913)
    p = p * a + np.float32(0.3488026599021172)
    p = p * a + np.float32(2.123313566670851)
    b = np.sqrt(w) - np.float32(3.0)
    tail = np.float32(-1.885772202962319e-05)
    tail = tail * b + np.float32(-0.0001857726057508835)
    tail = tail * b + np.float32(0.00162485900933411)
    tail = tail * b + np.float32(-0.004813947092188765)
    tail = tail * b + np.float32(0.008220179930451254)
    tail = tail * b + np.float32(-0.01090975153372597)
    tail = tail * b + np.float32(0.01333224297432425)
    tail = tail * b + np.float32(1.416592158728113)
    tail = tail * b + np.float32(4.006434996053805)
    value = x * (p if w < np.float32(SPLIT) else tail)
    return value if whole >= np.int32(0) else -value
