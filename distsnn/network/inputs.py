"""What the stimuli of a network must satisfy; each check raises NetworkError with one clear line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from distsnn.checks import MAX_FLOAT32, MAX_INT32, must_be, number
from distsnn.errors import NetworkError
from distsnn.network.distributions.distributions import Constant, Distribution
from distsnn.stimuli import Current, Poisson, poisson_thresholds
from distsnn.stimuli.poisson import MAX_PER_STEP

# A model of whole numbers (``weight_quanta``) gets its input as float32, which has room for these.
MAX_WHOLE = 2.0**24


def require_poisson(thing: str, poisson: Poisson, model: Any, dt_ms: float) -> None:
    """A count is drawn from a table, and what it brings in a step is a float32."""
    mean = poisson.mean_per_step(dt_ms)
    if mean > MAX_PER_STEP:
        limit = f"such that a step has a mean number of spikes from 0 to {MAX_PER_STEP:g}"
        remedy = "Lower the rate or the time step."
        raise NetworkError(must_be(f"{thing}: rate_hz", limit, poisson.rate_hz, remedy))
    poisson.first_and_end(dt_ms, thing)
    most = max(1, poisson_thresholds(mean).size)  # spikes of one step
    quantum = min(getattr(model, "weight_quanta", ()), default=0.0)
    if quantum:
        _require_whole(f"{thing}: weight", poisson.weight, quantum, MAX_WHOLE / most)
    elif abs(poisson.weight) * most > MAX_FLOAT32:
        limit = f"a size of at most {MAX_FLOAT32 / most:g} where {most} spikes may come at once"
        raise NetworkError(must_be(f"{thing}: weight", limit, poisson.weight, "Scale it."))


def require_current(
    thing: str, current: Current, others: Sequence[Any], model: Any, dt_ms: float
) -> None:
    """All currents of a population together are a float32.

    others: the stimuli that the population has already.
    """
    current.changes(dt_ms, thing)
    currents = [current, *(one for one in others if isinstance(one, Current))]
    is_whole = bool(getattr(model, "weight_quanta", ()))
    if is_whole:
        for _, pa in current.steps_pa():
            _require_whole(f"{thing}: current", pa, 1.0, MAX_WHOLE)
    most = sum(max((abs(pa) for _, pa in one.steps_pa()), default=0.0) for one in currents)
    largest = MAX_WHOLE if is_whole else MAX_FLOAT32
    if most > largest:
        limit = f"at most {largest:g} with the population's other currents"
        raise NetworkError(must_be(f"{thing}: current", limit, most, "Scale it."))


def require_whole_states(thing: str, model: Any, initial: Mapping[str, Distribution]) -> None:
    """State variables that are int32 start within it; given ones are whole, drawn ones rounded."""
    for name, chosen in initial.items():
        if model.states[name] != "i4":
            continue
        what = f"{thing}: initial {name}"
        for bound in chosen.bounds():
            number(what, bound, -MAX_INT32, MAX_INT32)
        if isinstance(chosen, Constant):
            _require_whole(what, chosen.value, 1.0, MAX_INT32)


def _require_whole(thing: str, value: float, quantum: float, most: float) -> None:
    """What a model of whole numbers gets is a whole number of its quanta."""
    if value % quantum:
        limit = "a whole number" if quantum == 1.0 else f"a multiple of {quantum:g}"
        nearest = (value // quantum + (2.0 * (value % quantum) >= quantum)) * quantum
        remedy = f"The nearest is {nearest:.12g}."
        raise NetworkError(must_be(thing, limit, value, remedy))
    if abs(value) > most:
        raise NetworkError(must_be(thing, f"a size of at most {most:g}", value, "Scale it."))
