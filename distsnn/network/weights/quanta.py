"""The quanta of the weights onto each receptor of each population.

If one quantum q holds all weights onto a receptor to 0.1 %, the receptor has one lane. For distributed
weights q is the largest possible |weight| / 32,767. Constants choose q such that all of them are
multiples: the largest is m quanta, and of m in (16,383 .. 32,767] the one with the smallest worst
relative error is taken; if several are exact, the power of two, since float32 then restores the very
weights. Fewer quanta are taken if a neuron's largest possible sum in one step would not fit an int32.
Weights that differ more are split over several lanes (``lanes.py``), each with a quantum chosen in the
same way. A model with integer weights prescribes its quanta (``weight_quanta``, one per receptor).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from distsnn.network.description import Projection
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.network import Network
from distsnn.network.space.by_distance import PairValues
from distsnn.network.weights.demands import Demand, demands_of, largest_size
from distsnn.network.weights.lanes import (
    Ladder,
    WeightCode,
    WeightError,
    error_of_distribution,
    error_of_values,
    lane_outcomes,
)
from distsnn.network.weights.outcomes import outcomes
from distsnn.network.weights.rungs import given_quantum, rungs_of


class Quanta:
    """The lanes of each receptor that has synapses.

    Raises NetworkError if the synapses of a neuron could sum up to more than an int32 holds, or if a
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
            rungs = rungs_of(receptor, demands)
            first = self._n_lanes[population]
            more = range(first, first + len(rungs) - 1)
            self._n_lanes[population] += len(rungs) - 1
            self._ladders[population, receptor] = Ladder(
                receptor, (receptor, *more), tuple(q for q, _ in rungs),
                tuple(top for _, top in rungs), given_quantum(demands[0].projection, receptor) > 0,
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
        if isinstance(weight, PairValues):
            return replace(error_of_values(weight.samples, code), largest=0.0)
        low, high = weight.bounds()
        single = code.single_lane(low, high)
        if single is None:
            found = lane_outcomes(weight, code)
            return error_of_distribution(weight, found.values, found.words)
        drawn = outcomes(weight, single[1], None, keeps_zero=code.positive.is_given)
        values = (drawn.first + np.arange(drawn.words.size)) * single[1]
        return error_of_distribution(weight, values, drawn.words)
