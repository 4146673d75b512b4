"""Weights of plastic synapses: those they start with, and those that results show."""

from __future__ import annotations

import numpy as np

from distsnn.core.plastic.place import Place
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.draw import draw_weights
from distsnn.network.rules.explicit import ExplicitList


def initial_weights(place: Place, start: int, counts: np.ndarray) -> np.ndarray:
    """Return the weights of the synapses onto consecutive targets from ``start`` on, float64.

    Given weights are taken as they are, drawn ones are whole quanta as those of static synapses.
    """
    projection = place.projection
    values, n = projection.weight, int(counts.sum(dtype=np.int64))
    if isinstance(values, Constant):
        return np.full(n, float(values.value))
    if isinstance(values, Listed) and isinstance(projection.rule, ExplicitList):
        return values.values[projection.rule.places(start, start + counts.size)]
    return place.code.decode(
        *draw_weights(projection, start, counts, place.network.seed, place.code)
    )
