"""Makes the populations, projections and probes of a network from what its user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from distsnn.checks import must_be, whole
from distsnn.errors import NetworkError
from distsnn.network import checks, model_checks, plastic_checks
from distsnn.network.description import Population, Probe, Projection
from distsnn.network.neuron_parameters import split_model, tried_models
from distsnn.network.rules import Rule
from distsnn.network.rules.computed import is_computed
from distsnn.network.rules.of_views import rule_of_views
from distsnn.network.space.positions import Site, placed
from distsnn.network.views import PopulationView
from distsnn.neurons.model import NeuronModel, require_model
from distsnn.time_grid import given_steps


def new_population(
    others: Sequence[Population],
    seed: int,
    dt_ms: float,
    name: str,
    size: int,
    model: NeuronModel,
    initial: Mapping[str, Any] | None,
    patches: int,
    positions: Any,
) -> Population:
    """Return a population that follows ``others``; see ``Network.population``."""
    subject = f"population {name!r}"
    checks.require_name("population", name)
    if any(population.name == name for population in others):
        raise NetworkError(
            f"{subject}: must have a name of its own, got one that is taken. Choose another."
        )
    n_others = sum(population.size for population in others)
    most = checks.MAX_NEURONS - n_others
    whole(f"{subject}: size", size, 1, most, remedy="Less than 2^31 neurons can be in all.")
    require_model(subject, model)
    # One typical number per parameter decides about layout and code; the values that vary are tried.
    typical, varying = split_model(subject, model, size, dt_ms)
    for tried in (typical, *tried_models(typical, varying, dt_ms)):
        model_checks.require_constants(subject, tried, dt_ms)
        tried.require_fit(subject, size, dt_ms)
    checks.require_patches(subject, size, patches)
    start = model_checks.initial_state(subject, typical, initial, size)
    model_checks.require_whole_states(subject, typical, start)
    space = placed(Site(subject, int(size), seed, len(others)), positions)
    return Population(
        len(others), name, int(size), typical, start, int(patches), n_others, varying, space
    )


def new_projection(
    index: int,
    source: PopulationView,
    target: PopulationView,
    rule: Rule,
    dt_ms: float,
    options: Mapping[str, Any],
) -> Projection:
    """Return a projection between neurons of two populations; options: of ``Network.connect``."""
    ends = source.population, target.population
    subject = f"projection {source.label} -> {target.label}"
    checks.require_rule(subject, rule)
    # Stage 1: what each synapse has, in the numbering of the views.
    weights = checks.given_values(subject, "weight", options["weight"], rule, dt_ms, ends)
    delays = checks.given_values(subject, "delay_ms", options["delay_ms"], rule, dt_ms, ends)
    if not (source.is_all and target.is_all):
        rule = rule_of_views(subject, rule, source.index, target.index)
    # Stage 2: whether it can be stored, learned and delivered.
    checks.require_delays(subject, delays, dt_ms)
    checks.require_storable_weights(subject, weights)
    learned = plastic_checks.plasticity_rule(subject, options["plasticity"])
    share = options["dendritic_share"]
    reserved = plastic_checks.reserved_bounds(subject, options["weight_bounds"], weights, learned)
    receptors = checks.receptors_of_signs(
        subject, target.population, options["receptor"], weights, learned, reserved
    )
    plastic_checks.require_plasticity(subject, learned, weights, share, dt_ms)
    computed = is_computed(
        subject, options["synapses"], rule, delays,
        is_plastic=learned is not None, is_settable=reserved is not None,
    )  # fmt: skip
    new = Projection(
        index, *ends, rule, weights, delays, receptors, dt_ms, learned, float(share), reserved,
        computed,
    )  # fmt: skip
    # Stage 3: whether the rule can connect these neurons.
    rule.check(new.ends)
    checks.require_in_degree(new)
    return new


def new_probe(
    others: Sequence[Probe],
    view: PopulationView,
    variable: str,
    neurons: Any,
    every_ms: float | None,
    dt_ms: float,
) -> Probe:
    """Return a probe that follows ``others``; see ``Network.record``."""
    population = view.population
    # One probe per variable and population, whose samples are one table.
    subject = f"probe of {population.name}"
    model_checks.require_state(subject, population.model, variable)
    if any(p.population is population and p.variable == variable for p in others):
        raise NetworkError(
            f"{subject}: {variable!r} must have one probe at most, got a second. "
            "Name all neurons in one."
        )
    if neurons is not None and not view.is_all:
        limit = "left out, since the view says them"
        raise NetworkError(must_be(f"{subject}: neurons", limit, neurons, "Index the population."))
    chosen = view.index
    if view.is_all:
        chosen = checks.chosen_neurons(subject, population, neurons)
    interval = dt_ms if every_ms is None else every_ms
    given_steps(f"{subject}: every_ms", interval, dt_ms, 1)
    return Probe(len(others), population, variable, chosen, float(interval))
