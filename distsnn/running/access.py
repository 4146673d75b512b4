"""Which neurons, inputs and synapses of a running network a name means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.network import Network, Projection, Stimulus
from distsnn.network.network import Neurons
from distsnn.network.views import PopulationView
from distsnn.running.inputs import KIND_OF_NAME, InputAccess, neurons_of
from distsnn.running.neurons import NeuronAccess, parameters_of, unknown


class Access:
    """Reads and sets state variables, parameters and inputs by name. All methods are collective."""

    def __init__(self, rank: Rank, comm: Comm) -> None:
        self._network = rank.network
        self._neurons, self._inputs = NeuronAccess(rank, comm), InputAccess(rank)

    def get(self, neurons: Neurons | Stimulus, name: str) -> np.ndarray:
        """Return one number per neuron, float64, on every rank; see ``Simulation.get``."""
        if isinstance(neurons, Stimulus):
            stimulus = own_stimulus(self._network, neurons, name)
            return self._inputs.get(stimulus, neurons_of(stimulus), name)
        return np.concatenate([self._get(view, name) for view in self._network.views(neurons)])

    def set(self, neurons: Neurons | Stimulus, values: Mapping[str, Any]) -> None:
        """Set values by name, each one number or one per neuron; see ``Simulation.set``."""
        if isinstance(neurons, Stimulus):
            for name, given in values.items():
                stimulus = own_stimulus(self._network, neurons, name)
                view = PopulationView(stimulus.target, neurons_of(stimulus))
                numbers = self._neurons.values_for(view, name, given)
                self._inputs.set(stimulus, view.index, name, numbers)
            return
        for view in self._network.views(neurons):
            for name, given in values.items():
                self._set(view, name, self._neurons.values_for(view, name, given))

    # A name means a state variable, else a parameter of the model, else an input of the neurons.

    def _get(self, view: PopulationView, name: str) -> np.ndarray:
        if is_of_input(view, name):
            return self._inputs.get(self._inputs.onto(view, name), view.index, name)
        return self._neurons.get(view, name)

    def _set(self, view: PopulationView, name: str, values: np.ndarray) -> None:
        if is_of_input(view, name):
            self._inputs.set(self._inputs.onto(view, name), view.index, name, values)
        elif name in view.population.model.states:
            self._neurons.set_state(view, name, values)
        elif name in parameters_of(view.population):
            self._neurons.set_parameter(view, name, values)
        else:
            raise unknown(view, name)


def is_of_input(view: PopulationView, name: str) -> bool:
    """Return whether a name means an input of neurons, as their model has nothing of this name."""
    population = view.population
    is_of_model = name in population.model.states or name in parameters_of(population)
    return name in KIND_OF_NAME and not is_of_model


def own_stimulus(network: Network, stimulus: Stimulus, name: str) -> Stimulus:
    """Return a stimulus of the network that has ``name``; UsageError otherwise."""
    if not any(own is stimulus for own in network.stimuli):
        limit = "what network.stimulate() returned"
        raise UsageError(must_be("Simulation: stimulus", limit, stimulus, "Give that."))
    kind = KIND_OF_NAME.get(name)
    if kind is None or not isinstance(stimulus.what, kind):
        limit = f"one of {', '.join(KIND_OF_NAME)}, as the stimulus has it"
        raise UsageError(must_be("Simulation: name", limit, name, "Check it."))
    return stimulus


def own_projection(network: Network, projection: Projection) -> Projection:
    """Return a projection of the network; UsageError otherwise."""
    if not any(own is projection for own in network.projections):
        limit = "what network.connect() returned"
        raise UsageError(must_be("Simulation: projection", limit, projection, "Give that."))
    return projection
