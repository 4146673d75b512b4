"""Checks of projections with plasticity; each raises NetworkError with one clear line."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, must_be, number
from distsnn.errors import NetworkError
from distsnn.network.checks import MIN_WEIGHT, name_of
from distsnn.network.description import Projection
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.space.by_distance import PairValues
from distsnn.plasticity.rule import PlasticityRule, require_complete
from distsnn.time_grid import given_steps


def plasticity_rule(subject: str, rule: Any) -> PlasticityRule | None:
    """Return a plasticity rule that has all it needs, or None for static synapses."""
    return None if rule is None else require_complete(subject, rule)


def require_plasticity(
    subject: str,
    rule: PlasticityRule | None,
    weights: Distribution | Listed | PairValues,
    dendritic_share: Any,
    dt_ms: float,
) -> None:
    """Raise NetworkError unless a rule fits the weights, the delays and the time step.

    dendritic_share: part of each delay between synapse and soma, 0 to 1.
    """
    # Only rules that compare the arrival of both spikes at the synapse split the delay.
    number(f"{subject}: dendritic_share", dendritic_share, 0.0, 1.0)
    if dendritic_share and not (rule is not None and rule.splits_delay):
        kind = "static synapses" if rule is None else type(rule).__name__
        limit = f"0 for {kind}"
        raise NetworkError(
            must_be(f"{subject}: dendritic_share", limit, dendritic_share, "Leave it out.")
        )
    if rule is not None:
        _require_weights_within(subject, rule, weights)
        _require_rewards_in_steps(subject, rule, dt_ms)
        _require_traces_decay(subject, rule, dt_ms)


def reserved_bounds(
    subject: str,
    given: Any,
    weights: Distribution | Listed | PairValues,
    rule: PlasticityRule | None,
) -> tuple[float, float] | None:
    """Return the range that is reserved for weights which no rule changes, None without one.

    Raises NetworkError unless it is a range that holds the weights, and no rule has bounds.
    """
    if given is None:
        return None
    subject = f"{subject}: weight_bounds"
    if not (isinstance(given, (tuple, list)) and len(given) == 2):
        raise NetworkError(must_be(subject, "a pair (low, high)", given, "Give two numbers."))
    low, high = (number(subject, bound, -MAX_FLOAT32, MAX_FLOAT32) for bound in given)
    if rule is not None and rule.changes_weights:
        limit = "left out where synapses learn"
        raise NetworkError(must_be(subject, limit, [low, high], "Give the rule w_min and w_max."))
    # The range is stored as weights are, and holds those that the synapses begin with.
    least, most = weights.bounds()
    slack = 1e-9 * (high - low)
    if not (low < high and low - slack <= least and most <= high + slack):
        limit = f"a low and a larger high around the weights, {least:g} to {most:g}"
        raise NetworkError(must_be(subject, limit, [low, high], "Widen them."))
    largest = max(abs(low), abs(high))
    number(subject, largest, MIN_WEIGHT, MAX_FLOAT32, remedy="Choose another unit.")
    return low, high


def _require_weights_within(
    subject: str, rule: PlasticityRule, weights: Distribution | Listed | PairValues
) -> None:
    """Raise NetworkError unless all initial weights are within the bounds of the rule."""
    if rule.weight_bounds is None:
        return
    lowest, highest = rule.weight_bounds
    bounds_subject = f"{subject}: weight_bounds of {type(rule).__name__}"
    largest = max(abs(lowest), abs(highest))
    number(bounds_subject, largest, MIN_WEIGHT, MAX_FLOAT32, remedy="Choose another unit.")
    # Slack for bounds that a distribution computes with rounding.
    (low, high), slack = weights.bounds(), 1e-9 * (highest - lowest)
    if low < lowest - slack or high > highest + slack:
        limit = f"from {lowest:g} to {highest:g}, the bounds of {type(rule).__name__}"
        remedy = "Give the distribution low and high, or the rule other bounds."
        got = f"{low:g} to {high:g}"
        raise NetworkError(f"{subject}: weights must be {limit}, got {got}. {remedy}")


def _require_rewards_in_steps(subject: str, rule: PlasticityRule, dt_ms: float) -> None:
    """Raise NetworkError unless given rewards are at whole steps."""
    for k, (time_ms, _) in enumerate(rule.given_rewards):
        given_steps(f"{subject}: time of rewards[{k}]", time_ms, dt_ms)


def _require_traces_decay(subject: str, rule: PlasticityRule, dt_ms: float) -> None:
    """Raise NetworkError if a time constant is too long for traces in float32.

    A trace is multiplied by exp(-t / tau) from spike to spike. With spikes t = 1 ms (or one step, if
    longer) apart, the factor is rounded by up to 2^-25, which must be at most 1 % of the decay t / tau.
    """
    # 2^-25 <= 0.01 t / tau
    most_ms = 0.01 * 2.0**25 * max(1.0, dt_ms)
    for name, tau_ms in rule.decay_times_ms().items():
        if not tau_ms <= most_ms:
            limit = f"at most {most_ms:.6g} ms for a decay that float32 shows to 1 %"
            raise NetworkError(
                must_be(f"{subject}: {name}", limit, np.float64(tau_ms), "Shorten it.")
            )


def require_learned(subject: str, projection: Any, projections: list[Projection]) -> PlasticityRule:
    """Return the rule of a projection; NetworkError unless it is plastic and of this network."""
    if not any(projection is member for member in projections):
        limit = "a projection of this network, as connect() returned"
        raise NetworkError(must_be(f"{subject}: projection", limit, name_of(projection), "Add it."))
    rule: PlasticityRule | None = projection.plasticity
    if rule is None:
        limit = "a projection with plasticity"
        raise NetworkError(
            must_be(f"{subject}: projection", limit, "a static one", "Give it a rule.")
        )
    return rule


def require_modulated(subject: str, projection: Any, projections: list[Projection]) -> None:
    """Raise NetworkError unless a projection learns from rewards, so that it can be modulated."""
    rule = require_learned(subject, projection, projections)
    if not rule.is_rewarded:
        limit = "a projection that learns from rewards"
        got, remedy = f"one with {type(rule).__name__}", "Give it a rule such as RewardStdp."
        raise NetworkError(f"{subject}: must be {limit}, got {got}. {remedy}")
