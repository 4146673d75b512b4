"""What the distributions with bounds share: redraw, clip, and the cut of endless tails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.checks import choice, must_be, number
from distsnn.errors import NetworkError

CUT = 6.5  # standard deviations; beyond them lies less than 2^-32, the mass of one random word
# Where exactly that mass lies beyond. Of distributions whose spread is made by their largest values
# nothing may be left that no word can draw.
CUT_AT_ONE_WORD = 6.2303
MIN_MASS = 1e-3  # redrawing must not have to reject nearly everything
PLAIN_NUMBER = "Give the plain number if nothing varies."


class Truncated:
    """A distribution with ``low``, ``high`` and ``outside``, given the one without bounds.

    A subclass says ``whole_cdf``, ``whole_quantiles``, ``whole_ends`` (where it is cut) and
    ``partial_mean(a, b)``, the integral of x over the mass between a and b.
    """

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
            limit = f"such that a share of at least {MIN_MASS:g} lies between them"
            remedy = "Widen the bounds, or clip."
            raise NetworkError(must_be(f"{thing}.low, high", limit, f"{mass:.2g}", remedy))
        require_finite_range(f"{thing}.mean, sd", self)

    def _require_spread(self, thing: str) -> None:
        """Raise where the ends without bounds are not two finite numbers."""
        try:
            with np.errstate(all="ignore"):
                first, last = self.whole_ends()
        except (ArithmeticError, ValueError):
            first, last = -math.inf, math.inf
        if not math.isfinite(last - first):
            limit, got = "such that all values are finite", f"{first:g} to {last:g}"
            raise NetworkError(must_be(f"{thing}.mean, sd", limit, got, "Choose smaller numbers."))
        if not first < last:
            limit = f"large enough to be seen beside the mean {first:g}"
            raise NetworkError(
                must_be(f"{thing}.sd", limit, getattr(self, "sd", None), PLAIN_NUMBER)
            )

    def whole_cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x) without bounds."""
        raise TypeError(f"{type(self).__name__} does not say its distribution function")

    def whole_quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles without bounds."""
        raise TypeError(f"{type(self).__name__} does not say its quantiles")

    def whole_ends(self) -> tuple[float, float]:
        """Return where the distribution is cut at the latest."""
        raise TypeError(f"{type(self).__name__} does not say its ends")

    def partial_mean(self, a: float, b: float) -> float:
        """Return the integral of x over the mass between a and b, without bounds."""
        raise TypeError(f"{type(self).__name__} does not say its mean")

    def _shares(self) -> tuple[float, float]:
        """Return the mass below the least and up to the greatest value that can occur."""
        below, up_to = self.whole_cdf(np.array(self.bounds()))
        return float(below), float(up_to)

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value that can occur, both finite."""
        first, last = (min(max(end, self.low), self.high) for end in self.whole_ends())
        return float(first), float(last)

    def expected(self) -> float:
        """Return the mean, bounds included."""
        low, high = self.bounds()
        below, up_to = self._shares()
        inside = self.partial_mean(low, high)
        if self.outside == "redraw":
            return inside / (up_to - below)
        return inside + low * below + high * (1.0 - up_to)

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x), float64 of the shape of ``x``."""
        x = np.asarray(x, dtype=np.float64)
        low, high = self.bounds()
        share = self.whole_cdf(x)
        if self.outside == "redraw":
            below, up_to = self._shares()
            share = np.clip((share - below) / (up_to - below), 0.0, 1.0)
        return np.where(x < low, 0.0, np.where(x >= high, 1.0, share))

    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the values below which a share ``u`` of the mass lies, float64 of its shape."""
        u = np.asarray(u, dtype=np.float64)
        if self.outside == "redraw":
            below, up_to = self._shares()
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
