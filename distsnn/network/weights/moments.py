"""Mean, standard deviation and mean size of a distribution, by numerical integration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distsnn.network.distributions.distributions import Constant, Distribution

N_LINEAR = 4_001  # grid points that are equally spaced between the bounds
N_LOGARITHMIC = 3_001  # and, for each sign, in the logarithm of the size: 200 per decade
MIN_CLIPPED = 1e-12  # less mass at the upper bound is not told from rounding


@dataclass(frozen=True)
class Moments:
    """Moments of a random value x: its mean, its standard deviation, and ``size``, the mean of |x|."""

    mean: float
    sd: float
    size: float


@lru_cache(maxsize=256)
def moments(distribution: Distribution) -> Moments:
    """Return the moments of a distribution, with a relative error of about 10^-6.

    The distribution function is evaluated on a grid that is fine compared with both the spread of
    the values and, near 0, their size.
    """
    low, high = distribution.bounds()
    if isinstance(distribution, Constant) or low == high:
        return Moments(float(low), 0.0, abs(float(low)))
    grid = np.unique(np.concatenate([_log_grid(low, high), np.linspace(low, high, N_LINEAR)]))
    # Cell k reaches from grid[k - 1] to grid[k]; cell 0 is the mass exactly at the lower bound.
    masses = np.diff(distribution.cdf(grid), prepend=0.0)
    midpoints = np.concatenate([grid[:1], 0.5 * (grid[1:] + grid[:-1])])
    widths = np.diff(grid, prepend=grid[0])
    # Mass exactly at the upper bound, part of the last cell so far, becomes a cell of no width.
    clipped = 1.0 - float(distribution.cdf(np.nextafter(grid[-1:], -np.inf))[0])
    if clipped > MIN_CLIPPED:
        masses[-1] -= clipped
        masses, midpoints = np.append(masses, clipped), np.append(midpoints, grid[-1])
        widths = np.append(widths, 0.0)
    # E[x] = sum m_k x_k; Var[x] = sum m_k ((x_k - E[x])^2 + w_k^2 / 12), uniform within a cell
    mean = float(midpoints @ masses)
    variance = ((midpoints - mean) ** 2 + widths**2 / 12.0) @ masses
    return Moments(mean, float(np.sqrt(variance)), float(np.abs(midpoints) @ masses))


def _log_grid(low: float, high: float) -> np.ndarray:
    """Return points over 15 decades of |value| below either bound, equally spaced in its logarithm."""
    fractions = np.logspace(-15.0, 0.0, N_LOGARITHMIC)
    parts: list[Sequence[float] | np.ndarray] = [[low, high]]
    if low < 0:
        parts.append(low * fractions)
    if high > 0:
        parts.append(high * fractions)
    grid = np.concatenate(parts)
    return grid[(grid >= low) & (grid <= high)]
