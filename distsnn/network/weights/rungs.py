"""Quantum and range of each lane of a receptor.

One quantum q holds the weights w of a receptor if every w / q is within ``PRECISION`` of an integer and
no sum of a step exceeds an int32. If no q does, the weights are split by size over several lanes.
"""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.formats import MAX_QUANTA, MAX_SUM
from distsnn.network.description import Projection
from distsnn.network.distributions.listed import Listed
from distsnn.network.space.by_distance import PairValues
from distsnn.network.weights.demands import SMALL, Demand
from distsnn.network.weights.lanes import MIN_QUANTA, PRECISION, error_of_distribution, moments
from distsnn.network.weights.outcomes import nearest, outcomes

MIN_SHARED_QUANTA = 128  # fewer would give weights of less than 1 % resolution
MAX_LISTED_VALUES = 64  # more different weights than this do not choose the quantum
EXACT = 1e-12  # relative error below which a constant counts as a multiple
MAX_LANES = 16  # of one receptor: sizes over 28 decades


def given_quantum(projection: Projection, receptor: int) -> float:
    """Return the quantum that a model prescribes, 0 where it does not."""
    given = projection.target.model.weight_quanta
    return float(given[receptor]) if given else 0.0


def rungs_of(receptor: int, demands: list[Demand]) -> list[tuple[float, float]]:
    """Return quantum and largest size of each lane of a receptor, the coarsest first."""
    largest = max(demand.largest for demand in demands)
    given = given_quantum(demands[0].projection, receptor)
    if largest == 0.0:
        return [(given or 1.0, np.inf)]
    most = max_quanta(receptor, demands, largest)
    if given:
        _require_whole(demands, given, most)
        return [(given, largest)]
    quantum = _quantum(demands, largest, 0.0, most)
    if all(_is_precise(demand, quantum, most) for demand in demands):
        return [(quantum, largest)]
    return _split(receptor, demands, largest)


def _split(receptor: int, demands: list[Demand], largest: float) -> list[tuple[float, float]]:
    """Return lanes that hold every size precisely, from the largest down."""
    rungs: list[tuple[float, float]] = []
    top = largest
    while len(rungs) < MAX_LANES:
        most = max_quanta(receptor, demands, top)
        # Sizes from ``end`` up have at least MIN_QUANTA quanta, if ``top`` has ``most``.
        end = top * min(0.5, MIN_QUANTA / most)
        quantum = _quantum(demands, top, end, most)
        end = max(end, min(0.5 * top, MIN_QUANTA * quantum))
        rungs.append((quantum, top))
        below = [size for demand in demands for size in _sizes_below(demand, end)]
        if not below:
            return rungs
        top = max(below)
    first = demands[0].projection
    raise NetworkError(
        f"population {first.target.name}: weights onto receptor {receptor} must be within a factor "
        f"of {largest / end:.2g}, got {top:.3g} beside {largest:.3g}. Leave out what is too small to "
        "matter."
    )


def _sizes_below(demand: Demand, end: float) -> list[float]:
    """Return the largest size below ``end`` that a demand needs precisely."""
    if demand.is_learned:
        return [demand.largest] if demand.largest < end else []
    given = demand.given[demand.given < end]
    if given.size:
        return [float(given[-1])]
    weight = demand.projection.weight
    if demand.bounds is None or isinstance(weight, Listed):
        return []
    smallest = demand.smallest
    if not isinstance(weight, PairValues):
        smallest = max(smallest, SMALL * moments(weight).size)
    return [min(demand.largest, end)] if smallest < end else []


def _quantum(demands: list[Demand], top: float, end: float, most: int) -> float:
    """Return the quantum of a lane for sizes from ``end`` to ``top``."""
    constants = _constants(demands, top, end)
    m_high = int(most * (constants[-1] / top)) if constants.size else 0
    if m_high < 1:
        return top / most
    return _best_quantum(constants, m_high)


def _constants(demands: list[Demand], top: float, end: float) -> np.ndarray:
    """Return the given sizes that are to be multiples, ascending."""
    few = [d.given for d in demands if d.given.size <= MAX_LISTED_VALUES]
    sizes = np.unique(np.concatenate([np.zeros(0), *few]))
    return sizes[(sizes >= end) & (sizes <= top)]


