"""The quanta of the weights onto each receptor of each population.

Where one quantum q holds all weights onto a receptor to 0.1 %, there is one. Where weights are
distributed, q is the largest possible |weight| / 32,767. Constants choose q such that all of them
are multiples: the largest is m quanta, and of m in (16,383 .. 32,767] the one with the smallest
worst relative error is taken; where several are exact, the power of two, since float32 then gives
back the very weights. Fewer quanta are taken where a neuron's largest possible sum in one step
would not fit an int32. Weights that differ more are put on several lanes (``lanes.py``), each
with a quantum chosen in the same way. A model whose weights are integers says its quanta itself
(``weight_quanta``, one per receptor).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.formats import MAX_QUANTA, MAX_SUM
from distsnn.network.description import Projection
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.network import Network
from distsnn.network.weights.lanes import (
    MIN_QUANTA,
    PRECISION,
    Ladder,
    WeightCode,
    WeightError,
    error_of_distribution,
    error_of_values,
    lane_outcomes,
    moments,
)
from distsnn.network.weights.outcomes import nearest, outcomes

MIN_SHARED_QUANTA = 128  # fewer would give weights of less than 1 % resolution
MAX_LISTED_VALUES = 64  # more different weights than this do not choose the quantum
EXACT = 1e-12  # relative error below which a constant counts as a multiple
MAX_LANES = 16  # of one receptor: sizes over 28 decades
SMALL = 1e-3  # of the mean size: distributed weights below it may be less precise


@dataclass(frozen=True, eq=False)
class Demand:
    """What one projection asks of a receptor.

    given: its weights as numbers, their sizes, float64, ascending, without 0. smallest, largest:
    sizes that are to be held precisely. bounds: of distributed weights with their signs, which are
    not among ``given``. grades: of a rule that learns.
    """

    projection: Projection
    given: np.ndarray
    smallest: float
    largest: float
    bounds: tuple[float, float] | None = None
    is_learned: bool = False


class Quanta:
    """The lanes of each receptor that has synapses.

    Raises NetworkError where too many synapses could sum up to more than an int32 holds, or where a
    weight would be lost on a chip with whole-numbered weights.
    """

    def __init__(self, network: Network) -> None:
        onto: dict[tuple[int, int], list[Demand]] = {}
        for projection in network.projections:
            for receptor, demand in demands_of(projection):
                onto.setdefault((projection.target.index, receptor), []).append(demand)
        self._n_lanes = {p.index: len(p.model.receptors) for p in network.populations}
        self._ladders: dict[tuple[int, int], Ladder] = {}
        for (population, receptor), demands in sorted(onto.items(), key=lambda item: item[0]):
            rungs = _rungs(receptor, demands)
            first = self._n_lanes[population]
            more = range(first, first + len(rungs) - 1)
            self._n_lanes[population] += len(rungs) - 1
            self._ladders[population, receptor] = Ladder(
                receptor, (receptor, *more), tuple(q for q, _ in rungs),
                tuple(top for _, top in rungs), _given_quantum(demands[0].projection, receptor) > 0,
            )  # fmt: skip

    def of(self, population: int, receptor: int) -> float:
        """Return the largest quantum of a receptor, 1 where nothing projects onto it."""
        return self.ladder(population, receptor).quanta[0]

    def ladder(self, population: int, receptor: int) -> Ladder:
        """Return the lanes of a receptor of a population."""
        empty = Ladder(receptor, (receptor,), (1.0,), (np.inf,))
        return self._ladders.get((population, receptor), empty)

    def n_lanes(self, population: int) -> int:
        """Return how many lanes the neurons of a population have, one per receptor at least."""
        return self._n_lanes[population]

    def lanes(self, population: int) -> list[tuple[int, float]]:
        """Return receptor and quantum of each lane of a population that has synapses or not."""
        n_receptors = self._n_lanes[population]
        found = [(lane, 1.0) for lane in range(n_receptors)]
        for (of, receptor), ladder in self._ladders.items():
            if of == population:
                for lane, quantum in zip(ladder.lanes, ladder.quanta, strict=True):
                    found[lane] = (receptor, quantum)
        return found

    def code(self, projection: Projection) -> WeightCode:
        """Return how a projection's weights are stored."""
        positive, negative = (
            self.ladder(projection.target.index, receptor) for receptor in projection.receptors
        )
        return WeightCode(positive, negative)

    def learning_lane(self, projection: Projection) -> tuple[int, float]:
        """Return lane and quantum of plastic synapses: the finest that takes their largest weight."""
        ladder = self.ladder(projection.target.index, projection.receptor)
        place = int(ladder.rungs(np.array([largest_size(projection)]))[0])
        return ladder.lanes[place], ladder.quanta[place]

    def error(self, projection: Projection) -> WeightError:
        """Return what storing the weights that a projection starts with changes."""
        code, weight = self.code(projection), projection.weight
        if isinstance(weight, Listed):
            return error_of_values(weight.values, code)
        if isinstance(weight, Constant):
            return error_of_values(np.array([weight.value]), code)
        low, high = weight.bounds()
        single = code.single_lane(low, high)
        if single is None:
            found = lane_outcomes(weight, code)
            return error_of_distribution(weight, found.values, found.words)
        drawn = outcomes(weight, single[1], None, keeps_zero=code.positive.is_given)
        values = (drawn.first + np.arange(drawn.words.size)) * single[1]
        return error_of_distribution(weight, values, drawn.words)


