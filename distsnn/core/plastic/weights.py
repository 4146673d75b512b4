"""The initial weights of plastic synapses."""

from __future__ import annotations

import numpy as np

from distsnn.core.plastic.context import ProjectionContext
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.draw import draw_weights, given_values
from distsnn.network.space.by_distance import PairValues


def initial_weights(context: ProjectionContext, start: int, counts: np.ndarray) -> np.ndarray:
    """Return the weights of the synapses onto consecutive targets, float64, in the receptor's unit.

    start: index of the first target in its population. counts: number of synapses onto each target.
    Weights that are listed or follow from the distance are used unchanged; drawn weights are whole
    quanta, as in static synapses.
    """
    projection = context.projection
    values, n = projection.weight, int(counts.sum(dtype=np.int64))
    if isinstance(values, Constant):
        return np.full(n, float(values.value))
    if isinstance(values, Listed | PairValues):
        return given_values(projection, values, start, counts, context.seed)
    return context.code.decode(*draw_weights(projection, start, counts, context.seed, context.code))
