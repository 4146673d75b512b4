"""Lanes: how weights of very different size become whole numbers onto one receptor.

A weight is stored as an int16 multiple n of a quantum, so that sums of weights are exact whatever
their order. One quantum holds sizes within a factor of 64 to 0.1 %; weights that differ more are
split over several *lanes* of the receptor, each with a quantum and sums of its own. The neuron adds
up the lanes of a receptor when it reads its input. Lanes are numbered within a population: first one
for each receptor, then the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distsnn.kernels.draw.alias import build_alias
from distsnn.kernels.formats import MAX_OUTCOMES, MAX_QUANTA
from distsnn.network.distributions.distributions import Constant, Distribution
from distsnn.network.weights.outcomes import N_WORDS, nearest

PRECISION = 1e-3  # what a stored weight may differ from the given one, relative to it
MIN_QUANTA = 512  # a weight of so many quanta is right to 1 / (2 * 512) < PRECISION
N_FINE = 1024  # values in each octave of a distribution that is drawn onto several lanes


@dataclass(frozen=True)
class Ladder:
    """The lanes of one receptor, from the coarsest quantum to the finest.

    lanes: their numbers in the population. quanta: in the receptor's unit. tops: the largest size
    that each lane takes, descending. is_given: the model says the quantum; then what rounds to 0 is
    0, as on its chip.
    """

    receptor: int
    lanes: tuple[int, ...]
    quanta: tuple[float, ...]
    tops: tuple[float, ...]
    is_given: bool = False

    def rungs(self, sizes: np.ndarray) -> np.ndarray:
        """Return the place in the ladder for each size: the finest lane that takes it, int64."""
        ascending = np.array(self.tops[::-1])
        place = len(self.tops) - 1 - np.searchsorted(ascending, sizes, side="left")
        return np.maximum(place, 0)

    def encode(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return quanta (int16) and places in the ladder (int64) of weights, both of their shape.

        A weight that is not 0 does not become 0.
        """
        rungs = self.rungs(np.abs(values))
        quanta = nearest(values / np.array(self.quanta)[rungs])
        if not self.is_given:
            quanta = np.where((quanta == 0) & (values != 0), np.sign(values), quanta)
        return quanta.astype(np.int16), rungs


