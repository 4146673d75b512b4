"""Density, distribution function and quantiles of the normal distribution, for arrays.

``scipy.special`` has all of them, but importing it would double the start-up time of every rank
(docs/decisions/0005-own-code-or-library.md).
"""

from __future__ import annotations

import math

import numpy as np

SQRT_HALF = math.sqrt(0.5)
DENSITY_AT_ZERO = 1.0 / math.sqrt(2.0 * math.pi)

# Wichura 1988, Applied Statistics 37:477 (algorithm AS 241, PPND16): coefficients of the numerators
# and denominators of rational functions, constant term first. Relative error about 1e-16.
CENTRE = (
    (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3),
    (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3),
)  # fmt: skip
MIDDLE = (
    (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
FAR = (
    (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15),
)  # fmt: skip


def normal_density(z: np.ndarray) -> np.ndarray:
    """Return the standard normal density, float64."""
    # phi(z) = exp(-z^2 / 2) / sqrt(2 pi)
    return DENSITY_AT_ZERO * np.exp(-0.5 * np.asarray(z, dtype=np.float64) ** 2)


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """Return the standard normal distribution function, float64 of the shape of ``z``."""
    z = np.asarray(z, dtype=np.float64)
    # Phi(z) = erfc(-z / sqrt(2)) / 2; erfc stays exact in the lower tail.
    values = [0.5 * math.erfc(x) for x in (z * -SQRT_HALF).ravel().tolist()]
    return np.array(values, dtype=np.float64).reshape(z.shape)


def normal_quantiles(u: np.ndarray) -> np.ndarray:
    """Return the standard normal quantiles of ``u`` in [0, 1], float64 of its shape."""
    u = np.asarray(u, dtype=np.float64)
    # |q| <= 0.425: q R(0.425^2 - q^2) with a rational function R; beyond, see _tail.
    q = np.atleast_1d(u - 0.5)
    z = q * _ratio(CENTRE, 0.180625 - np.minimum(q * q, 0.180625))
    outer = np.flatnonzero(np.abs(q) > 0.425)
    if outer.size:
        z.flat[outer] = _tail(np.atleast_1d(u).ravel()[outer])
    return z.reshape(u.shape)


def _tail(u: np.ndarray) -> np.ndarray:
    """Return the quantiles of ``u`` where |u - 1/2| > 0.425: rational functions of r."""
    with np.errstate(divide="ignore", invalid="ignore"):
        # r = sqrt(-log(min(u, 1 - u))): the smaller tail makes both sides equally accurate.
        r = np.sqrt(-np.log(np.minimum(u, 1.0 - u)))
        z = np.where(r <= 5.0, _ratio(MIDDLE, r - 1.6), _ratio(FAR, r - 5.0))
    z = np.where(np.isinf(r), math.inf, z)
    return np.where(u < 0.5, -z, z)


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: np.ndarray) -> np.ndarray:
    """Return the rational function with the given coefficients at ``x``."""
    numerator, denominator = (
        np.polynomial.polynomial.polyval(x, powers) for powers in coefficients
    )
    return numerator / denominator
