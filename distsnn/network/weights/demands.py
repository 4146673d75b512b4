"""Which weights the projections onto a receptor must be able to store."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.network.description import Projection
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.space.by_distance import PairValues

SMALL = 1e-3  # of the mean size, or the largest one: smaller weights may be less precise


@dataclass(frozen=True, eq=False)
class Demand:
    """The weights of one projection onto one receptor that must be stored to ``PRECISION``.

    given_sizes: float64, ascending, the different |weight| > 0 of weights given as numbers; empty
    for a distribution. smallest, largest: range of |weight|. bounds: of a distribution, with signs,
    else None. is_learned: the weights come from a rule, or are set in a run.
    """

    projection: Projection
    given_sizes: np.ndarray
    smallest: float
    largest: float
    bounds: tuple[float, float] | None = None
    is_learned: bool = False


def demands_of(projection: Projection) -> list[tuple[int, Demand]]:
    """Return pairs of a receptor that the weights of a projection reach and the demand on it."""
    if projection.plasticity is not None:
        return [(projection.receptor, _demand_of_plastic(projection))]
    return [*_reserved_demands(projection), *_static_demands(projection)]


def _static_demands(projection: Projection) -> list[tuple[int, Demand]]:
    """Return the demands of the weights that static synapses are connected with."""
    weight = projection.weight
    at_or_above, below = projection.receptors
    if isinstance(weight, Constant | Listed):
        values = np.array([weight.value]) if isinstance(weight, Constant) else weight.values
        if at_or_above == below:
            return [(below, _given_demand(projection, values))]
        parts = [(at_or_above, values[values >= 0]), (below, values[values < 0])]
        return [(r, _given_demand(projection, part)) for r, part in parts if part.size]
    low, high = weight.bounds()
    # A distribution with values of both signs onto two receptors is split at 0.
    if at_or_above == below or low >= 0 or high < 0:
        receptor = at_or_above if low >= 0 else below
        return [(receptor, _spread_demand(projection, low, high))]
    return [
        (at_or_above, _spread_demand(projection, 0.0, high)),
        (below, _spread_demand(projection, low, 0.0)),
    ]


def _reserved_demands(projection: Projection) -> list[tuple[int, Demand]]:
    """Return the demands of the weights that a run may set, precise as those of learning synapses."""
    if projection.reserved_bounds is None:
        return []
    low, high = projection.reserved_bounds
    return [
        (receptor, Demand(projection, np.zeros(0), size, size, is_learned=True))
        for receptor, size in zip(projection.receptors, (high, -low), strict=True)
        if size > 0.0
    ]


def _given_demand(projection: Projection, values: np.ndarray) -> Demand:
    # Weights of 0 fit any quantum.
    sizes = np.unique(np.abs(values))
    sizes = sizes[sizes > 0]
    extremes = (float(sizes[0]), float(sizes[-1])) if sizes.size else (0.0, 0.0)
    return Demand(projection, sizes, *extremes)


def _spread_demand(projection: Projection, low: float, high: float) -> Demand:
    # Values around 0 of a distribution of both signs may be as small as 0.
    largest = max(abs(low), abs(high))
    smallest = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    # Weights by distance come down to nearly 0; those that hardly matter need not be precise.
    if isinstance(projection.weight, PairValues):
        smallest = max(smallest, SMALL * largest)
    return Demand(projection, np.zeros(0), smallest, largest, (low, high))


def _demand_of_plastic(projection: Projection) -> Demand:
    """Return the demand of plastic synapses: all weights that the rule can reach, on one lane."""
    largest = largest_size(projection)
    rule, weight = projection.plasticity, projection.weight
    step = rule.weight_step if rule else None
    # A rule that changes weights by a fixed step needs multiples of the step.
    exact = np.array([] if step is None else [step, largest])
    if rule and not rule.changes_weights and isinstance(weight, Constant | Listed):
        exact = np.abs([weight.value] if isinstance(weight, Constant) else weight.values)
    sizes = np.unique(exact)
    return Demand(projection, sizes[sizes > 0], largest, largest, is_learned=True)


def largest_size(projection: Projection) -> float:
    """Return the largest |weight| that a projection's synapses can have, also after learning."""
    return max(abs(bound) for bound in projection.weight_bounds)
