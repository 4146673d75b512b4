"""The quanta of the weights onto each receptor of each population.

A receptor has one lane if one quantum q represents all its weights to 0.1 %; otherwise its weights
are split over several lanes (``lanes.py``), each with a quantum of its own, which is chosen as follows:

distribution   q = largest possible |weight| / 32,767.
constants      The largest is m q. Of all m in (16,383 .. 32,767], the one with the smallest maximum
               relative error is taken. If several represent all constants exactly, a power of two is
               preferred, since float32 then restores the weights exactly.

Fewer quanta are used where a neuron's largest possible sum in one step would not fit into an int32.
A model with integer weights prescribes its quanta (``weight_quanta``, one per receptor).
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

import numpy as np

from distsnn.network.description import Projection
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.network import Network
from distsnn.network.space.by_distance import PairValues
from distsnn.network.weights.demands import Demand, demands_of, largest_size
from distsnn.network.weights.errors import WeightError, error_of_distribution, error_of_values
from distsnn.network.weights.lanes import Ladder, WeightCode, lane_outcomes
from distsnn.network.weights.outcomes import outcomes
from distsnn.network.weights.rungs import prescribed_quantum, rungs_of, serve


class Quanta:
    """The lanes of every receptor of a network.

    Raises NetworkError if the input of a neuron in one step could exceed an int32, or if a weight
    would be rounded to 0, or not fit, on a chip with integer weights.
    """

    def __init__(self, network: Network) -> None:
        demands_by_receptor: dict[tuple[int, int], list[Demand]] = {}
        for projection in network.projections:
            for receptor, demand in demands_of(projection):
                key = projection.target.index, receptor
                demands_by_receptor.setdefault(key, []).append(demand)
        self._n_lanes = {p.index: len(p.model.receptors) for p in network.populations}
        self._ladders: dict[tuple[int, int], Ladder] = {}
        for (population, receptor), demands in sorted(
            demands_by_receptor.items(), key=itemgetter(0)
        ):
            given = network.given_rungs.get((population, receptor), [])
            rungs = given if serve(given, receptor, demands) else rungs_of(receptor, demands)
            # Lane ``receptor`` comes first; further lanes are numbered after all receptors.
            first_extra = self._n_lanes[population]
            extra_lanes = range(first_extra, first_extra + len(rungs) - 1)
            self._n_lanes[population] += len(rungs) - 1
            self._ladders[population, receptor] = Ladder(
                receptor,
                (receptor, *extra_lanes),
                tuple(quantum for quantum, _ in rungs),
                tuple(top for _, top in rungs),
                prescribed_quantum(demands[0].projection, receptor) > 0,
            )

    def of(self, population: int, receptor: int) -> float:
        """Return the coarsest quantum of a receptor, 1 if no projection reaches it."""
        return self.ladder(population, receptor).quanta[0]

    def ladder(self, population: int, receptor: int) -> Ladder:
        """Return the lanes of a receptor of a population."""
        empty = Ladder(receptor, (receptor,), (1.0,), (np.inf,))
        return self._ladders.get((population, receptor), empty)

    def n_lanes(self, population: int) -> int:
        """Return the number of lanes of a population's neurons, at least one per receptor."""
        return self._n_lanes[population]

    def lanes(self, population: int) -> list[tuple[int, float]]:
        """Return (receptor, quantum) of each lane of a population; a quantum of 1 without synapses."""
        n_receptors = self._n_lanes[population]
        receptors_and_quanta = [(lane, 1.0) for lane in range(n_receptors)]
        for (index, receptor), ladder in self._ladders.items():
            if index == population:
                for lane, quantum in zip(ladder.lanes, ladder.quanta, strict=True):
                    receptors_and_quanta[lane] = (receptor, quantum)
        return receptors_and_quanta

    def code(self, projection: Projection) -> WeightCode:
        """Return how a projection's weights are stored."""
        positive, negative = (
            self.ladder(projection.target.index, receptor) for receptor in projection.receptors
        )
        return WeightCode(positive, negative)

    def learning_lane(self, projection: Projection) -> tuple[int, float]:
        """Return lane and quantum of plastic synapses: the finest lane for their largest weight."""
        ladder = self.ladder(projection.target.index, projection.receptor)
        # The whole range of weights is on this lane: synapses do not change lanes while learning.
        rung = int(ladder.rungs(np.array([largest_size(projection)]))[0])
        return ladder.lanes[rung], ladder.quanta[rung]

    def error(self, projection: Projection) -> WeightError:
        """Return the errors of storing the initial weights of a projection."""
        code, weight = self.code(projection), projection.weight
        if isinstance(weight, Listed):
            values, counts = weight.repeated()
            return error_of_values(values, code, counts)
        if isinstance(weight, Constant):
            return error_of_values(np.array([weight.value]), code)
        if isinstance(weight, PairValues):
            return replace(error_of_values(weight.samples, code), largest=0.0)
        low, high = weight.bounds()
        single = code.single_lane(low, high)
        if single is None:
            several = lane_outcomes(weight, code)
            return error_of_distribution(weight, several.values, several.words)
        drawn = outcomes(weight, single[1], None, keeps_zero=code.positive.is_prescribed)
        # Outcome k is a weight of k quanta.
        values = (drawn.first + np.arange(drawn.words.size)) * single[1]
        return error_of_distribution(weight, values, drawn.words)
