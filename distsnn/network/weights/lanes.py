"""Lanes: how weights of very different size are stored as integers for one receptor.

A weight is stored as an int16 multiple n of a quantum, so sums of weights are exact in any order.
One quantum represents weights within a factor of 64 of each other to 0.1 %. Weights that differ more
are split over several *lanes* of the receptor, each with a quantum and sums of its own, and the
neuron adds up the lanes of a receptor when it reads its input.

Lanes are numbered within a population: lane r is the first lane of receptor r, and further lanes
follow after those. The lanes of one receptor, ordered from coarse to fine, form its ladder; a rung is
an index into the ladder.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from distsnn.kernels.formats import MAX_OUTCOMES, MAX_QUANTA
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.weights.outcomes import N_WORDS, alias_table, cdf_around_zero, nearest

PRECISION = 1e-3  # largest relative error of a stored weight
MIN_QUANTA = 512  # a weight of n quanta has a relative error of at most 1 / (2 n) < PRECISION
N_FINE = 1024  # values per octave of a distribution that is drawn onto several lanes


@dataclass(frozen=True)
class Ladder:
    """The lanes of one receptor, from the coarsest quantum to the finest.

    lanes: their numbers in the population. quanta: in the receptor's unit. tops: the largest |weight|
    that each lane takes, descending. is_prescribed: the model prescribes the quantum; then weights
    may be rounded to 0, as on its chip.
    """

    receptor: int
    lanes: tuple[int, ...]
    quanta: tuple[float, ...]
    tops: tuple[float, ...]
    is_prescribed: bool = False

    def rungs(self, sizes: np.ndarray) -> np.ndarray:
        """Return the rung (int64) for each |weight|: the finest lane whose top is not below it."""
        # Sizes above the top of the coarsest lane, by rounding, go there as well.
        ascending = np.array(self.tops[::-1])
        rung = len(self.tops) - 1 - np.searchsorted(ascending, sizes, side="left")
        return np.maximum(rung, 0)

    def encode(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the quanta (int16) and the rungs (int64) of weights, both of the weights' shape.

        Unless the quantum is prescribed, only a weight of exactly 0 is stored as 0.
        """
        # n = nearest(w / q); n = 0 becomes 1 or -1, the sign of w
        rungs = self.rungs(np.abs(values))
        quanta = nearest(values / np.array(self.quanta)[rungs])
        if not self.is_prescribed:
            quanta = np.where((quanta == 0) & (values != 0), np.sign(values), quanta)
        return quanta.astype(np.int16), rungs


