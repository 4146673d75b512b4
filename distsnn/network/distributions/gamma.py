"""The gamma distribution, used for weights in models of neural microcircuits.

Source of its distribution function: the series and the continued fraction of Abramowitz & Stegun
1964, 6.5.29 and 6.5.31, the latter evaluated by the modified Lentz method (Press et al. 2007,
Numerical Recipes 6.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distsnn.checks import must_be, number
from distsnn.errors import NetworkError
from distsnn.network.distributions.truncated import PLAIN_NUMBER, require_finite_range
from distsnn.parameters import Drawn

MIN_SHAPE, MAX_SHAPE = 0.05, 1e4
TAIL = 2.0**-32  # mass beyond the cut of the unbounded tail: that of one random word
N_TERMS = 2000  # enough for convergence up to MAX_SHAPE
TINY = 1e-300  # stands for a 0 in a denominator of the continued fraction
ROUNDING = 4e-16  # relative change of the fraction at which it has converged


@dataclass(frozen=True)
class Gamma(Drawn):
    """Gamma distribution, given by its mean and standard deviation in the unit of what is drawn.

    A negative mean gives the mirrored distribution; sd = |mean| is the exponential distribution.
    Raises NetworkError for a mean of 0 and for an sd outside 0.01 to 4.47 times |mean|.
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        number("Gamma.mean", self.mean)
        number("Gamma.sd", self.sd, above=0.0, remedy=PLAIN_NUMBER)
        if self.mean == 0.0:
            raise NetworkError(must_be("Gamma.mean", "other than 0", self.mean, "Change it."))
        spread = self.sd / abs(self.mean)
        if not MAX_SHAPE**-0.5 <= spread <= MIN_SHAPE**-0.5:
            limit = f"{MAX_SHAPE**-0.5:.3g} to {MIN_SHAPE**-0.5:.3g} times the mean"
            got = f"{spread:.3g} times"
            raise NetworkError(must_be("Gamma.sd", limit, got, "Change the spread."))
        require_finite_range("Gamma.mean, sd", self)

    @property
    def shape(self) -> float:
        """The shape parameter, (mean / sd)^2."""
        return (self.mean / self.sd) ** 2

    @property
    def scale(self) -> float:
        """The scale parameter, sd^2 / |mean|."""
        return self.sd**2 / abs(self.mean)

    def expected(self) -> float:
        """Return the mean."""
        return float(self.mean)

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can occur."""
        largest = self._largest
        return (0.0, largest) if self.mean > 0 else (-largest, 0.0)

    @cached_property
    def _largest(self) -> float:
        # P(|value| > largest) = 2^-32
        return float(self._size_quantiles(np.array([1.0 - TAIL]))[0])

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x), float64 of the shape of ``x``."""
        # F(x) = P(shape, x / scale), and 1 - P(shape, -x / scale) if mirrored
        x = np.asarray(x, dtype=np.float64)
        low, high = self.bounds()
        if self.mean > 0:
            share = lower_gamma(self.shape, np.maximum(x, 0.0) / self.scale)
        else:
            share = 1.0 - lower_gamma(self.shape, np.maximum(-x, 0.0) / self.scale)
        return np.where(x < low, 0.0, np.where(x >= high, 1.0, share))

    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of ``u`` in [0, 1], float64 of its shape."""
        # mirrored: x(u) = -|x|(1 - u)
        u = np.asarray(u, dtype=np.float64)
        return self._size_quantiles(u) if self.mean > 0 else -self._size_quantiles(1.0 - u)

    def _size_quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of |value|, by bisection of the distribution function."""
        # Start, in units of ``scale``: 40 sd above the mean is beyond any quantile of a float64.
        low = np.zeros_like(u)
        high = np.full_like(u, self.shape + 40.0 + 40.0 * math.sqrt(self.shape))
        # Each pass halves the interval: 60 passes leave 2^-60 of it.
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = lower_gamma(self.shape, middle) < u
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return high * self.scale


def lower_gamma(shape: float, x: np.ndarray) -> np.ndarray:
    """Return the regularised lower incomplete gamma function P(shape, x), float64."""
    x = np.asarray(x, dtype=np.float64)
    positive = np.where(x > 0.0, x, 1.0)
    # P(a, x) = f series(x) = 1 - f fraction(x) with the factor f = x^a e^-x / Gamma(a)
    prefactor = np.exp(shape * np.log(positive) - positive - math.lgamma(shape))
    # The series converges fast below the mean + 1, the continued fraction above it.
    is_small = positive < shape + 1.0
    result = np.where(
        is_small,
        prefactor * _series(shape, np.where(is_small, positive, 1.0)),
        1.0 - prefactor * _fraction(shape, np.where(is_small, shape + 2.0, positive)),
    )
    return np.where(x > 0.0, np.clip(result, 0.0, 1.0), 0.0)


def _series(shape: float, x: np.ndarray) -> np.ndarray:
    """Return the sum over n of x^n / (shape (shape + 1) ... (shape + n)), for small x (6.5.29)."""
    term = np.full_like(x, 1.0 / shape)
    total = term.copy()
    for n in range(1, N_TERMS):
        term = term * x / (shape + n)
        total += term
        if np.all(term < total * 1e-17):
            break
    return total


def _fraction(shape: float, x: np.ndarray) -> np.ndarray:
    """Return 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - 2 (2 - a) / ...)), a = shape (6.5.31)."""
    # Modified Lentz method: c is the ratio of successive numerators, d the inverse ratio of
    # successive denominators, h the fraction so far; a and b are its coefficients.
    b = x + 1.0 - shape
    c = np.full_like(x, 1.0 / TINY)
    d = 1.0 / b
    h = d.copy()
    for n in range(1, N_TERMS):
        a = -n * (n - shape)
        b = b + 2.0
        d = 1.0 / np.where(np.abs(a * d + b) < TINY, TINY, a * d + b)
        c = np.where(np.abs(b + a / c) < TINY, TINY, b + a / c)
        h *= d * c
        if np.all(np.abs(d * c - 1.0) < ROUNDING):
            break
    return h
