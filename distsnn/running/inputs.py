"""The inputs of a running network: rates and currents, read, set and replaced over all ranks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, must_be
from distsnn.core.changes import set_rate
from distsnn.core.inputs.driven import RankNeurons
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.network import Network, Population, Stimulus
from distsnn.network.network import Neurons
from distsnn.network.views import PopulationView
from distsnn.stimuli import Current, Input, Poisson, SpikeSource
from distsnn.stimuli.poisson import MAX_PER_STEP

MAX_INPUT = 2**24  # spikes in a step beyond one for each neuron
KIND_OF_NAME = {"rate_hz": Poisson, "pa": Current}


class InputAccess:
    """Reads and sets the rates of Poisson inputs and constant currents. Setting is collective."""

    def __init__(self, rank: Rank) -> None:
        self._rank = rank
        self._set: dict[tuple[int, str], np.ndarray] = {}  # of all neurons of a stimulus
        self._drawn = RankNeurons(rank.network, rank.state.slices)

    def onto(self, view: PopulationView, name: str) -> Stimulus:
        """Return the one stimulus whose rate_hz or pa the neurons of a view have.

        Raises UsageError if there is none or are several.
        """
        kind = KIND_OF_NAME[name]
        candidates = [
            stimulus
            for stimulus in self._rank.network.stimuli
            if stimulus.target is view.population
            and isinstance(stimulus.what, kind)
            and np.isin(view.index, neurons_of(stimulus)).any()
        ]
        if len(candidates) != 1:
            limit = f"that of one {kind.__name__} stimulus onto these neurons"
            got, remedy = f"{len(candidates)} of them", "Give what network.stimulate() returned."
            raise UsageError(f"{view.label}: {name} must be {limit}, got {got}. {remedy}")
        missing = view.index[~np.isin(view.index, neurons_of(candidates[0]))]
        if missing.size:
            limit = "that of neurons which the stimulus drives"
            raise UsageError(must_be(f"{view.label}: {name}", limit, missing, "Leave them out."))
        return candidates[0]

    def get(self, stimulus: Stimulus, neurons: np.ndarray, name: str) -> np.ndarray:
        """Return the rate_hz or pa of neurons of a stimulus, float64."""
        return self._values(stimulus, name)[np.searchsorted(neurons_of(stimulus), neurons)]

    def set(self, stimulus: Stimulus, neurons: np.ndarray, name: str, values: np.ndarray) -> None:
        """Set the rate_hz or pa of neurons of a stimulus from the next step on. Raises UsageError."""
        self.require(stimulus, name, values)
        new = self._values(stimulus, name).copy()
        new[np.searchsorted(neurons_of(stimulus), neurons)] = values
        self._set[stimulus.index, name] = new
        if name == "rate_hz":
            set_rate(self._rank, stimulus.index, neurons, values)
        else:
            self._rank.state.inputs.set_current(stimulus.index, neurons, values)

    def forget(self, stimulus: int) -> None:
        """Forget the values that were set of the stimulus of an index."""
        for name in KIND_OF_NAME:
            self._set.pop((stimulus, name), None)

    def require(self, stimulus: Stimulus, name: str, values: np.ndarray) -> None:
        """Raise UsageError unless a stimulus can have these values."""
        subject = f"stimulus of {stimulus.target.name}: {name}"
        if name not in stimulus.what.values():
            limit = "constant in the network, so that it can be set"
            remedy = "Give a number or an array there."
            raise UsageError(must_be(subject, limit, "one that changes in time", remedy))
        most = MAX_FLOAT32
        if name == "rate_hz":
            most = MAX_PER_STEP / self._rank.network.dt_ms * 1e3
        low = 0.0 if name == "rate_hz" else -MAX_FLOAT32
        wrong = ~((values >= low) & (values <= most))
        if wrong.any():
            limit = f"numbers from {low:g} to {most:g}"
            got = float(values[int(np.argmax(wrong))])
            raise UsageError(must_be(subject, limit, got, "Change them."))

    def _values(self, stimulus: Stimulus, name: str) -> np.ndarray:
        """Return the rate_hz or pa of all neurons of a stimulus, on every rank."""
        key = stimulus.index, name
        if key not in self._set:
            if name not in stimulus.what.values():
                limit = "constant in the network, so that it can be read"
                subject = f"stimulus of {stimulus.target.name}: {name}"
                remedy = "Give a number or an array there."
                raise UsageError(must_be(subject, limit, "one that changes in time", remedy))
            positions = np.arange(neurons_of(stimulus).size, dtype=np.int64)
            self._set[key] = self._drawn.values(stimulus, name, positions)
        return self._set[key]


def neurons_of(stimulus: Stimulus) -> np.ndarray:
    """Return the neurons that a stimulus drives, int64, ascending."""
    if stimulus.neurons is None:
        return np.arange(stimulus.target.size, dtype=np.int64)
    return stimulus.neurons


def other_current(network: Network, stimulus: Stimulus, what: Input) -> Stimulus:
    """Return a stimulus with another current; UsageError or NetworkError if there cannot be one."""
    if not any(own is stimulus for own in network.stimuli):
        limit = "what network.stimulate() or set_input() returned last"
        raise UsageError(must_be("Simulation.set_input: stimulus", limit, stimulus, "Give that."))
    subject = f"stimulus of {stimulus.target.name}"
    if stimulus.what.has_receptor or not isinstance(what, Input) or what.has_receptor:
        limit = "a current in place of a current"
        raise UsageError(must_be(f"{subject}: what", limit, what, "Give one such as Current()."))
    # As ``Network.stimulate`` checks a current, beside the others of these neurons.
    what.require_neurons(subject, stimulus.n_neurons)
    others = [
        other.what
        for other in network.stimuli
        if other is not stimulus
        and other.target is stimulus.target
        and other.meets(stimulus.neurons)
    ]
    what.require_fit(subject, stimulus.target.model, others, network.dt_ms)
    return replace(stimulus, what=what)


def given_spikes(
    network: Network, neurons: Neurons, times_ms: Any, sources: Any
) -> tuple[np.ndarray, np.ndarray, Population]:
    """Return step and source of all spikes, int64, sorted by both, and the population that plays them.

    Raises UsageError for a population of another model, NetworkError for wrong spikes.
    """
    (view, *others) = network.views(neurons)
    population = view.population
    subject = f"Simulation.set_spikes: {view.label}"
    if others or not view.is_all or not isinstance(population.model, SpikeSource):
        limit = "one population of given spikes (SpikeSource)"
        raise UsageError(must_be(subject, limit, neurons, "Give one."))
    # Checked as a source of its own, with the same rule for times.
    model = SpikeSource(times_ms, sources, measured=population.model.measured)
    model.require_fit(population.name, population.size, network.dt_ms)
    steps, lines = model.steps(network.dt_ms, population.name)
    return steps, lines.astype(np.int64), population


def require_room(population: Population, steps: np.ndarray, most_input: int) -> None:
    """Raise UsageError if a step has more spikes than were reserved for a population."""
    most = population.size + most_input
    # The largest number of spikes in any step.
    n = int(np.unique(steps, return_counts=True)[1].max(initial=0))
    if n > most:
        limit = f"at most {most} spikes in a step"
        remedy = "Make the simulation with a larger most_input."
        raise UsageError(must_be(f"spikes of {population.name}", limit, n, remedy))