@dataclass(frozen=True)
class WeightCode:
    """How the weights of one projection are stored: a ladder for either sign.

    ``positive`` also takes weights of 0. Both ladders are the same if the projection names its
    receptor.
    """

    positive: Ladder
    negative: Ladder

    def encode(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the quanta (int16) and the lanes (uint8) of weights (float64)."""
        values = np.asarray(values, dtype=np.float64)
        quanta = np.empty(values.shape, dtype=np.int16)
        lanes = np.empty(values.shape, dtype=np.uint8)
        is_negative = values < 0
        for selected, ladder in ((~is_negative, self.positive), (is_negative, self.negative)):
            quanta[selected], rungs = ladder.encode(values[selected])
            lanes[selected] = np.array(ladder.lanes, dtype=np.uint8)[rungs]
        return quanta, lanes

    def decode(self, quanta: np.ndarray, lanes: np.ndarray) -> np.ndarray:
        """Return the stored weights (float64): quanta times the quantum of their lanes."""
        quantum_of_lane = {
            lane: quantum
            for ladder in (self.negative, self.positive)
            for lane, quantum in zip(ladder.lanes, ladder.quanta, strict=True)
        }
        quanta_by_lane = np.zeros(max(quantum_of_lane) + 1)
        quanta_by_lane[list(quantum_of_lane)] = list(quantum_of_lane.values())
        return quanta.astype(np.float64) * quanta_by_lane[lanes]

    def receptor_of_lane(self) -> dict[int, int]:
        """Return the receptor of each lane that the code uses."""
        return {
            lane: ladder.receptor
            for ladder in (self.positive, self.negative)
            for lane in ladder.lanes
        }

    def single_lane(self, low: float, high: float) -> tuple[int, float] | None:
        """Return the lane and the quantum of all weights from ``low`` to ``high``.

        Returns None if these weights are on more than one lane.
        """
        # |w| from 0 or low up to high on the ladder of either sign
        lanes_in_use = set()
        if high >= 0:
            lanes_in_use |= self._lanes_between(self.positive, max(low, 0.0), high)
        if low < 0:
            lanes_in_use |= self._lanes_between(self.negative, max(-high, 0.0), -low)
        return lanes_in_use.pop() if len(lanes_in_use) == 1 else None

    @staticmethod
    def _lanes_between(ladder: Ladder, small: float, large: float) -> set[tuple[int, float]]:
        coarse, fine = ladder.rungs(np.array([large, small]))
        return {(ladder.lanes[k], ladder.quanta[k]) for k in range(coarse, fine + 1)}

    def values(self, low: float, high: float) -> np.ndarray:
        """Return all weights from ``low`` to ``high`` that can be drawn, float64, ascending.

        The next weight beyond either bound is included, since it may be the nearest to the bound.
        """
        # Fewer values per octave are taken until the alias table can hold all of them.
        n_fine = N_FINE
        while True:
            below = -_ladder_sizes(self.negative, n_fine)[::-1] if low < 0 else np.zeros(0)
            above = _ladder_sizes(self.positive, n_fine) if high > 0 else np.zeros(0)
            values = np.concatenate([below, [0.0], above])
            first, end = np.searchsorted(values, [low, high])
            values = values[max(0, first - 1) : end + 1]
            if values.size <= MAX_OUTCOMES:
                return values
            n_fine //= 2


def _ladder_sizes(ladder: Ladder, n_fine: int) -> np.ndarray:
    """Return sizes that a ladder can store, ascending, at most ``n_fine`` per octave and lane."""
    # Multiples 1, 2, ..., n_fine - 1, then n_fine values in each octave n_fine 2^k .. n_fine 2^(k + 1)
    n_octaves = (MAX_QUANTA // n_fine).bit_length()
    parts = [np.arange(1, n_fine, dtype=np.int64)]
    parts += [np.arange(n_fine, 2 * n_fine, dtype=np.int64) << k for k in range(n_octaves)]
    multiples = np.concatenate(parts)
    multiples = multiples[multiples <= MAX_QUANTA]
    # A lane is used for the sizes above the top of the next finer lane, up to its own top.
    sizes_of_lanes = []
    for k, (quantum, top) in enumerate(zip(ladder.quanta, ladder.tops, strict=True)):
        sizes = multiples * quantum
        next_top = ladder.tops[k + 1] if k + 1 < len(ladder.tops) else 0.0
        sizes_of_lanes.append(sizes[(sizes > next_top) & (sizes <= top * (1 + 1e-9))])
    return np.unique(np.concatenate(sizes_of_lanes))


@dataclass(frozen=True, eq=False)
class LaneOutcomes:
    """Alias table of a distribution that is drawn onto several lanes.

    An outcome is an index into the first four arrays. values: float64, the weights. words: int64, how
    many of the 2^32 random words give each of them. quanta, lanes: int16 and uint8, how each is
    stored. table: uint32 [2^bits], from ``build_alias``. first: number of the first outcome.
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
    """Return the outcomes of a distribution; probabilities are exact to half a random word, 2^-33.

    A value is drawn in place of all weights to which it is the nearest, but 0 only for a weight of
    exactly 0.
    """
    low, high = distribution.bounds()
    values = code.values(low, high)
    words = words_between(distribution, values)
    # Values without a word are never drawn.
    values, words = values[words > 0], words[words > 0]
    quanta, lanes = code.encode(values)
    bits, table = alias_table(words)
    return LaneOutcomes(values, words, quanta, lanes, bits, table)


def words_between(distribution: Distribution, values: np.ndarray) -> np.ndarray:
    """Return how many of the 2^32 random words belong to each of the ascending values, int64."""
    # P(value k) = F((v_k + v_k+1) / 2) - F((v_k-1 + v_k) / 2), with F the distribution function
    edges = 0.5 * (values[1:] + values[:-1])
    shares = np.concatenate([[0.0], distribution.cdf(edges), [1.0]])
    # The value 0 gets F(0) - F(0-) alone; its neighbours get what lies between.
    at_zero = int(np.searchsorted(values, 0.0))
    if at_zero < values.size and values[at_zero] == 0.0:
        below, up_to = cdf_around_zero(distribution)
        if at_zero > 0:
            shares[at_zero] = below
        if at_zero + 1 < values.size:
            shares[at_zero + 1] = up_to
    return np.diff(np.rint(shares * N_WORDS)).astype(np.int64)
