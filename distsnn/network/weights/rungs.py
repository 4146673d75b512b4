"""Chooses the quantum and the range of weights of each lane of a receptor.

One quantum q is enough if every weight w has |nearest(w / q) q / w - 1| <= ``PRECISION`` and no sum
of one step exceeds an int32. Otherwise the weights are split by size over several lanes.
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
from distsnn.network.weights.errors import error_of_distribution
from distsnn.network.weights.lanes import MIN_QUANTA, PRECISION, Ladder
from distsnn.network.weights.moments import moments
from distsnn.network.weights.outcomes import nearest, outcomes

MIN_SHARED_QUANTA = 128  # of the largest weight, which they resolve to 1 %
MAX_LISTED_VALUES = 64  # a longer list of different weights does not influence the quantum
EXACT = 1e-12  # relative error below which a constant counts as a multiple of the quantum
MAX_LANES = 16  # of one receptor: they span 28 decades of weights


def prescribed_quantum(projection: Projection, receptor: int) -> float:
    """Return the quantum that the target's model prescribes for a receptor, 0 if it does not."""
    quanta = projection.target.model.weight_quanta
    return float(quanta[receptor]) if quanta else 0.0


def rungs_of(receptor: int, demands: list[Demand]) -> list[tuple[float, float]]:
    """Return (quantum, largest |weight|) of each lane of a receptor, the coarsest first."""
    largest = max(demand.largest for demand in demands)
    prescribed = prescribed_quantum(demands[0].projection, receptor)
    if largest == 0.0:
        return [(prescribed or 1.0, np.inf)]
    n_max = max_quanta(receptor, demands, largest)
    if prescribed:
        _require_whole(demands, prescribed, n_max)
        return [(prescribed, largest)]
    quantum = _quantum(demands, largest, 0.0, n_max)
    if all(_is_precise(demand, quantum, n_max) for demand in demands):
        return [(quantum, largest)]
    return _split(receptor, demands, largest)


def serve(rungs: list[tuple[float, float]], receptor: int, demands: list[Demand]) -> bool:
    """Return whether given lanes store all listed weights to ``PRECISION``, without too large sums.

    They come from a file, in which weights may have been changed since.
    """
    if not rungs or prescribed_quantum(demands[0].projection, receptor):
        return False
    sizes = np.unique(np.concatenate([demand.given_sizes for demand in demands]))
    is_listed = all(d.bounds is None and not d.is_learned for d in demands)
    quanta, tops = (np.array(column) for column in zip(*rungs, strict=True))
    is_falling = bool(np.all(np.diff(quanta) < 0) and np.all(np.diff(tops) < 0))
    if not is_listed or not sizes.size or not is_falling:
        return False
    if any(top > quantum * max_quanta(receptor, demands, top) * 1.001 for quantum, top in rungs):
        return False
    ladder = Ladder(receptor, tuple(range(quanta.size)), tuple(quanta), tuple(tops))
    ideal = sizes / quanta[ladder.rungs(sizes)]
    is_precise = np.abs(nearest(ideal) / ideal - 1.0) <= PRECISION
    return bool(np.all(is_precise & (nearest(ideal) <= MAX_QUANTA)))


def _split(receptor: int, demands: list[Demand], largest: float) -> list[tuple[float, float]]:
    """Return lanes that store every weight to ``PRECISION``, from the largest weights down."""
    rungs: list[tuple[float, float]] = []
    top = largest
    while len(rungs) < MAX_LANES:
        n_max = max_quanta(receptor, demands, top)
        # A lane takes weights of at least MIN_QUANTA quanta, and in any case those above top / 2.
        bottom = top * min(0.5, MIN_QUANTA / n_max)
        quantum = _quantum(demands, top, bottom, n_max)
        bottom = max(bottom, min(0.5 * top, MIN_QUANTA * quantum))
        rungs.append((quantum, top))
        below = [size for demand in demands for size in _sizes_below(demand, bottom)]
        if not below:
            return rungs
        top = max(below)
    target = demands[0].projection.target
    raise NetworkError(
        f"population {target.name}: weights onto receptor {receptor} must be within a factor of "
        f"{largest / bottom:.2g}, got {top:.3g} beside {largest:.3g}. Leave out what is too small "
        "to matter."
    )


def _sizes_below(demand: Demand, bottom: float) -> list[float]:
    """Return the largest |weight| below ``bottom`` that a demand needs, in a list; empty if none."""
    if demand.is_learned:
        return [demand.largest] if demand.largest < bottom else []
    sizes = demand.given_sizes[demand.given_sizes < bottom]
    if sizes.size:
        return [float(sizes[-1])]
    weight = demand.projection.weight
    if demand.bounds is None or isinstance(weight, Listed):
        return []
    smallest = demand.smallest
    if not isinstance(weight, PairValues):
        smallest = max(smallest, SMALL * moments(weight).size)
    return [min(demand.largest, bottom)] if smallest < bottom else []


def _quantum(demands: list[Demand], top: float, bottom: float, n_max: int) -> float:
    """Return the quantum of a lane for |weight| from ``bottom`` to ``top`` <= n_max quanta."""
    constants = _constants(demands, top, bottom)
    m_high = int(n_max * (constants[-1] / top)) if constants.size else 0
    if m_high < 1:
        return top / n_max
    return _best_quantum(constants, m_high)


