"""The state of neurons before the first step."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.numbers.threefry import stream_key
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population, Shared
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.draw import draw_uniform


def initial_values(network: Network, population: Population, name: str, piece: Slice) -> np.ndarray:
    """Return what a state variable of a slice starts with, float64 [neurons] or [], as it is kept.

    Relative to the model's offset; whole numbers for variables of type i4. What is drawn depends on
    the network's seed, the population, the variable and the neuron, never on the rank.
    """
    model = population.model
    chosen = population.initial.get(name, model.initial().get(name, 0.0))
    if isinstance(chosen, Shared):
        key = stream_key(network.seed, f"initial {chosen.draw}", population.index)
        chosen = chosen.of(draw_uniform(key, piece.start, piece.stop))
    elif isinstance(chosen, Distribution):
        state_index = list(model.states).index(name)
        key = stream_key(network.seed, "initial", population.index, state_index)
        chosen = chosen.quantiles(draw_uniform(key, piece.start, piece.stop))
    values = np.asarray(chosen, dtype=np.float64) - model.offsets.get(name, 0.0)
    return np.floor(values + 0.5) if model.states[name] == "i4" else values
