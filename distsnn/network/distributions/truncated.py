"""Base of the distributions with bounds: redraw, clip, and the cut of unbounded tails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.checks import choice, must_be, number
from distsnn.errors import NetworkError
from distsnn.parameters import Drawn

CUT = 6.5  # standard deviations; the mass beyond is below 2^-32, that of one random word
# Standard deviations beyond which the mass is exactly 2^-32. Distributions with heavy tails are cut
# here, so that every value that counts in their variance can be drawn.
CUT_AT_ONE_WORD = 6.2303
MIN_MASS = 1e-3  # between the bounds, so that not nearly all draws are rejected
PLAIN_NUMBER = "Give the plain number if nothing varies."


class Truncated(Drawn):
    """A distribution with ``low``, ``high`` and ``outside``, given the one without bounds.

    A subclass defines ``whole_cdf``, ``whole_quantiles``, ``whole_support`` (the bounds at which
    unbounded tails are cut) and ``partial_mean(a, b)``, the integral of x p(x) from a to b.
    """

    mean: float
    sd: float
    low: float
    high: float
    outside: str

    def _check_bounds(self, thing: str) -> None:
        number(f"{thing}.low", self.low, -math.inf, math.inf)
        number(f"{thing}.high", self.high, -math.inf, math.inf)
        if not self.low < self.high:
            limit = f"below high = {self.high}"
            raise NetworkError(must_be(f"{thing}.low", limit, self.low, "Move the bounds."))
        choice(f"{thing}.outside", self.outside, ("redraw", "clip"), error=NetworkError)
        self._require_spread(thing)
        with np.errstate(all="ignore"):
            mass = float(np.diff(self._shares())[0])
        if self.outside == "redraw" and not mass >= MIN_MASS:
            limit = f"such that at least {MIN_MASS:g} of the mass is between them"
            remedy = "Widen the bounds, or clip."
            raise NetworkError(must_be(f"{thing}.low, high", limit, f"{mass:.2g}", remedy))
        require_finite_range(f"{thing}.mean, sd", self)

    def _require_spread(self, thing: str) -> None:
        """Raise NetworkError unless the support without bounds is a finite range."""
        try:
            with np.errstate(all="ignore"):
                first, last = self.whole_support()
        except (ArithmeticError, ValueError):
            first, last = -math.inf, math.inf
        if not math.isfinite(last - first):
            limit, got = "such that all values are finite", f"{first:g} to {last:g}"
            raise NetworkError(must_be(f"{thing}.mean, sd", limit, got, "Choose smaller numbers."))
        if not first < last:
            limit = f"large enough to change the mean {first:g}"
            raise NetworkError(must_be(f"{thing}.sd", limit, self.sd, PLAIN_NUMBER))

    def whole_cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x) without bounds."""
        raise TypeError(f"{type(self).__name__} must define whole_cdf")

    def whole_quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles without bounds."""
        raise TypeError(f"{type(self).__name__} must define whole_quantiles")

    def whole_support(self) -> tuple[float, float]:
        """Return the bounds at which unbounded tails are cut."""
        raise TypeError(f"{type(self).__name__} must define whole_support")

    def partial_mean(self, a: float, b: float) -> float:
        """Return the integral of x p(x) from a to b, without bounds."""
        raise TypeError(f"{type(self).__name__} must define partial_mean")

    def _shares(self) -> tuple[float, float]:
        """Return the mass below the least and up to the greatest value that can occur."""
        below, up_to = self.whole_cdf(np.array(self.bounds()))
        return float(below), float(up_to)

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value that can occur, both finite."""
        first, last = (min(max(bound, self.low), self.high) for bound in self.whole_support())
        return float(first), float(last)

    def expected(self) -> float:
        """Return the mean, bounds included."""
        low, high = self.bounds()
        below, up_to = self._shares()
        inside = self.partial_mean(low, high)
        if self.outside == "redraw":
            return inside / (up_to - below)
        # clip: the mass beyond each bound is at the bound.
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
            # Quantiles of the truncated distribution: below + u (mass between the bounds).
            u = below + u * (up_to - below)
        return np.clip(self.whole_quantiles(u), *self.bounds())


def require_finite_range(thing: str, distribution: Any) -> None:
    """Raise NetworkError unless all values, their mean and the width of their range are finite."""
    try:
        with np.errstate(all="ignore"):
            low, high = distribution.bounds()
            mean = distribution.expected()
    except (ArithmeticError, ValueError):
        low, high, mean = -math.inf, math.inf, math.nan
    if not (math.isfinite(high - low) and math.isfinite(mean)):
        limit, got = "such that all values and their range are finite", f"{low:g} to {high:g}"
        raise NetworkError(must_be(thing, limit, got, "Choose smaller numbers."))