def demands_of(projection: Projection) -> list[tuple[int, Demand]]:
    """Return what a projection asks of each receptor that its weights reach."""
    rule, weight = projection.plasticity, projection.weight
    if rule is not None:
        return [(projection.receptor, _demand_of_plastic(projection))]
    at_or_above, below = projection.receptors
    if isinstance(weight, Constant | Listed):
        values = np.array([weight.value]) if isinstance(weight, Constant) else weight.values
        if at_or_above == below:
            return [(below, _given_demand(projection, values))]
        parts = [(at_or_above, values[values >= 0]), (below, values[values < 0])]
        return [(r, _given_demand(projection, part)) for r, part in parts if part.size]
    low, high = weight.bounds()
    if at_or_above == below or low >= 0 or high < 0:
        receptor = at_or_above if low >= 0 else below
        return [(receptor, _spread_demand(projection, low, high))]
    return [
        (at_or_above, _spread_demand(projection, 0.0, high)),
        (below, _spread_demand(projection, low, 0.0)),
    ]


def _given_demand(projection: Projection, values: np.ndarray) -> Demand:
    sizes = np.unique(np.abs(values))
    sizes = sizes[sizes > 0]
    ends = (float(sizes[0]), float(sizes[-1])) if sizes.size else (0.0, 0.0)
    return Demand(projection, sizes, *ends)


def _spread_demand(projection: Projection, low: float, high: float) -> Demand:
    largest = max(abs(low), abs(high))
    smallest = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    return Demand(projection, np.zeros(0), smallest, largest, (low, high))


def _demand_of_plastic(projection: Projection) -> Demand:
    """What a rule needs: all weights that it can give on one lane."""
    largest = largest_size(projection)
    rule, weight = projection.plasticity, projection.weight
    step = rule.weight_step if rule else None
    given = np.array([] if step is None else [step, largest])
    if rule and not rule.changes_weights and isinstance(weight, Constant | Listed):
        given = np.abs([weight.value] if isinstance(weight, Constant) else weight.values)
    sizes = np.unique(given)
    return Demand(projection, sizes[sizes > 0], largest, largest, is_learned=True)


def largest_size(projection: Projection) -> float:
    """Return the largest possible |weight|."""
    return max(abs(bound) for bound in projection.weight_bounds)


def _given_quantum(projection: Projection, receptor: int) -> float:
    """Return the quantum that a model prescribes, 0 where it does not."""
    given = projection.target.model.weight_quanta
    return float(given[receptor]) if given else 0.0


def _rungs(receptor: int, demands: list[Demand]) -> list[tuple[float, float]]:
    """Return quantum and largest size of each lane of a receptor, the coarsest first."""
    largest = max(demand.largest for demand in demands)
    given = _given_quantum(demands[0].projection, receptor)
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
    smallest = max(demand.smallest, SMALL * moments(weight).size)
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
    in_largest = sum(
        demand.projection.most_in_degree()
        * _spikes_per_step(demand.projection)
        * (min(demand.largest, top) / top)
        for demand in demands
    )
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
    m = np.arange(m_high // 2 + 1, m_high + 1)
    worst = np.zeros(m.size)
    for size in constants:
        ideal = size / constants[-1] * m
        worst = np.maximum(worst, np.abs(nearest(ideal) - ideal) / ideal)
    exact = m[worst < EXACT]
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
