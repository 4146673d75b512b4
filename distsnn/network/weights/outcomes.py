"""Weights and delays as integers: how many of the 2^32 random words belong to each outcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distsnn.kernels.draw.alias import build_alias
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.space.by_distance import PairValues

N_WORDS = 2.0**32
SHORTEST_DELAY = 1


def nearest(x: np.ndarray | float) -> np.ndarray:
    """Return the nearest integers as int64; halves go up."""
    return np.floor(np.asarray(x, dtype=np.float64) + 0.5).astype(np.int64)


def delay_bounds(delay: Distribution | Listed | PairValues, dt_ms: float) -> tuple[int, int]:
    """Return the least and the greatest delay in steps."""
    low, high = (max(SHORTEST_DELAY, int(nearest(bound / dt_ms))) for bound in delay.bounds())
    return low, high


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What ``draw_alias`` looks up: the integers ``first`` .. ``first + words.size - 1``.

    words: int64, how many of the 2^32 words give each of them. table: uint32 [2^bits], the columns
    of the alias method.
    """

    first: int
    words: np.ndarray
    bits: int
    table: np.ndarray


@lru_cache(maxsize=256)
def outcomes(
    distribution: Distribution, unit: float, least: int | None, *, keeps_zero: bool = True
) -> Outcomes:
    """Return the outcomes of ``nearest(value / unit)``, those below ``least`` set to ``least``.

    Probabilities come from the distribution function and are right to half a word. At most 65,536
    outcomes. keeps_zero: otherwise only what is exactly 0 becomes 0, and what would be rounded to it
    becomes 1 or -1.
    """
    first, last = (int(nearest(bound / unit)) for bound in distribution.bounds())
    if least is not None:
        first, last = max(first, least), max(last, least)
    edges = (np.arange(first, last) + 0.5) * unit
    shares = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    if not keeps_zero and first <= 0 <= last:
        below, up_to = distribution.cdf(np.array([np.nextafter(0.0, -1.0), 0.0]))
        if first < 0:
            shares[-first] = below
        if last > 0:
            shares[-first + 1] = up_to
    words = np.diff(np.rint(shares * N_WORDS)).astype(np.int64)
    bits = max(1, (words.size - 1).bit_length())
    columns = np.zeros(1 << bits, dtype=np.int64)
    columns[: words.size] = words
    table = np.empty(columns.size, dtype=np.uint32)
    build_alias(bits, columns, np.empty(columns.size, dtype=np.int32), table)
    return Outcomes(first, words, bits, table)
