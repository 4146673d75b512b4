"""Stimuli of populations, parts of them, and several together, from what a user says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network import checks
from distsnn.network.description import Stimulus
from distsnn.network.views import PopulationView
from distsnn.stimuli import Input


def new_stimuli(
    known: Sequence[Stimulus],
    views: Sequence[PopulationView],
    what: Any,
    receptor: int | str | None,
    dt_ms: float,
) -> tuple[Stimulus, ...]:
    """Return a stimulus for each view, of what belongs to its neurons. Raises NetworkError.

    known: the stimuli of the network so far.
    """
    name = " + ".join(_name_of(view) for view in views)
    if not isinstance(what, Input):
        limit, remedy = (
            "Poisson or Current",
            "Given spikes are a population of their own (SpikeSource).",
        )
        raise NetworkError(must_be(f"stimulus of {name}: what", limit, what, remedy))
    # Arrays have a number for each neuron of the whole target, a part gets its share of them.
    ends = list(accumulate(len(view) for view in views))
    what.require_neurons(f"stimulus of {name}", ends[-1])
    new: list[Stimulus] = []
    for view, end in zip(views, ends, strict=True):
        # The parts of an assembly have no neuron in common, so the new ones do not add up.
        part = what.of_part(end - len(view), end) if len(views) > 1 else what
        new.append(_stimulus(known, view, part, receptor, dt_ms, len(known) + len(new)))
    return tuple(new)


def _stimulus(
    known: Sequence[Stimulus],
    view: PopulationView,
    what: Input,
    receptor: int | str | None,
    dt_ms: float,
    index: int,
) -> Stimulus:
    target, subject = view.population, f"stimulus of {_name_of(view)}"
    given, weight = what.receptor_and_weight()
    chosen = given if receptor is None else receptor
    if chosen is not None and not what.has_receptor:
        limit = f"None for a {type(what).__name__}, which has no receptor"
        raise NetworkError(must_be(f"{subject}: receptor", limit, receptor, "Leave it out."))
    # Without a receptor the sign of the weight chooses: the first one if it is not negative.
    of_receptor = checks.receptor_index(subject, target, chosen, weight)
    neurons = None if view.is_all else view.index
    # Limits of sums are first held to all inputs of the population, which is quick and mostly enough.
    others = [stimulus for stimulus in known if stimulus.target is target]
    try:
        what.require_fit(subject, target.model, [other.what for other in others], dt_ms)
    except NetworkError:
        # It may still fit beside those that any of these very neurons has.
        met = [other.what for other in others if other.meets(neurons)]
        what.require_fit(subject, target.model, met, dt_ms)
    return Stimulus(index, target, what, of_receptor if what.has_receptor else -1, neurons)


def _name_of(view: PopulationView) -> str:
    return view.population.name if view.is_all else view.name
