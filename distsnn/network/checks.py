"""What a network description must satisfy; each check raises NetworkError with one clear line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from distsnn.errors import NetworkError
from distsnn.network.description import Population, Projection
from distsnn.network.distributions import Distribution, as_distribution
from distsnn.network.listed import Listed
from distsnn.network.outcomes import MOST_DELAY_STEPS, delay_bounds
from distsnn.stimuli import Poisson, SpikeSource
from distsnn.stimuli.checks import require_finite
from distsnn.stimuli.poisson import MOST_PER_STEP

MOST_NEURONS = 2**31 - 1
MOST_IN_DEGREE = 2**31 - 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
RULE_VERBS = ("check", "expected_synapses", "most_synapses", "most_in_degree", "counts", "fill")


def require_name(thing: str, name: Any) -> None:
    """A name is used in files and on the command line."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise NetworkError(
            f"{thing}: name is {name!r}, limit 64 letters, digits and _ . + - after a letter or "
            "digit. Choose another."
        )


def require_time_step(dt_ms: Any) -> None:
    """The time step is a positive number of milliseconds."""
    require_finite("network", "dt_ms", dt_ms)
    if dt_ms <= 0:
        raise NetworkError(f"network: dt_ms is {dt_ms}, limit above 0. Choose 0.1, for instance.")


def require_model(thing: str, model: Any) -> None:
    """A model is an instance of a frozen dataclass that says its receptors and states."""
    parameters = getattr(type(model), "__dataclass_params__", None)
    is_frozen = is_dataclass(model) and parameters is not None and parameters.frozen
    if isinstance(model, type) or not is_frozen:
        raise NetworkError(
            f"{thing}: model is {model!r}, limit an instance of a neuron model. "
            "Give one such as LifExp()."
        )
    receptors, states = getattr(model, "receptors", None), getattr(model, "states", None)
    is_sound = isinstance(receptors, tuple) and isinstance(states, dict)
    if not is_sound or not set(dict(states or {}).values()) <= {"f4", "i4"}:
        raise NetworkError(
            f"{thing}: model {type(model).__name__} has receptors {receptors!r} and states "
            f"{states!r}, limit a tuple of names and a dict of 'f4' or 'i4'. Add both to its class."
        )


def require_sources_fit(thing: str, model: Any, size: int) -> None:
    """A population must have the neurons that its given spikes name."""
    if isinstance(model, SpikeSource) and int(model.n_sources or 0) > size:
        raise NetworkError(
            f"{thing}: its spikes need {model.n_sources} neurons, limit its size {size}. "
            "Make it larger."
        )


def require_state(thing: str, model: Any, variable: Any) -> None:
    """A state variable must be one of the model's."""
    if variable not in model.states:
        known = ", ".join(model.states) or "none"
        raise NetworkError(
            f"{thing}: state variable {variable!r} is unknown to {type(model).__name__}, "
            f"limit {known}. Check the name."
        )


def initial_state(
    thing: str, model: Any, initial: Mapping[str, float | Distribution]
) -> dict[str, Distribution]:
    """Return the initial state by variable, as distributions."""
    if not isinstance(initial, Mapping):
        raise NetworkError(
            f"{thing}: initial is {initial!r}, limit a dict by state variable. Give {{'v': -60.0}}."
        )
    for name in initial:
        require_state(f"{thing}: initial", model, name)
    return {
        name: as_distribution(value, f"{thing}: initial {name}") for name, value in initial.items()
    }


def require_rule(thing: str, rule: Any) -> None:
    """A rule has all the verbs of ``Rule``."""
    is_rule = all(callable(getattr(rule, verb, None)) for verb in RULE_VERBS)
    if isinstance(rule, type) or not is_rule:
        raise NetworkError(
            f"{thing}: rule is {rule!r}, limit an instance of a connection rule. "
            "Give one such as FixedInDegree(100)."
        )


def require_delays(thing: str, delay: Distribution | Listed, dt_ms: float) -> None:
    """A delay is not negative and not longer than a synapse can say."""
    low, high = delay.bounds()
    if low < 0:
        raise NetworkError(
            f"{thing}: delay_ms can be {low:g}, limit at least 0. "
            "Bound the distribution, as with low=0.1."
        )
    if delay_bounds(delay, dt_ms)[1] > MOST_DELAY_STEPS:
        raise NetworkError(
            f"{thing}: delay_ms can be {high:g}, limit {MOST_DELAY_STEPS * dt_ms:g} "
            f"({MOST_DELAY_STEPS} steps). Bound it, or choose a longer dt_ms."
        )


