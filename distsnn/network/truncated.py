"""What the distributions with bounds share: redraw, clip, and the cut of endless tails."""

from __future__ import annotations

import math

import numpy as np

from distsnn.errors import NetworkError
from distsnn.stimuli.checks import require_number

CUT = 6.5  # standard deviations; beyond them lies less than 2^-32, the mass of one random word
# Where exactly that mass lies beyond. Of distributions whose spread is made by their largest values
# nothing may be left that no word can draw.
CUT_AT_ONE_WORD = 6.2303
LEAST_MASS = 1e-3  # redrawing must not have to reject nearly everything


class Truncated:
    """A distribution with ``low``, ``high`` and ``outside``, given the one without bounds.

    A subclass says ``whole_cdf``, ``whole_quantiles``, ``whole_ends`` (where it is cut) and
    ``partial_mean(a, b)``, the integral of x over the mass between a and b.
    """

    low: float
    high: float
    outside: str

    def _check_bounds(self, thing: str) -> None:
        require_number(thing, "low", self.low)
        require_number(thing, "high", self.high)
        if not self.low < self.high:
            raise NetworkError(
                f"{thing}: low is {self.low}, limit below high = {self.high}. Move the bounds."
            )
        if self.outside not in ("redraw", "clip"):
            raise NetworkError(
                f"{thing}: outside is {self.outside!r}, limit 'redraw' or 'clip'. Choose one."
            )
        mass = float(np.diff(self._shares())[0])
        if self.outside == "redraw" and mass < LEAST_MASS:
            raise NetworkError(
                f"{thing}: the share between low and high is {mass:.2g}, "
                f"limit at least {LEAST_MASS:g}. Widen the bounds, or clip."
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


def require_spread(thing: str, sd: float) -> None:
    """Raise NetworkError where a standard deviation is not positive."""
    if not sd > 0 or math.isinf(sd):
        raise NetworkError(
            f"{thing}: sd is {sd}, limit above 0. Give the plain number where nothing varies."
        )
