"""Weights and delays as integers: the 2^32 random words divided among the outcomes.

A distribution with the distribution function F is rounded to multiples of a unit: outcome k has the
probability F((k + 1/2) unit) - F((k - 1/2) unit), and the first and the last one have the tails too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distsnn.kernels.draw.alias import build_alias
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.space.by_distance import PairValues

N_WORDS = 2.0**32
SHORTEST_DELAY = 1  # steps: a spike arrives in a later step than the one it is sent in


def nearest(x: np.ndarray | float) -> np.ndarray:
    """Return the nearest integers as int64; halves are rounded up."""
    return np.floor(np.asarray(x, dtype=np.float64) + 0.5).astype(np.int64)


def delay_bounds(delay: Distribution | Listed | PairValues, dt_ms: float) -> tuple[int, int]:
    """Return the shortest and the longest possible delay in steps."""
    low, high = (max(SHORTEST_DELAY, int(nearest(bound / dt_ms))) for bound in delay.bounds())
    return low, high


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Alias table for the integers ``first`` .. ``first + words.size - 1``.

    words: int64, how many of the 2^32 words give each of them. table: uint32 [2^bits], from
    ``build_alias``.
    """

    first: int
    words: np.ndarray
    bits: int
    table: np.ndarray


@lru_cache(maxsize=256)
def outcomes(
    distribution: Distribution, unit: float, least: int | None, *, keeps_zero: bool = True
) -> Outcomes:
    """Return the outcomes of ``nearest(value / unit)``, with those below ``least`` raised to it.

    Probabilities are exact to half a word, 2^-33. There can be at most 65,536 outcomes. keeps_zero:
    values that are rounded to 0 remain 0; if False, they become 1 or -1 and only a value of exactly 0
    gives 0.
    """
    first, last = (int(nearest(bound / unit)) for bound in distribution.bounds())
    # The mass below ``least``, such as delays under one step, goes to ``least``.
    if least is not None:
        first, last = max(first, least), max(last, least)
    # Outcome k is bounded by edges (k - 1/2) unit and (k + 1/2) unit.
    edges = (np.arange(first, last) + 0.5) * unit
    cumulated = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    if not keeps_zero and first <= 0 <= last:
        # 0 gets F(0) - F(0-): the edges on either side of it move to 0.
        below, up_to = cdf_around_zero(distribution)
        if first < 0:
            cumulated[-first] = below
        if last > 0:
            cumulated[-first + 1] = up_to
    words = np.diff(np.rint(cumulated * N_WORDS)).astype(np.int64)
    bits, table = alias_table(words)
    return Outcomes(first, words, bits, table)


def alias_table(words: np.ndarray) -> tuple[int, np.ndarray]:
    """Return log2 of the size of an alias table, and the table (uint32), by ``build_alias``.

    words: int64, summing to 2^32, how many of the random words give each outcome.
    """
    bits = max(1, (words.size - 1).bit_length())
    columns = np.zeros(1 << bits, dtype=np.int64)
    columns[: words.size] = words
    table = np.empty(columns.size, dtype=np.uint32)
    build_alias(bits, columns, np.empty(columns.size, dtype=np.int32), table)
    return bits, table


def cdf_around_zero(distribution: Distribution) -> tuple[float, float]:
    """Return P(value < 0) and P(value <= 0)."""
    below, up_to = distribution.cdf(np.array([np.nextafter(0.0, -1.0), 0.0]))
    return float(below), float(up_to)
