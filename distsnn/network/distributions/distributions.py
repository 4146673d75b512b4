"""Distributions of weights, delays and initial states.

A distribution is plain data with the methods ``expected()``, ``bounds()``, ``cdf(x)`` and
``quantiles(u)``. Values outside ``low`` and ``high`` are drawn again (``outside="redraw"``, which
renormalises the rest) or set to the bound (``outside="clip"``). An unbounded tail is cut at 6.5
standard deviations. The tail of ``LogNormal`` is cut at 6.23 standard deviations of the logarithm,
where the mass beyond is that of one random word, 2^-32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import is_number, must_be, number
from distsnn.errors import NetworkError
from distsnn.network.distributions.gamma import Gamma
from distsnn.network.distributions.normal_functions import (
    normal_cdf,
    normal_density,
    normal_quantiles,
)
from distsnn.network.distributions.shared import Shared
from distsnn.network.distributions.truncated import (
    CUT,
    CUT_AT_ONE_WORD,
    PLAIN_NUMBER,
    Truncated,
    require_finite_range,
)
from distsnn.parameters import Drawn


@dataclass(frozen=True)
class Constant(Drawn):
    """The same value every time. Raises NetworkError unless it is a finite number."""

    value: float

    def __post_init__(self) -> None:
        number("Constant.value", self.value)

    def expected(self) -> float:
        """Return the mean."""
        return float(self.value)

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can occur."""
        return float(self.value), float(self.value)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x), float64 of the shape of ``x``."""
        # F(x) = 0 for x < value, 1 from there on
        return (np.asarray(x, dtype=np.float64) >= self.value).astype(np.float64)

    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of ``u`` in [0, 1], float64 of its shape."""
        return np.full(np.shape(u), float(self.value))


@dataclass(frozen=True)
class Uniform(Drawn):
    """Uniform distribution between ``low`` and ``high``, in the unit of what is drawn.

    Raises NetworkError unless low < high and both are finite.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        number("Uniform.low", self.low)
        number("Uniform.high", self.high)
        if not self.low < self.high:
            limit, remedy = f"below high = {self.high}", PLAIN_NUMBER
            raise NetworkError(must_be("Uniform.low", limit, self.low, remedy))
        require_finite_range("Uniform.low, high", self)

    def expected(self) -> float:
        """Return the mean."""
        return 0.5 * (self.low + self.high)

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can occur."""
        return float(self.low), float(self.high)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x), float64 of the shape of ``x``."""
        # F(x) = (x - low) / (high - low)
        share = (np.asarray(x, dtype=np.float64) - self.low) / (self.high - self.low)
        return np.clip(share, 0.0, 1.0)

    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of ``u`` in [0, 1], float64 of its shape."""
        # x(u) = low + (high - low) u
        return self.low + (self.high - self.low) * np.asarray(u, dtype=np.float64)


@dataclass(frozen=True)
class Normal(Truncated):
    """Normal distribution.

    mean, sd: without bounds, in the unit of what is drawn. low, high: bounds. outside: "redraw" or
    "clip". Raises NetworkError if hardly any mass (0.1 %) lies between bounds that are redrawn.
    """

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf
    outside: str = "redraw"

    def __post_init__(self) -> None:
        number("Normal.mean", self.mean)
        number("Normal.sd", self.sd, above=0.0, remedy=PLAIN_NUMBER)
        self._check_bounds("Normal")

    def whole_cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x) without bounds."""
        # F(x) = Phi((x - mean) / sd)
        return normal_cdf((x - self.mean) / self.sd)

    def whole_quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles without bounds."""
        # x(u) = mean + sd Phi^-1(u)
        return self.mean + self.sd * normal_quantiles(u)

    def whole_support(self) -> tuple[float, float]:
        """Return the bounds at which the tails are cut."""
        return self.mean - CUT * self.sd, self.mean + CUT * self.sd

    def partial_mean(self, a: float, b: float) -> float:
        """Return the integral of x p(x) from a to b, without bounds."""
        # mean (Phi(z_b) - Phi(z_a)) - sd (phi(z_b) - phi(z_a)), z = (x - mean) / sd
        z = (np.array([a, b]) - self.mean) / self.sd
        mass, density = np.diff(normal_cdf(z))[0], np.diff(normal_density(z))[0]
        return float(self.mean * mass - self.sd * density)


