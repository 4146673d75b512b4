"""Checks of a network description; each raises NetworkError with one clear line."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, MIN_FLOAT32, array, must_be, number, shown, whole
from distsnn.errors import NetworkError
from distsnn.kernels.formats import MAX_DELAY_STEPS
from distsnn.network.description import Population, Projection
from distsnn.network.distributions.distributions import Constant, Distribution, as_distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules import Rule
from distsnn.network.rules.in_space import Distance
from distsnn.network.rules.listing import Listing
from distsnn.network.space.between import between
from distsnn.network.space.by_distance import ByDistance, PairValues
from distsnn.network.weights.outcomes import delay_bounds
from distsnn.plasticity.rule import PlasticityRule
from distsnn.time_grid import all_given_steps, given_steps

MAX_NEURONS = 2**31 - 1  # a gid is an int32
MIN_WEIGHT = MIN_FLOAT32 * 2**15  # so that its quantum, 1 / 32,767 of it, is a float32
MAX_IN_DEGREE = 2**31 - 1  # counts of synapses are int32
# Also the name of a file: no separators, no leading dot or dash.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
DELAY_REMEDY = "or leave it out for one step"


def require_name(subject: str, name: Any) -> None:
    """Raise NetworkError unless a name can be used in file names and on the command line."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        limit = "up to 64 letters, digits and _ . + - after a letter or digit"
        raise NetworkError(must_be(f"{subject}: name", limit, name, "Choose another."))


def require_time_step(dt_ms: Any) -> None:
    """Raise NetworkError unless the time step is a positive number, in ms, that float32 holds."""
    remedy = "Choose 0.1, for instance."
    number("Network: dt_ms", dt_ms, MIN_FLOAT32, MAX_FLOAT32, remedy=remedy)


def require_patches(subject: str, size: int, patches: Any) -> None:
    """Patches are equal parts of a population, of at least one neuron."""
    whole(f"{subject}: patches", patches, 1, size, remedy="A patch has at least one neuron.")
    if size % patches:
        raise NetworkError(
            f"{subject}: size must be a multiple of the {patches} patches, got {size}. Change one."
        )


def require_rule(subject: str, rule: Any) -> None:
    """Raise NetworkError unless ``rule`` has all the methods of ``Rule``."""
    # A class has the methods too, but is no rule until it has its parameters.
    if isinstance(rule, type) or not isinstance(rule, Rule):
        limit = "an instance of a connection rule"
        raise NetworkError(
            must_be(f"{subject}: rule", limit, rule, "Give one such as FixedInDegree(100).")
        )


def require_delays(subject: str, delay: Distribution | Listed | PairValues, dt_ms: float) -> None:
    """A delay is not negative and not longer than a synapse can say.

    A given one is a whole number of steps, at least one; drawn ones are rounded.
    """
    low, high = delay.bounds()
    most = MAX_DELAY_STEPS
    # Given delays: whole steps. Those beyond the limit get its message below.
    if isinstance(delay, Constant) and high <= most * dt_ms:
        given_steps(f"{subject}: delay_ms", low, dt_ms, 1, most, remedy=DELAY_REMEDY)
    elif isinstance(delay, Listed) and high <= most * dt_ms:
        all_given_steps(f"{subject}: delays_ms", delay.values, dt_ms, 1, most)
    if low < 0:
        by_distance = isinstance(delay, PairValues)
        got = "values by distance" if by_distance else "a distribution"
        remedy = "Raise base." if by_distance else "Bound it, as with low=0.1."
        raise NetworkError(
            f"{subject}: delay_ms must be at least 0, got {got} down to {low:g}. {remedy}"
        )
    # The division comes first, since the number of steps might not fit an int64.
    if high / dt_ms > most + 1 or delay_bounds(delay, dt_ms)[1] > most:
        raise NetworkError(
            f"{subject}: delay_ms must be at most {MAX_DELAY_STEPS * dt_ms:g} "
            f"({MAX_DELAY_STEPS} steps), got up to {high:g}. Bound it, or choose a longer dt_ms."
        )


def of_pairs(
    subject: str, values: ByDistance, rule: Rule, source: Population, target: Population
) -> PairValues:
    """Return values by distance with the positions that they follow from."""
    in_space = rule if isinstance(rule, Distance) else None
    wraps = values.wrap if values.wrap is not None else in_space is not None and in_space.wrap
    space = between(f"{subject} by distance", source.space, target.space, wraps)
    # Distances end at the reach of the rule, if both go the same way around.
    is_limited = in_space is not None and in_space.wrap == wraps
    farthest = in_space.reach(space) if in_space and is_limited else space.bounds[1]
    return PairValues(values, space, farthest)


