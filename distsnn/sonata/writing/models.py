"""Neuron models in the words of SONATA: NEST's where NEST has the model, else this package's own."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network import Population
from distsnn.neurons import NeuronModel, all_models
from distsnn.simulation import Simulation
from distsnn.sonata.models import TEMPLATES, Template
from distsnn.sonata.own import INITIAL, OWN, is_plain

Words = tuple[str, dict[str, Any], dict[str, np.ndarray]]


def model_words(simulation: Simulation, population: Population) -> Words:
    """Return template, parameters of all neurons, and those that differ, by name. Collective.

    Raises NetworkError for a model that has no words.
    """
    model = population.model
    kind = type(model)
    if all_models().get(kind.__name__) is not kind:
        limit = "a model of this package or of NEST"
        subject = f"SONATA: population {population.name}: model"
        raise NetworkError(must_be(subject, limit, kind.__name__, "Leave the population out."))
    values = _fields(simulation, population)
    starts = _starts(simulation, population)
    for name, template in TEMPLATES.items():
        if template.model is kind and _is_said_by(template, model, values, starts):
            own = {nest: values[ours] for nest, ours in template.names.items()}
            return f"nest:{name}", *_parted({**own, "V_m": starts["v"]})
    own = {**values, **{f"{INITIAL}{name}": value for name, value in starts.items()}}
    return f"{OWN}:{kind.__name__}", *_parted(own)


def _fields(simulation: Simulation, population: Population) -> dict[str, Any]:
    """Return the parameters by name, numbers or an array by neuron. Collective."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(population.model):  # type: ignore[arg-type]
        name = field.name
        value = getattr(population.model, name)
        if name in population.parameters:
            value = simulation.get(population, name)
        elif not is_plain(value):
            # What is no number can be left out if it is what the model has anyway.
            if value == getattr(type(population.model)(), name):
                continue
            limit = "one of numbers and texts"
            subject = f"SONATA: population {population.name}: {name}"
            raise NetworkError(must_be(subject, limit, value, "Leave the population out."))
        values[name] = value
    return values


def _starts(simulation: Simulation, population: Population) -> dict[str, np.ndarray]:
    """Return the values of the state variables before the first step. Collective."""
    # Those that the network says, and v, for which NEST has a word. A parameter that is a state
    # variable too (Izhikevich's b) is known in float32 only, so that nothing may follow from it.
    states, model = population.model.states, type(population.model)
    needs_all = not population.parameters.keys().isdisjoint(states)
    names = [
        name
        for name in states
        if needs_all or name in population.initial or (name == "v" and model in NEST_MODELS)
    ]
    return {name: simulation.get(population, name) for name in names}


NEST_MODELS = {template.model for template in TEMPLATES.values()}


def _is_said_by(
    template: Template, model: NeuronModel, values: dict[str, Any], starts: dict[str, np.ndarray]
) -> bool:
    """Return whether NEST's words suffice: all other parameters have their usual values."""
    usual = type(model)()
    others = set(values) - set(template.names.values())
    is_usual = all(values[name] is getattr(usual, name) or values[name] == getattr(usual, name)
                   for name in others if not isinstance(values[name], np.ndarray))  # fmt: skip
    has_arrays = any(isinstance(values[name], np.ndarray) for name in others)
    return is_usual and not has_arrays and set(starts) == {"v"}


def _parted(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the values that are one for all neurons, and the others."""
    words: dict[str, Any] = {}
    columns: dict[str, np.ndarray] = {}
    for name, value in values.items():
        if not isinstance(value, np.ndarray):
            words[name] = value
        elif value.size and np.all(value == value[0]):
            words[name] = float(value[0])
        else:
            columns[name] = value.astype(np.float64)
    return words, columns