@dataclass(frozen=True)
class LogNormal(Truncated):
    """Log-normal distribution; ``mean`` and ``sd`` are its own, not those of its logarithm.

    A negative mean gives the mirrored distribution, for inhibitory weights. low, high, outside: as
    for ``Normal``; ``from_log`` takes the moments of the logarithm instead. Raises NetworkError for a
    mean of 0.
    """

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf
    outside: str = "redraw"

    @classmethod
    def from_log(
        cls,
        mu: float,
        sigma: float,
        low: float = -math.inf,
        high: float = math.inf,
        outside: str = "redraw",
    ) -> LogNormal:
        """Return the distribution whose logarithm has mean ``mu`` and standard deviation ``sigma``."""
        number("LogNormal.from_log: mu", mu)
        number("LogNormal.from_log: sigma", sigma, above=0.0, remedy=PLAIN_NUMBER)
        try:
            # mean = exp(mu + sigma^2 / 2), sd = mean sqrt(exp(sigma^2) - 1)
            mean = math.exp(mu + 0.5 * sigma**2)
            sd = mean * math.sqrt(math.expm1(sigma**2))
        except OverflowError:
            mean = sd = 0.0
        if not mean < mean + CUT * sd:
            limit, got = "such that values differ and are finite", f"{mu:g}, {sigma:g}"
            subject = "LogNormal.from_log: mu, sigma"
            raise NetworkError(must_be(subject, limit, got, "Choose others."))
        return cls(mean, sd, low, high, outside)

    def __post_init__(self) -> None:
        number("LogNormal.mean", self.mean)
        number("LogNormal.sd", self.sd, above=0.0, remedy=PLAIN_NUMBER)
        if self.mean == 0:
            remedy = "Give its mean, not its log's."
            raise NetworkError(must_be("LogNormal.mean", "other than 0", self.mean, remedy))
        self._check_bounds("LogNormal")

    @property
    def sigma(self) -> float:
        """Standard deviation of log |value|."""
        # sigma^2 = log(1 + (sd / mean)^2)
        return math.sqrt(math.log1p((self.sd / self.mean) ** 2))

    @property
    def mu(self) -> float:
        """Mean of log |value|."""
        # mu = log |mean| - sigma^2 / 2
        return math.log(abs(self.mean)) - 0.5 * self.sigma**2

    @property
    def _sign(self) -> float:
        return math.copysign(1.0, self.mean)

    def _score(self, x: np.ndarray) -> np.ndarray:
        """Return z = (log |x| - mu) / sigma, and -inf for values of the other sign."""
        size = np.asarray(x, dtype=np.float64) * self._sign
        score = (np.log(np.where(size > 0, size, 1.0)) - self.mu) / self.sigma
        return np.where(size > 0, score, -math.inf)

    def whole_cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x) without bounds."""
        # F(x) = Phi(z) for x > 0, and Phi(-z) for x < 0 if mirrored
        return normal_cdf(self._sign * self._score(x))

    def whole_quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles without bounds."""
        # x(u) = exp(mu + sigma Phi^-1(u)), mirrored: x(u) = -exp(mu - sigma Phi^-1(u))
        return self._sign * np.exp(self.mu + self.sigma * self._sign * normal_quantiles(u))

    def whole_support(self) -> tuple[float, float]:
        """Return the bounds at which the tails are cut."""
        # exp(mu -+ 6.23 sigma)
        width = CUT_AT_ONE_WORD * self.sigma
        low, high = sorted(self._sign * math.exp(self.mu + s * width) for s in (-1, 1))
        return low, high

    def partial_mean(self, a: float, b: float) -> float:
        """Return the integral of x p(x) from a to b, without bounds."""
        # mean (Phi(z_b - sigma) - Phi(z_a - sigma)), z = (log |x| - mu) / sigma
        z = np.sort(self._score(np.array([a, b]))) - self.sigma
        return float(self.mean * np.diff(normal_cdf(z))[0])


Distribution = Constant | Uniform | Normal | LogNormal | Gamma | Shared


def as_distribution(value: Any, subject: str) -> Distribution:
    """Return a distribution as it is and a number as a ``Constant``.

    Raises NetworkError, about ``subject``, for anything else.
    """
    if isinstance(value, Distribution):
        return value
    if not is_number(value):
        limit = "a number or a distribution"
        raise NetworkError(must_be(subject, limit, value, "Give one such as Normal(1.0, 0.1)."))
    return Constant(number(subject, value))
