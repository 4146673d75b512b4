"""sin, cos and tanh in float32, with the same bits on every machine.

    x = k pi / 2 + r,  |r| <= pi / 4;   sin(x), cos(x) = one of sin(r), cos(r), -sin(r), -cos(r)
    tanh(x) = (exp(2 x) - 1) / (exp(2 x) + 1)

Absolute error of ``sin_f4`` and ``cos_f4`` 1.2e-7 for |x| up to 10,000, beyond which float32 itself
tells angles apart to 1e-3 only; relative error of ``tanh_f4`` 3e-7. The polynomials' own errors are
2e-10 and 5e-8 (of the last term); fitted as in ``exponential``.

Source of the method: Cody & Waite 1980, Software Manual for the Elementary Functions.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.exponential import expm1_f4

TWO_OVER_PI = 0.6366197723675814
# pi / 2 in three parts; the first two have 11 bits, so that k times each is exact for k below 8192.
PI_HIGH = 1.5703125
PI_MIDDLE = 0.0004837512969970703
PI_LOW = 7.549789954891882e-08
TANH_HIGHEST = 10.0  # from here on tanh is 1 in float32


@device
def sine_and_cosine(x):
    """Return k and sin(r), cos(r), where x = k pi / 2 + r."""
    k = np.floor(x * np.float32(TWO_OVER_PI) + np.float32(0.5))
    r = x - k * np.float32(PI_HIGH)
    r = r - k * np.float32(PI_MIDDLE)
    r = r - k * np.float32(PI_LOW)
    z = r * r
    s = np.float32(2.724634382857869e-06)
    s = s * z + np.float32(-0.0001984005812928347)
    s = s * z + np.float32(0.008333331819130194)
    s = s * z + np.float32(-0.1666666666370137)
    c = np.float32(2.454507832241623e-05)
    c = c * z + np.float32(-0.001388828917474174)
    c = c * z + np.float32(0.04166666458220608)
    sine = r + r * z * s
    return np.int32(k), sine, np.float32(1.0) - (np.float32(0.5) * z - z * z * c)


@device
def sin_f4(x):
    """Return sin(x), float32."""
    k, sine, cosine = sine_and_cosine(x)
    value = cosine if k & np.int32(1) else sine
    return -value if k & np.int32(2) else value


@device
def cos_f4(x):
    """Return cos(x), float32."""
    k, sine, cosine = sine_and_cosine(x)
    value = sine if k & np.int32(1) else cosine
    return -value if (k + np.int32(1)) & np.int32(2) else value


@device
def tanh_f4(x):
    """Return tanh(x), float32, exact also for small x."""
    size = min(abs(x), np.float32(TANH_HIGHEST))
    e = expm1_f4(np.float32(2.0) * size)
    value = e / (e + np.float32(2.0))
    return -value if x < np.float32(0.0) else value
