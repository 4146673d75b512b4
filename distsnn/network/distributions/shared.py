"""State variables of a neuron that depend on the same random number, for graded neuron types."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be, number, text
from distsnn.errors import NetworkError
from distsnn.network.distributions.truncated import PLAIN_NUMBER, require_finite_range
from distsnn.parameters import Drawn


@dataclass(frozen=True)
class Shared(Drawn):
    """The value start + (end - start) r^exponent, with r uniform in 0 .. 1 and shared by name.

    draw: the name of r. All state variables of a neuron whose initial distributions have the same
    ``draw`` share one r, which differs from neuron to neuron. That gives a continuum of neuron types,
    as in Izhikevich 2003 (IEEE Trans Neural Networks 14:1569): c = -65 + 15 r^2 with d = 8 - 6 r^2.
    Weights and delays are drawn independently, as from any other distribution.
    """

    draw: str
    start: float
    end: float
    exponent: float = 1.0

    def __post_init__(self) -> None:
        text("Shared.draw", self.draw, remedy="Give a name such as 'r'.")
        number("Shared.start", self.start)
        number("Shared.end", self.end)
        number("Shared.exponent", self.exponent, above=0.0, remedy="Exchange start and end.")
        if self.start == self.end:
            limit = f"other than start = {self.start}"
            raise NetworkError(must_be("Shared.end", limit, self.end, PLAIN_NUMBER))
        require_finite_range("Shared.start, end", self)
        if not math.isfinite(1.0 / self.exponent):
            limit = "large enough that its inverse is finite"
            raise NetworkError(must_be("Shared.exponent", limit, self.exponent, "Raise it."))

    def of(self, r: np.ndarray) -> np.ndarray:
        """Return the values that belong to the random numbers ``r``, float64 of its shape."""
        r = np.asarray(r, dtype=np.float64)
        return self.start + (self.end - self.start) * r**self.exponent

    def expected(self) -> float:
        """Return the mean."""
        # E[r^e] = 1 / (e + 1)
        return self.start + (self.end - self.start) / (self.exponent + 1.0)

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value that can occur."""
        return float(min(self.start, self.end)), float(max(self.start, self.end))

    def cdf(self, x: np.ndarray) -> np.ndarray:
        """Return P(value <= x), float64 of the shape of ``x``."""
        # P(r^e <= y) = y^(1 / e); a falling ramp (end < start) has the complement.
        fraction = (np.asarray(x, dtype=np.float64) - self.start) / (self.end - self.start)
        r = np.clip(fraction, 0.0, 1.0) ** (1.0 / self.exponent)
        return r if self.end > self.start else 1.0 - r

    def quantiles(self, u: np.ndarray) -> np.ndarray:
        """Return the quantiles of ``u`` in [0, 1], float64 of its shape."""
        u = np.asarray(u, dtype=np.float64)
        # x(u) must rise with u, also where end < start.
        return self.of(u if self.end > self.start else 1.0 - u)
