"""Inputs of a running network that others replace: currents, and the spikes of sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.network import Network, Population, Stimulus
from distsnn.network.network import Neurons
from distsnn.stimuli import Input, SpikeSource

MAX_INPUT = 2**24


def other_current(network: Network, stimulus: Stimulus, what: Input) -> Stimulus:
    """Return a stimulus with another current; UsageError or NetworkError if there cannot be one."""
    if not any(own is stimulus for own in network.stimuli):
        limit = "what network.stimulate() or set_input() returned last"
        raise UsageError(must_be("Simulation.set_input: stimulus", limit, stimulus, "Give that."))
    subject = f"stimulus of {stimulus.target.name}"
    if stimulus.what.has_receptor or not isinstance(what, Input) or what.has_receptor:
        limit = "a current in place of a current"
        raise UsageError(must_be(f"{subject}: what", limit, what, "Give one such as Current()."))
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
    model = SpikeSource(times_ms, sources, measured=population.model.measured)
    model.require_fit(population.name, population.size, network.dt_ms)
    steps, lines = model.steps(network.dt_ms, population.name)
    return steps, lines.astype(np.int64), population


def require_room(population: Population, steps: np.ndarray, most_input: int) -> None:
    """Raise UsageError if a step has more spikes than were reserved for a population."""
    most = population.size + most_input
    n = int(np.unique(steps, return_counts=True)[1].max(initial=0))
    if n > most:
        limit = f"at most {most} spikes in a step"
        remedy = "Make the simulation with a larger most_input."
        raise UsageError(must_be(f"spikes of {population.name}", limit, n, remedy))
