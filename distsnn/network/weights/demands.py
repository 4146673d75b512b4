"""What the projections onto a receptor ask of its quanta."""

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
    """What one projection asks of a receptor.

    given: absolute values of its weights if they are numbers, float64, ascending, without 0. smallest,
    largest: absolute values to be stored precisely. bounds: of distributed weights, with their signs;
    these are not among ``given``. is_learned: a rule changes the weights.
    """

    projection: Projection
    given: np.ndarray
    smallest: float
    largest: float
    bounds: tuple[float, float] | None = None
    is_learned: bool = False


def demands_of(projection: Projection) -> list[tuple[int, Demand]]:
    """Return the demands of a projection on each receptor that its weights reach."""
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
    # Weights by distance come down to nearly 0; those that hardly matter need not be precise.
    if isinstance(projection.weight, PairValues):
        smallest = max(smallest, SMALL * largest)
    return Demand(projection, np.zeros(0), smallest, largest, (low, high))


def _demand_of_plastic(projection: Projection) -> Demand:
    """A rule needs all weights that it can reach on one lane."""
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