def max_quanta(receptor: int, demands: list[Demand], top: float) -> int:
    """Return how many quanta a weight of size ``top`` may have so that no sum exceeds an int32."""
    # The largest sum of a step, in units of ``top``: fan-in x spikes per step x relative weight.
    in_largest = sum(
        demand.projection.most_in_degree()
        * _spikes_per_step(demand.projection)
        * (min(demand.largest, top) / top)
        for demand in demands
    )
    # in_largest x most quanta <= MAX_SUM, and a weight has the bits of MAX_QUANTA.
    most = min(MAX_QUANTA, int(MAX_SUM / max(in_largest, 1.0)) - 1)
    if most < MIN_SHARED_QUANTA:
        first = demands[0].projection
        raise NetworkError(
            f"population {first.target.name}: input of receptor {receptor} in one step must be at most "
            f"{MAX_SUM // MIN_SHARED_QUANTA} times its largest weight, got {in_largest:.3g} times. "
            "Lower the number of synapses per neuron."
        )
    return most


def _spikes_per_step(projection: Projection) -> int:
    """Return how often one source can spike in one step."""
    return max(1, projection.source.model.most_per_step(projection.dt_ms))


def _best_quantum(constants: np.ndarray, m_high: int) -> float:
    """Return the quantum that makes the constants multiples best; the largest is m quanta."""
    # The largest constant is m quanta, m in (m_high / 2, m_high]; smaller m would halve a better one.
    m = np.arange(m_high // 2 + 1, m_high + 1)
    worst = np.zeros(m.size)
    for size in constants:
        ideal = size / constants[-1] * m
        worst = np.maximum(worst, np.abs(nearest(ideal) - ideal) / ideal)
    exact = m[worst < EXACT]
    # A power of two leaves the mantissa of a float32 as it is: such weights come back unchanged.
    powers = exact[(exact & (exact - 1)) == 0]
    if powers.size:
        return float(constants[-1] / powers[0])
    best = exact[-1] if exact.size else m[np.flatnonzero(worst == worst.min())[-1]]
    return float(constants[-1] / best)


def _is_precise(demand: Demand, quantum: float, most: int) -> bool:
    """Return whether one quantum holds all that a projection asks for."""
    if demand.given.size:
        ideal = demand.given / quantum
        if np.abs(nearest(ideal) / ideal - 1.0).max() > PRECISION:
            return False
    if demand.is_learned:
        return demand.largest / quantum >= min(1.0 / PRECISION, 0.5 * most)
    if demand.bounds is None:
        return True
    return demand.smallest >= MIN_QUANTA * quantum or _is_faithful(demand, quantum)


def _is_faithful(demand: Demand, quantum: float) -> bool:
    """Return whether drawing multiples of a quantum keeps mean and spread of a distribution."""
    weight = demand.projection.weight
    if isinstance(weight, Listed):
        return True  # its weights are given
    if isinstance(weight, PairValues):
        return False  # not drawn: each weight counts
    asked = moments(weight)
    near_zero = np.array([-0.5 * quantum, np.nextafter(0.0, -1.0), 0.0, 0.5 * quantum])
    first, below, up_to, last = weight.cdf(near_zero)
    if (below - first) + (last - up_to) > PRECISION:
        return False
    # What rounding to multiples can change at most is half a quantum in the root mean square.
    if 0.51 * quantum <= 0.5 * PRECISION * min(asked.size, asked.sd):
        return True
    if demand.bounds != weight.bounds():
        return False  # one sign of two: not worth telling more finely
    found = outcomes(weight, quantum, None, keeps_zero=False)
    values = (found.first + np.arange(found.words.size)) * quantum
    error = error_of_distribution(weight, values, found.words)
    return max(error.mean, error.sd) <= 0.5 * PRECISION


def _require_whole(demands: list[Demand], quantum: float, most: int) -> None:
    """Raise where a weight does not fit the whole numbers that the model prescribes."""
    for demand in demands:
        thing = f"{demand.projection.name}: weight"
        kind = type(demand.projection.target.model).__name__
        if demand.largest > quantum * most:
            limit = f"of size {quantum * most:g} at most for a {kind}"
            raise NetworkError(must_be(thing, limit, demand.largest, "Scale the weights."))
        lost = demand.given[nearest(demand.given / quantum) == 0]
        if lost.size:
            limit = f"0 or of size {0.5 * quantum:g} at least for a {kind}, whose weights are whole"
            raise NetworkError(must_be(thing, limit, lost[0], "Scale the weights."))
