"""What a population's neuron model and initial state must satisfy, with one clear line each.

Constants and states are float32 or int32 in compiled code; here it is that they meet the time step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from distsnn.checks import MAX_EXACT_FLOAT32, MAX_FLOAT32, MAX_INT32, must_be, number, shown, whole
from distsnn.errors import NetworkError
from distsnn.network.distributions.distributions import Constant, Distribution, as_distribution
from distsnn.stimuli import SpikeSource


def require_model(thing: str, model: Any) -> None:
    """A model is an instance of a frozen dataclass that says its receptors and states."""
    parameters = getattr(type(model), "__dataclass_params__", None)
    is_frozen = is_dataclass(model) and parameters is not None and parameters.frozen
    if isinstance(model, type) or not is_frozen:
        limit = "an instance of a neuron model"
        raise NetworkError(must_be(f"{thing}: model", limit, model, "Give one such as LifExp()."))
    receptors, states = getattr(model, "receptors", None), getattr(model, "states", None)
    is_sound = isinstance(receptors, tuple) and isinstance(states, dict)
    if not is_sound or not set(dict(states or {}).values()) <= {"f4", "i4"}:
        raise NetworkError(
            f"{thing}: model {type(model).__name__} must have receptors, a tuple of names, and "
            f"states, a dict of 'f4' or 'i4', got {shown(receptors)} and {shown(states)}. Add both "
            "to its class."
        )


def require_sources_fit(thing: str, model: Any, size: int) -> None:
    """A population must have the neurons that its given spikes name."""
    if isinstance(model, SpikeSource) and int(model.n_sources or 0) > size:
        limit = f"at least {model.n_sources}, which its spikes need"
        raise NetworkError(must_be(f"{thing}: size", limit, size, "Make it larger."))


def require_in_steps(thing: str, model: Any, dt_ms: float) -> None:
    """Times of a model are whole numbers of steps: given spikes, refractory times."""
    if isinstance(model, SpikeSource):
        model.steps(dt_ms, thing)
    elif callable(getattr(model, "constants", None)):
        model.constants(dt_ms)


def require_constants(thing: str, model: Any, dt_ms: float) -> None:
    """What a step reads must be numbers that float32 holds, refractory steps all their digits."""
    if isinstance(model, SpikeSource) or not hasattr(model, "constants"):
        return  # a model without constants is refused when it is built
    if not _has_sound_constants(model, dt_ms):
        name, value = _culprit(model, dt_ms)
        if value is model:
            model.constants(dt_ms)  # an error in the model's own code is shown as it is
        limit = f"such that float32 holds its state and the constants of a step of {dt_ms:g} ms"
        remedy = "Change it, or the time step."
        raise NetworkError(must_be(f"{thing}: {name}", limit, value, remedy))
    t_ref_ms = getattr(model, "t_ref_ms", 0.0)
    if not t_ref_ms / dt_ms <= MAX_EXACT_FLOAT32:
        limit = f"at most {MAX_EXACT_FLOAT32 * dt_ms:g} ms ({MAX_EXACT_FLOAT32} steps)"
        name = f"{type(model).__name__}.t_ref_ms"
        raise NetworkError(must_be(f"{thing}: {name}", limit, t_ref_ms, "Shorten it."))


def _has_sound_constants(model: Any, dt_ms: float) -> bool:
    try:
        with np.errstate(all="ignore"):
            first, offsets = model.initial(), getattr(model, "offsets", {})
            stored = [value - offsets.get(name, 0.0) for name, value in first.items()]
            given = np.array([*model.constants(dt_ms), *stored], dtype=np.float64)
    except (ArithmeticError, ValueError, TypeError):
        return False
    return bool(given.ndim == 1 and (np.abs(given) <= MAX_FLOAT32).all())


def _culprit(model: Any, dt_ms: float) -> tuple[str, Any]:
    """Return the parameter that is at fault, by trying the others' defaults; else all of them."""
    for one in fields(model):
        try:
            other = replace(model, **{one.name: one.default})
        except (NetworkError, TypeError):
            continue
        if _has_sound_constants(other, dt_ms):
            return f"{type(model).__name__}.{one.name}", getattr(model, one.name)
    return f"the parameters of {type(model).__name__}", model


def require_state(thing: str, model: Any, variable: Any) -> None:
    """A state variable must be one of the model's."""
    if not isinstance(variable, str) or variable not in model.states:
        limit = f"a state variable of {type(model).__name__} ({', '.join(model.states) or 'none'})"
        raise NetworkError(must_be(f"{thing}: variable", limit, variable, "Check the name."))


def initial_state(
    thing: str, model: Any, initial: Mapping[str, float | Distribution] | None
) -> dict[str, Distribution]:
    """Return the initial state by variable, as distributions that its type can hold."""
    if initial is None:
        return {}
    if not isinstance(initial, Mapping):
        limit = "a dict by state variable"
        raise NetworkError(must_be(f"{thing}: initial", limit, initial, "Give {'v': -60.0}."))
    for name in initial:
        require_state(f"{thing}: initial", model, name)
    found = {
        name: as_distribution(value, f"{thing}: initial {name}") for name, value in initial.items()
    }
    for name, values in found.items():
        _require_storable(f"{thing}: initial {name}", model, name, values)
    return found


def _require_storable(thing: str, model: Any, name: str, values: Distribution) -> None:
    offset = float(getattr(model, "offsets", {}).get(name, 0.0))
    for bound in values.bounds():
        if model.states[name] == "f4":
            number(thing, bound, -MAX_FLOAT32, MAX_FLOAT32)
            number(f"{thing} less its offset", bound - offset, -MAX_FLOAT32, MAX_FLOAT32)
        elif isinstance(values, Constant) and not float(bound).is_integer():
            raise NetworkError(must_be(thing, "a whole number", bound, "Round it."))
        else:
            whole(thing, math.trunc(bound), -MAX_INT32 - 1, MAX_INT32)
