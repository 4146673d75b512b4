"""What neurons of a running network have: state, parameters and inputs, read and set by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Comm
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.network import Stimulus
from distsnn.network.views import PopulationView
from distsnn.running.inputs import KIND_OF_NAME, InputAccess, neurons_of
from distsnn.running.neurons import NeuronAccess, numbers_for, parameters_of


class Values:
    """Reads and sets values of views and stimuli. All methods are collective.

    Values are float64 [neurons], those of all views one after the other, and the same on every rank.
    """

    def __init__(self, rank: Rank, comm: Comm) -> None:
        self._network = rank.network
        self._neurons = NeuronAccess(rank, comm)
        self._inputs = InputAccess(rank)

    def get(self, views: Sequence[PopulationView], name: str) -> np.ndarray:
        """Return what neurons have of a name. Raises UsageError for an unknown one."""
        _require_text(name)
        return np.concatenate(
            [
                self._inputs.get(self._inputs.onto(view, name), view.index, name)
                if _is_input(view, name)
                else self._neurons.get(view, name)
                for view in views
            ]
        )

    def set(self, views: Sequence[PopulationView], given: Mapping[str, object]) -> None:
        """Set values by name: one number, or an array with one for each neuron of all views.

        All is checked before anything is set, but parameters that a model refuses: they leave those of
        earlier views set.
        """
        ends = np.cumsum([len(view) for view in views])
        subject = " + ".join(view.label for view in views)
        values = {
            name: np.split(
                numbers_for(f"{subject}: {name}", numbers, ends[-1], "neuron"), ends[:-1]
            )
            for name, numbers in given.items()
        }
        for k, view in enumerate(views):
            for name in values:
                self._require(view, name, values[name][k])
        for k, view in enumerate(views):
            self._set_view(view, {name: values[name][k] for name in values})

    def get_input(self, stimulus: Stimulus, name: str) -> np.ndarray:
        """Return what the neurons of a stimulus have of its rate_hz or pa."""
        _require_text(name)
        self._require_input(stimulus, name)
        return self._inputs.get(stimulus, neurons_of(stimulus), name)

    def set_input(self, stimulus: Stimulus, given: Mapping[str, object]) -> None:
        """Set rate_hz or pa of the neurons of a stimulus."""
        for name, numbers in given.items():
            self._require_input(stimulus, name)
            neurons = neurons_of(stimulus)
            subject = f"stimulus of {stimulus.target.name}: {name}"
            values = numbers_for(subject, numbers, neurons.size, "neuron")
            self._inputs.set(stimulus, neurons, name, values)

    def forget_inputs(self, stimulus: Stimulus) -> None:
        """Forget what was set of a stimulus, in whose place there is another."""
        self._inputs.forget(stimulus.index)

    def spike_counts(self, views: Sequence[PopulationView]) -> np.ndarray:
        """Return the number of spikes of each neuron since recordings began, int64."""
        return np.concatenate([self._neurons.spike_counts(view) for view in views])

    def _require(self, view: PopulationView, name: str, values: np.ndarray) -> None:
        if _is_input(view, name):
            self._inputs.require(self._inputs.onto(view, name), name, values)
        else:
            self._neurons.require(view, name, values)

    def _set_view(self, view: PopulationView, values: Mapping[str, np.ndarray]) -> None:
        # A name means a state variable, else a parameter, else an input.
        known = [
            name
            for name in parameters_of(view.population)
            if name not in view.population.model.states
        ]
        parameters = {name: values[name] for name in values if name in known}
        if parameters:
            self._neurons.set_parameters(view, parameters)
        for name, numbers in values.items():
            if _is_input(view, name):
                self._inputs.set(self._inputs.onto(view, name), view.index, name, numbers)
            elif name not in parameters:
                self._neurons.set_state(view, name, numbers)

    def _require_input(self, stimulus: Stimulus, name: str) -> None:
        if not any(own is stimulus for own in self._network.stimuli):
            limit = "what network.stimulate() returned"
            raise UsageError(must_be("Simulation: stimulus", limit, stimulus, "Give that."))
        kind = KIND_OF_NAME.get(name)
        if kind is None or not isinstance(stimulus.what, kind):
            limit = f"one of {', '.join(KIND_OF_NAME)}, as the stimulus has it"
            raise UsageError(must_be("Simulation: name", limit, name, "Check it."))


def _require_text(name: object) -> None:
    if not isinstance(name, str):
        limit = "the name of a state variable, parameter or input"
        raise UsageError(must_be("Simulation: name", limit, name, "Give 'v'."))


def _is_input(view: PopulationView, name: str) -> bool:
    is_of_model = name in view.population.model.states or name in parameters_of(view.population)
    return name in KIND_OF_NAME and not is_of_model