def given_values(
    subject: str,
    what: str,
    value: Any,
    rule: Rule,
    dt_ms: float,
    ends: tuple[Population, Population],
) -> Distribution | Listed | PairValues:
    """Return the weights or delays of a projection; an explicit list of synapses may have its own.

    what: "weight" or "delay_ms".
    """
    listed = None
    if isinstance(rule, Listing):
        listed = rule.own_values("weights" if what == "weight" else "delays_ms")
    if listed is not None and value is not None:
        limit = "left out, since the list of synapses has its own"
        raise NetworkError(must_be(f"{subject}: {what}", limit, value, "Give it in one place."))
    # The values of the list, else the given value, else a delay of one step.
    if listed is not None:
        return listed
    if value is None and what == "weight":
        limit = "a number or a distribution"
        raise NetworkError(must_be(f"{subject}: weight", limit, None, "Give it."))
    value = dt_ms if value is None else value
    if isinstance(value, ByDistance):
        return of_pairs(f"{subject}: {what}", value, rule, *ends)
    return as_distribution(value, f"{subject}: {what}")


def receptor_index(subject: str, target: Population, receptor: Any, weight: float) -> int:
    """Return the index of a receptor given by name, by index, or by the sign of the weight."""
    names = target.model.receptors
    if not names:
        raise NetworkError(
            f"{subject}: target must have a model with receptors, got {type(target.model).__name__}, "
            "which takes no input. Choose another target."
        )
    # By the sign of the weight: the first receptor is excitatory, the last one inhibitory.
    if receptor is None:
        return 0 if weight >= 0 else len(names) - 1
    if isinstance(receptor, str) and receptor in names:
        return names.index(receptor)
    is_index = isinstance(receptor, (int, np.integer)) and not isinstance(receptor, bool)
    if is_index and 0 <= receptor < len(names):
        return int(receptor)
    limit = f"one of {', '.join(names)} or an index below {len(names)}"
    raise NetworkError(must_be(f"{subject}: receptor", limit, receptor, "Choose one."))


def receptors_of_signs(
    subject: str,
    target: Population,
    receptor: Any,
    weights: Distribution | Listed | PairValues,
    rule: PlasticityRule | None,
    reserved: tuple[float, float] | None = None,
) -> tuple[int, int]:
    """Return the receptor of the weights of at least 0 and that of the negative ones."""
    # A rule that bounds its weights, or a range that is reserved, says what signs they may get.
    low, high = (rule.weight_bounds if rule else None) or reserved or weights.bounds()
    receptors = (
        receptor_index(subject, target, receptor, 1.0),
        receptor_index(subject, target, receptor, -1.0),
    )
    # Conductances are stored as sizes, so one receptor cannot have weights of both signs; and a
    # plastic synapse cannot change its receptor.
    has_both, remedy = low < 0 < high, "Leave receptor out: the sign of each weight chooses it."
    if has_both and receptor is not None and target.model.takes_sizes:
        limit = "of one sign onto a named receptor of conductances"
        raise NetworkError(must_be(f"{subject}: weight", limit, [low, high], remedy))
    if has_both and rule is not None and receptors[0] != receptors[1]:
        limit = "of one sign if the sign chooses the receptor"
        remedy = "Name a receptor, or bound the weights."
        raise NetworkError(must_be(f"{subject}: plastic weight", limit, [low, high], remedy))
    return receptors


def require_storable_weights(subject: str, weights: Distribution | Listed | PairValues) -> None:
    """The largest weight and what it is a multiple of must be numbers that float32 holds."""
    # Weights of 0 alone need no quantum.
    largest = max(abs(bound) for bound in weights.bounds())
    if largest:
        number(
            f"{subject}: weight", largest, MIN_WEIGHT, MAX_FLOAT32, remedy="Choose another unit."
        )


def name_of(projection: Any) -> str:
    """Return the name of a projection for a message, or a short form of any other object."""
    return projection.name if isinstance(projection, Projection) else shown(projection)


def require_in_degree(projection: Projection) -> None:
    """Raise NetworkError unless an int32 holds the number of synapses onto any one neuron."""
    # For random rules: mean + 10 standard deviations.
    most = projection.most_in_degree()
    if most > MAX_IN_DEGREE:
        raise NetworkError(
            f"{projection.name}: synapses onto one neuron must be at most {MAX_IN_DEGREE}, got {most}. "
            "Lower their number."
        )


def chosen_neurons(
    subject: str, population: Population, neurons: Any, argument: str = "neurons"
) -> np.ndarray:
    """Return the indices of the neurons to record, int64, ascending, without repetition."""
    if neurons is None:
        return np.arange(population.size, dtype=np.int64)
    return np.unique(array(f"{subject}: {argument}", neurons, "i", low=0, high=population.size - 1))