def _constants(demands: list[Demand], top: float, bottom: float) -> np.ndarray:
    """Return the sizes from ``bottom`` to ``top`` that should be multiples of a quantum, ascending."""
    lists = [d.given_sizes for d in demands if d.given_sizes.size <= MAX_LISTED_VALUES]
    sizes = np.unique(np.concatenate([np.zeros(0), *lists]))
    return sizes[(sizes >= bottom) & (sizes <= top)]


def max_quanta(receptor: int, demands: list[Demand], top: float) -> int:
    """Return how many quanta a weight of size ``top`` may have so that no sum exceeds an int32."""
    # Largest sum of one step in units of ``top``: in-degree x spikes per step x |weight| / top.
    # A projection with several demands still has one weight for each synapse.
    largest_of: dict[int, Demand] = {}
    for demand in demands:
        before = largest_of.setdefault(demand.projection.index, demand)
        if demand.largest > before.largest:
            largest_of[demand.projection.index] = demand
    largest_sum = sum(
        demand.projection.most_in_degree()
        * _spikes_per_step(demand.projection)
        * (min(demand.largest, top) / top)
        for demand in largest_of.values()
    )
    # largest_sum x n_max <= MAX_SUM, and n_max <= MAX_QUANTA fits an int16.
    n_max = min(MAX_QUANTA, int(MAX_SUM / max(largest_sum, 1.0)) - 1)
    if n_max < MIN_SHARED_QUANTA:
        target = demands[0].projection.target
        raise NetworkError(
            f"population {target.name}: input of receptor {receptor} in one step must be at most "
            f"{MAX_SUM // MIN_SHARED_QUANTA} times its largest weight, got {largest_sum:.3g} times. "
            "Lower the number of synapses per neuron."
        )
    return n_max


def _spikes_per_step(projection: Projection) -> int:
    """Return the largest number of spikes of one source neuron in one step."""
    return max(1, projection.source.model.most_per_step(projection.dt_ms))


def _best_quantum(constants: np.ndarray, m_high: int) -> float:
    """Return the quantum of which the constants are multiples with the smallest relative error."""
    # The largest constant is m quanta. m > m_high / 2, since 2 m is as good as any smaller m.
    m = np.arange(m_high // 2 + 1, m_high + 1)
    worst = np.zeros(m.size)
    for size in constants:
        ideal = size / constants[-1] * m
        worst = np.maximum(worst, np.abs(nearest(ideal) - ideal) / ideal)
    exact = m[worst < EXACT]
    # Dividing by a power of two keeps the mantissa of a float32, so the weights are restored exactly.
    powers = exact[(exact & (exact - 1)) == 0]
    if powers.size:
        return float(constants[-1] / powers[0])
    best = exact[-1] if exact.size else m[np.flatnonzero(worst == worst.min())[-1]]
    return float(constants[-1] / best)


def _is_precise(demand: Demand, quantum: float, n_max: int) -> bool:
    """Return whether one quantum represents the weights of a demand to ``PRECISION``."""
    if demand.given_sizes.size:
        ideal = demand.given_sizes / quantum
        if np.abs(nearest(ideal) / ideal - 1.0).max() > PRECISION:
            return False
    if demand.is_learned:
        return demand.largest / quantum >= min(1.0 / PRECISION, 0.5 * n_max)
    if demand.bounds is None:
        return True
    return demand.smallest >= MIN_QUANTA * quantum or _is_faithful(demand, quantum)


def _is_faithful(demand: Demand, quantum: float) -> bool:
    """Return whether drawing multiples of a quantum preserves the mean and sd of a distribution."""
    weight = demand.projection.weight
    if isinstance(weight, Listed):
        return True  # judged by its given sizes
    if isinstance(weight, PairValues):
        return False  # not drawn: each weight counts
    exact_moments = moments(weight)
    # Weights closer to 0 than half a quantum, which become one quantum, must be rare.
    near_zero = np.array([-0.5 * quantum, np.nextafter(0.0, -1.0), 0.0, 0.5 * quantum])
    at_minus_half, below, up_to, at_plus_half = weight.cdf(near_zero)
    if (below - at_minus_half) + (at_plus_half - up_to) > PRECISION:
        return False
    # Rounding to multiples changes a weight by at most half a quantum.
    if 0.51 * quantum <= 0.5 * PRECISION * min(exact_moments.size, exact_moments.sd):
        return True
    if demand.bounds != weight.bounds():
        return False  # one half of a distribution of both signs: assumed not to be faithful
    drawn = outcomes(weight, quantum, None, keeps_zero=False)
    values = (drawn.first + np.arange(drawn.words.size)) * quantum
    error = error_of_distribution(weight, values, drawn.words)
    return max(error.mean, error.sd) <= 0.5 * PRECISION


def _require_whole(demands: list[Demand], quantum: float, n_max: int) -> None:
    """Raise NetworkError if a weight does not fit the integer weights of a model."""
    for demand in demands:
        subject = f"{demand.projection.name}: weight"
        model_name = type(demand.projection.target.model).__name__
        if demand.largest > quantum * n_max:
            limit = f"of size {quantum * n_max:g} at most for a {model_name}"
            raise NetworkError(must_be(subject, limit, demand.largest, "Scale the weights."))
        lost = demand.given_sizes[nearest(demand.given_sizes / quantum) == 0]
        if lost.size:
            limit = f"0 or of size {0.5 * quantum:g} at least for a {model_name} (integer weights)"
            raise NetworkError(must_be(subject, limit, lost[0], "Scale the weights."))
