"""Initial values of the neurons' state variables."""

from __future__ import annotations

import numpy as np

from distsnn.core.neurons.parameters import NeuronParameters
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.mapping.plan import Slice
from distsnn.network import Network, Population, Shared
from distsnn.network.distributions.listed import Listed
from distsnn.network.draw import draw_uniform


def initial_values(
    network: Network,
    population: Population,
    name: str,
    piece: Slice,
    start: int,
    parameters: NeuronParameters,
) -> np.ndarray:
    """Return the initial values of a state variable for one slice, in stored form.

    float64 [neurons], or a scalar, relative to the model's offset; rounded to integers for variables of
    type i4. Drawn values depend on the network's seed, the population, the variable and the neuron,
    but never on the rank.
    """
    model = population.model
    chosen = population.initial.get(name)
    # Four sources: the model, given values, a draw shared by several variables, a draw of its own.
    absolute: np.ndarray | float
    if chosen is None:
        absolute = parameters.initial(population, name, start, piece.size)
    elif isinstance(chosen, Listed):
        absolute = chosen.values[piece.start : piece.stop]
    elif isinstance(chosen, Shared):
        key = stream_key(network.seed, f"initial {chosen.draw}", population.index)
        absolute = chosen.of(draw_uniform(key, piece.start, piece.stop))
    else:
        state_index = list(model.states).index(name)
        key = stream_key(network.seed, "initial", population.index, state_index)
        absolute = chosen.quantiles(draw_uniform(key, piece.start, piece.stop))
    offsets = parameters.offsets(population, name, start, piece.size)
    values = np.asarray(absolute, dtype=np.float64) - offsets
    stored: np.ndarray = np.floor(values + 0.5) if model.states[name] == "i4" else values
    return stored