def receptor_index(thing: str, target: Population, receptor: Any, weight: float) -> int:
    """Return the index of a receptor given by name, by index, or by the sign of the weight."""
    names = target.model.receptors
    if not names:
        raise NetworkError(
            f"{thing}: {type(target.model).__name__} takes no input, limit a model with receptors. "
            "Choose another target."
        )
    if receptor is None:
        return 0 if weight >= 0 else len(names) - 1
    if receptor in names:
        return names.index(receptor)
    is_index = isinstance(receptor, (int, np.integer)) and not isinstance(receptor, bool)
    if is_index and 0 <= receptor < len(names):
        return int(receptor)
    raise NetworkError(
        f"{thing}: receptor {receptor!r} is unknown to {type(target.model).__name__}, "
        f"limit {', '.join(names)}. Give a name or an index from 0."
    )


def require_plasticity(
    thing: str, rule: Any, weights: Distribution | Listed, dendritic_share: Any
) -> None:
    """A rule is an instance of a learning rule whose bounds hold all weights to start with."""
    require_finite(thing, "dendritic_share", dendritic_share)
    if not 0.0 <= dendritic_share <= 1.0:
        raise NetworkError(
            f"{thing}: dendritic_share is {dendritic_share}, limit 0 to 1. Choose one in between."
        )
    if isinstance(rule, type) or (rule is not None and not hasattr(rule, "family")):
        raise NetworkError(
            f"{thing}: plasticity is {rule!r}, limit an instance of a learning rule. "
            "Give one such as PairStdp(w_max=1.0), or None."
        )
    if dendritic_share and not getattr(rule, "splits_delay", rule is not None):
        raise NetworkError(
            f"{thing}: dendritic_share is {dendritic_share}, limit 0 for "
            f"{'static synapses' if rule is None else type(rule).__name__}. Leave it out."
        )
    learned = getattr(rule, "weight_bounds", None)
    if learned is None:
        return
    (low, high), slack = weights.bounds(), 1e-9 * (learned[1] - learned[0])
    if low < learned[0] - slack or high > learned[1] + slack:
        raise NetworkError(
            f"{thing}: weights of {low:g} to {high:g}, limit {learned[0]:g} to {learned[1]:g} by "
            f"{type(rule).__name__}. Give the distribution low and high, or the rule other bounds."
        )


def require_learned(thing: str, projection: Any, projections: list[Projection]) -> None:
    """Only a plastic projection of this network has weights to record."""
    if not any(projection is own for own in projections):
        raise NetworkError(
            f"{thing}: is no projection of this network, limit what connect() returned. Add it "
            "first."
        )
    if projection.plasticity is None:
        raise NetworkError(
            f"{thing}: are static, limit a projection with plasticity. Give it a rule."
        )


def require_modulated(thing: str, projection: Any, projections: list[Projection]) -> None:
    """Only a projection that learns from rewards can be modulated."""
    require_learned(thing, projection, projections)
    if not getattr(projection.plasticity, "is_rewarded", False):
        raise NetworkError(
            f"{thing}: {type(projection.plasticity).__name__} knows no reward, limit a rule such "
            "as RewardStdp. Choose one."
        )


def require_in_degree(projection: Projection) -> None:
    """The number of synapses onto one neuron is kept in an int32."""
    most = projection.most_in_degree()
    if most > MOST_IN_DEGREE:
        raise NetworkError(
            f"{projection.name}: {most} synapses onto one neuron, limit {MOST_IN_DEGREE}. "
            "Lower their number."
        )


def require_mean_count(thing: str, poisson: Poisson, dt_ms: float) -> None:
    """A Poisson count per step is drawn from a table."""
    mean = poisson.mean_per_step(dt_ms)
    if mean > MOST_PER_STEP:
        raise NetworkError(
            f"{thing}: rate_hz {poisson.rate_hz:g} gives {mean:g} spikes per step, "
            f"limit {MOST_PER_STEP:g}. Lower the rate or the time step."
        )


def chosen_neurons(thing: str, population: Population, neurons: Any) -> np.ndarray:
    """Return the indices of the neurons to record, int64, ascending."""
    if neurons is None:
        return np.arange(population.size, dtype=np.int64)
    chosen = np.asarray(neurons)
    if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
        raise NetworkError(
            f"{thing}: neurons is {neurons!r}, limit a list of integers. Give neuron indices."
        )
    chosen = np.unique(chosen.astype(np.int64))
    if chosen.size and (chosen[0] < 0 or chosen[-1] >= population.size):
        wrong = chosen[0] if chosen[0] < 0 else chosen[-1]
        raise NetworkError(
            f"{thing}: neuron {wrong} does not exist, limit 0 to {population.size - 1}. "
            "Count neurons from 0 within their population."
        )
    return chosen


def require_interval(thing: str, every_ms: Any, dt_ms: float) -> None:
    """A probe's interval is a whole number of steps."""
    require_finite(thing, "every_ms", every_ms)
    steps = every_ms / dt_ms
    if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 * steps:
        raise NetworkError(
            f"{thing}: every_ms is {every_ms}, limit a multiple of dt_ms = {dt_ms}. Round it."
        )
