"""Base class of the distributions with bounds: redrawing, clipping, and cutting unbounded tails."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from distsnn.checks import choice, must_be, number
from distsnn.errors import NetworkError
from distsnn.parameters import Drawn

CUT = 6.5  # standard deviations; the mass beyond is below 2^-32, that of one random word
# Standard deviations beyond which the mass is exactly 2^-32. Heavy-tailed distributions are cut
# here, so that all values that contribute to their variance can be drawn.
CUT_AT_ONE_WORD = 6.2303
MIN_MASS = 1e-3  # between bounds that are redrawn; less is taken for a mistake
PLAIN_NUMBER = "Give the plain number if nothing varies."


class Bounded(Protocol):
    """What ``require_finite_range`` asks of a distribution."""

    def expected(self) -> float:
        """Return the mean."""

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can occur."""


class Truncated(Drawn):
    """A distribution with bounds ``low`` and ``high``, derived from one without bounds.

    F0 and p0 are the distribution function and the density without bounds. A subclass defines
    ``whole_cdf`` (F0), ``whole_quantiles`` (its inverse), ``whole_support`` (where unbounded tails
    are cut) and ``partial_mean`` (the integral of x p0(x) from a to b).
    """

    mean: float
    sd: float
    low: float
    high: float
    outside: str

    def _check_bounds(self, subject: str) -> None:
        """Raise NetworkError unless bounds and moments describe a finite range of values."""
        number(f"{subject}.low", self.low, -math.inf, math.inf)
        number(f"{subject}.high", self.high, -math.inf, math.inf)
        if not self.low < self.high:
            limit = f"below high = {self.high}"
            raise NetworkError(must_be(f"{subject}.low", limit, self.low, "Move the bounds."))
        choice(f"{subject}.outside", self.outside, ("redraw", "clip"), error=NetworkError)
        self._require_spread(subject)
        with np.errstate(all="ignore"):
            mass = float(np.diff(self._shares())[0])
        if self.outside == "redraw" and not mass >= MIN_MASS:
            limit = f"such that at least {MIN_MASS:g} of the mass is between them"
            remedy = "Widen the bounds, or clip."
            raise NetworkError(must_be(f"{subject}.low, high", limit, f"{mass:.2g}", remedy))
        require_finite_range(f"{subject}.mean, sd", self)

    def _require_spread(self, subject: str) -> None:
        """Raise NetworkError unless the support without bounds is finite and wider than 0."""
        try:
            with np.errstate(all="ignore"):
                first, last = self.whole_support()
        except (ArithmeticError, ValueError):
            first, last = -math.inf, math.inf
        if not math.isfinite(last - first):
            limit, got = "such that all values are finite", f"{first:g} to {last:g}"
            raise NetworkError(
                must_be(f"{subject}.mean, sd", limit, got, "Choose smaller numbers.")
            )
        if not first < last:
            limit = f"large enough to change the mean {first:g}"
            raise NetworkError(must_be(f"{subject}.sd", limit, self.sd, PLAIN_NUMBER))

    def whole_cdf(self, x: np.ndarray) -> np.ndarray:
        """Return F0(x) = P(value <= x) without bounds."""
        raise TypeError(f"{type(self).__name__} must define whole_cdf")

    def whole_quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles without bounds."""
        raise TypeError(f"{type(self).__name__} must define whole_quantiles")

    def whole_support(self) -> tuple[float, float]:
        """Return the bounds at which unbounded tails are cut."""
        raise TypeError(f"{type(self).__name__} must define whole_support")

    def partial_mean(self, a: float, b: float) -> float:
        """Return the integral of x p0(x) from a to b."""
        raise TypeError(f"{type(self).__name__} must define partial_mean")

    def _shares(self) -> tuple[float, float]:
        """Return F0(low) and F0(high) of the smallest and the largest value that can occur."""
        below, up_to = self.whole_cdf(np.array(self.bounds()))
        return float(below), float(up_to)

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can occur, both finite."""
        first, last = (min(max(bound, self.low), self.high) for bound in self.whole_support())
        return float(first), float(last)

    def expected(self) -> float:
        """Return the mean, with the bounds taken into account."""
        low, high = self.bounds()
        below, up_to = self._shares()
        inside = self.partial_mean(low, high)
        if self.outside == "redraw":
            # redraw: integral of x p0(x) between the bounds / (F0(high) - F0(low))
            return inside / (up_to - below)
        # clip: the mass beyond a bound is at the bound: + low F0(low) + high (1 - F0(high))
        return inside + low * below + high * (1.0 - up_to)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x), float64 of the shape of ``x``."""
        x = np.asarray(x, dtype=np.float64)
        low, high = self.bounds()
        share = self.whole_cdf(x)
        if self.outside == "redraw":
            below, up_to = self._shares()
            # redraw: F(x) = (F0(x) - F0(low)) / (F0(high) - F0(low))
            share = np.clip((share - below) / (up_to - below), 0.0, 1.0)
        return np.where(x < low, 0.0, np.where(x >= high, 1.0, share))

    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of ``u`` in [0, 1], float64 of its shape."""
        u = np.asarray(u, dtype=np.float64)
        if self.outside == "redraw":
            below, up_to = self._shares()
            # redraw: x(u) = x0(F0(low) + u (F0(high) - F0(low))), x0 the inverse of F0
            u = below + u * (up_to - below)
        return np.clip(self.whole_quantiles(u), *self.bounds())


def require_finite_range(subject: str, distribution: Bounded) -> None:
    """Raise NetworkError unless all values, their mean and the width of their range are finite."""
    try:
        with np.errstate(all="ignore"):
            low, high = distribution.bounds()
            mean = distribution.expected()
    except (ArithmeticError, ValueError):
        low, high, mean = -math.inf, math.inf, math.nan
    if not (math.isfinite(high - low) and math.isfinite(mean)):
        limit, got = "such that all values and their range are finite", f"{low:g} to {high:g}"
        raise NetworkError(must_be(subject, limit, got, "Choose smaller numbers."))