@dataclass(frozen=True)
class WeightCode:
    """How the weights of one projection are stored: one ladder for each sign.

    ``positive`` also takes 0. Both are the same where the projection names its receptor.
    """

    positive: Ladder
    negative: Ladder

    def encode(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return quanta (int16) and lanes (uint8) of weights (float64)."""
        values = np.asarray(values, dtype=np.float64)
        quanta = np.empty(values.shape, dtype=np.int16)
        lanes = np.empty(values.shape, dtype=np.uint8)
        is_negative = values < 0
        for chosen, ladder in ((~is_negative, self.positive), (is_negative, self.negative)):
            quanta[chosen], rungs = ladder.encode(values[chosen])
            lanes[chosen] = np.array(ladder.lanes, dtype=np.uint8)[rungs]
        return quanta, lanes

    def decode(self, quanta: np.ndarray, lanes: np.ndarray) -> np.ndarray:
        """Return the weights that are stored so, float64."""
        known = {
            lane: quantum
            for ladder in (self.negative, self.positive)
            for lane, quantum in zip(ladder.lanes, ladder.quanta, strict=True)
        }
        by_lane = np.zeros(max(known) + 1)
        by_lane[list(known)] = list(known.values())
        return quanta.astype(np.float64) * by_lane[lanes]

    def receptor_of_lane(self) -> dict[int, int]:
        """Return the receptor of each lane that the code uses."""
        return {lane: one.receptor for one in (self.positive, self.negative) for lane in one.lanes}

    def single_lane(self, low: float, high: float) -> tuple[int, float] | None:
        """Return lane and quantum where all weights from ``low`` to ``high`` are on one lane."""
        used = set()
        if high >= 0:
            used |= self._lanes_between(self.positive, max(low, 0.0), high)
        if low < 0:
            used |= self._lanes_between(self.negative, max(-high, 0.0), -low)
        return used.pop() if len(used) == 1 else None

    @staticmethod
    def _lanes_between(ladder: Ladder, small: float, large: float) -> set[tuple[int, float]]:
        coarse, fine = ladder.rungs(np.array([large, small]))
        return {(ladder.lanes[k], ladder.quanta[k]) for k in range(coarse, fine + 1)}

    def values(self, low: float, high: float) -> np.ndarray:
        """Return all weights from ``low`` to ``high`` that can be drawn, float64, ascending.

        One more on either side is among them, since it may be the nearest to a bound.
        """
        n_fine = N_FINE
        while True:
            below = -_ladder_sizes(self.negative, n_fine)[::-1] if low < 0 else np.zeros(0)
            above = _ladder_sizes(self.positive, n_fine) if high > 0 else np.zeros(0)
            found = np.concatenate([below, [0.0], above])
            first, end = np.searchsorted(found, [low, high])
            found = found[max(0, first - 1) : end + 1]
            if found.size <= MAX_OUTCOMES:
                return found
            n_fine //= 2


def _ladder_sizes(ladder: Ladder, n_fine: int) -> np.ndarray:
    """Return the sizes that a ladder holds, ascending, at most ``n_fine`` in each octave."""
    n_octaves = (MAX_QUANTA // n_fine).bit_length()
    parts = [np.arange(1, n_fine, dtype=np.int64)]
    parts += [np.arange(n_fine, 2 * n_fine, dtype=np.int64) << k for k in range(n_octaves)]
    whole = np.concatenate(parts)
    whole = whole[whole <= MAX_QUANTA]
    found = []
    for k, (quantum, top) in enumerate(zip(ladder.quanta, ladder.tops, strict=True)):
        sizes = whole * quantum
        next_top = ladder.tops[k + 1] if k + 1 < len(ladder.tops) else 0.0
        found.append(sizes[(sizes > next_top) & (sizes <= top * (1 + 1e-9))])
    return np.unique(np.concatenate(found))


@dataclass(frozen=True, eq=False)
class LaneOutcomes:
    """What is looked up for a distribution that is drawn onto several lanes.

    values: float64. words: int64, how many of the 2^32 random words give each of them. quanta:
    int16, lanes: uint8. table: uint32 [2^bits], the columns of the alias method; first: the number
    of the first outcome.
    """

    values: np.ndarray
    words: np.ndarray
    quanta: np.ndarray
    lanes: np.ndarray
    bits: int
    table: np.ndarray
    first: int = 0


@lru_cache(maxsize=64)
def lane_outcomes(distribution: Distribution, code: WeightCode) -> LaneOutcomes:
    """Return the outcomes of a distribution; probabilities are right to half a random word.

    Each value stands for what is nearest to it, but 0 for exactly 0 alone.
    """
    low, high = distribution.bounds()
    values = code.values(low, high)
    words = words_between(distribution, values)
    values, words = values[words > 0], words[words > 0]
    quanta, lanes = code.encode(values)
    bits = max(1, (values.size - 1).bit_length())
    columns = np.zeros(1 << bits, dtype=np.int64)
    columns[: words.size] = words
    table = np.empty(columns.size, dtype=np.uint32)
    build_alias(bits, columns, np.empty(columns.size, dtype=np.int32), table)
    return LaneOutcomes(values, words, quanta, lanes, bits, table)


def words_between(distribution: Distribution, values: np.ndarray) -> np.ndarray:
    """Return how many random words belong to each of the ascending values, int64."""
    edges = 0.5 * (values[1:] + values[:-1])
    shares = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    at_zero = int(np.searchsorted(values, 0.0))
    if at_zero < values.size and values[at_zero] == 0.0:
        below, up_to = distribution.cdf(np.array([np.nextafter(0.0, -1.0), 0.0]))
        if at_zero > 0:
            shares[at_zero] = below
        if at_zero + 1 < values.size:
            shares[at_zero + 1] = up_to
    return np.diff(np.rint(shares * N_WORDS)).astype(np.int64)


@dataclass(frozen=True)
class WeightError:
    """What storing the weights of a projection changes, each relative to what was asked for.

    largest: of a weight that was given as a number. mean, sd: of a distribution or list. lost: the
    share of synapses whose weight becomes 0 though it is not (chips with whole-numbered weights).
    """

    largest: float = 0.0
    mean: float = 0.0
    sd: float = 0.0
    lost: float = 0.0

    def changes(self) -> str:
        """Return in words what is changed by more than PRECISION, "" where nothing is."""
        parts = (("a weight by", self.largest), ("the mean by", self.mean), ("the sd by", self.sd))
        told = [f"{words} {change:.2%}" for words, change in parts if change > PRECISION]
        if self.lost > PRECISION:
            told.append(f"{self.lost:.2%} of the synapses become 0")
        return ", ".join(told)


def error_of_values(given: np.ndarray, code: WeightCode) -> WeightError:
    """Return what storing given weights (float64) changes."""
    if not given.size:
        return WeightError()
    stored = code.decode(*code.encode(given))
    not_zero = given != 0
    largest = np.abs(stored[not_zero] / given[not_zero] - 1.0).max(initial=0.0)
    lost = np.count_nonzero(stored[not_zero] == 0) / given.size
    return WeightError(
        float(largest), _relative(stored.mean(), given.mean(), np.abs(given).mean()),
        _relative(stored.std(), given.std(), given.std()), lost,
    )  # fmt: skip


def _relative(got: float, asked: float, scale: float) -> float:
    """Return how far ``got`` is from what was asked, in units of a scale that may be 0."""
    return float(abs(got - asked) / scale) if scale > 0 else 0.0


def error_of_distribution(
    distribution: Distribution, values: np.ndarray, words: np.ndarray
) -> WeightError:
    """Return what drawing only ``values``, each with so many random words, changes."""
    shares = words / N_WORDS
    asked = moments(distribution)
    mean = float(values @ shares)
    sd = float(np.sqrt(((values - mean) ** 2) @ shares))
    below, up_to = distribution.cdf(np.array([np.nextafter(0.0, -1.0), 0.0]))
    lost = shares[values == 0.0].sum() - (up_to - below)
    scale = abs(asked.mean) if abs(asked.mean) > PRECISION * asked.sd else asked.sd
    return WeightError(
        0.0, _relative(mean, asked.mean, scale), _relative(sd, asked.sd, asked.sd),
        float(lost) if lost > 2.0 / N_WORDS else 0.0,
    )  # fmt: skip


@dataclass(frozen=True)
class Moments:
    """Mean, standard deviation and mean size of a distribution."""

    mean: float
    sd: float
    size: float


@lru_cache(maxsize=256)
def moments(distribution: Distribution) -> Moments:
    """Return the moments of a distribution, right to about 10^-6 of each.

    By its distribution function on a grid that is fine relative to size and to the spread.
    """
    low, high = distribution.bounds()
    if isinstance(distribution, Constant) or low == high:
        return Moments(float(low), 0.0, abs(float(low)))
    grid = np.unique(np.concatenate([_log_grid(low, high), np.linspace(low, high, 4_001)]))
    shares = np.diff(distribution.cdf(grid), prepend=0.0)
    middle = np.concatenate([grid[:1], 0.5 * (grid[1:] + grid[:-1])])
    width = np.diff(grid, prepend=grid[0])
    at_high = shares.size - 1  # mass at the upper bound is part of the last cell
    clipped = 1.0 - float(distribution.cdf(np.nextafter(grid[-1:], -np.inf))[0])
    if clipped > 1e-12:
        shares[at_high] -= clipped
        shares, middle = np.append(shares, clipped), np.append(middle, grid[-1])
        width = np.append(width, 0.0)
    mean = float(middle @ shares)
    square = ((middle - mean) ** 2 + width**2 / 12.0) @ shares
    return Moments(mean, float(np.sqrt(square)), float(np.abs(middle) @ shares))


def _log_grid(low: float, high: float) -> np.ndarray:
    """Return points of both signs, 200 in each decade over 15 decades of size."""
    steps = np.logspace(-15.0, 0.0, 3_001)
    parts: list[Sequence[float] | np.ndarray] = [[low, high]]
    if low < 0:
        parts.append(low * steps)
    if high > 0:
        parts.append(high * steps)
    grid = np.concatenate(parts)
    return grid[(grid >= low) & (grid <= high)]
