"""Checks of a population's model and initial state; each raises NetworkError with one clear line.

Constants and states are float32 or int32 in compiled code, and constants depend on the time step, so
they can only be checked once a model is in a network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, MAX_INT32, array, must_be, number, whole
from distsnn.errors import NetworkError
from distsnn.kernels.neuron.constants import row_of
from distsnn.network.distributions.distributions import Constant, Distribution, as_distribution
from distsnn.network.distributions.listed import Listed
from distsnn.neurons.model import NeuronModel, constants_of
from distsnn.stimuli.checks import require_whole


def require_constants(subject: str, model: NeuronModel, dt_ms: float) -> None:
    """Raise NetworkError unless float32 holds the state and all that a step of ``model`` reads."""
    if model.is_source or _has_sound_constants(model, dt_ms):
        return
    name, value = _faulty_parameter(model, dt_ms)
    if value is model:
        model.constants(dt_ms)  # lets an error in the model's own code through
    limit = f"such that float32 holds its state and the constants of a step of {dt_ms:g} ms"
    remedy = "Change it, or the time step."
    raise NetworkError(must_be(f"{subject}: {name}", limit, value, remedy))


def _has_sound_constants(model: NeuronModel, dt_ms: float) -> bool:
    """Return whether float32 holds all constants of a step and the initial state."""
    try:
        with np.errstate(all="ignore"):
            # States are stored relative to the model's offsets.
            initial, offsets = model.initial(), model.offsets
            stored = [value - offsets.get(name, 0.0) for name, value in initial.items()]
            numbers = np.array([*row_of(constants_of(model, dt_ms)), *stored], dtype=np.float64)
    except (ArithmeticError, ValueError, TypeError):
        return False
    return bool(numbers.ndim == 1 and (np.abs(numbers) <= MAX_FLOAT32).all())


def _faulty_parameter(model: NeuronModel, dt_ms: float) -> tuple[str, Any]:
    """Return name and value of the parameter whose default would make the constants sound.

    Returns the whole model as the value if no single parameter is at fault.
    """
    for field in fields(model):  # type: ignore[arg-type]
        try:
            corrected = replace(model, **{field.name: field.default})  # type: ignore[type-var]
        except (NetworkError, TypeError):
            continue
        if _has_sound_constants(corrected, dt_ms):
            return f"{type(model).__name__}.{field.name}", getattr(model, field.name)
    return f"the parameters of {type(model).__name__}", model


def require_state(subject: str, model: NeuronModel, variable: Any) -> None:
    """Raise NetworkError unless ``variable`` is a state variable of the model."""
    if not isinstance(variable, str) or variable not in model.states:
        limit = f"a state variable of {type(model).__name__} ({', '.join(model.states) or 'none'})"
        raise NetworkError(must_be(f"{subject}: variable", limit, variable, "Check the name."))


def initial_state(
    subject: str, model: NeuronModel, initial: Mapping[str, Any] | None, size: int
) -> dict[str, Distribution | Listed]:
    """Return the initial state by variable: values that its type can hold."""
    if initial is None:
        return {}
    if not isinstance(initial, Mapping):
        limit = "a dict by state variable"
        raise NetworkError(must_be(f"{subject}: initial", limit, initial, "Give {'v': -60.0}."))
    for name in initial:
        require_state(f"{subject}: initial", model, name)
    found = {
        name: _initial_values(f"{subject}: initial {name}", value, size)
        for name, value in initial.items()
    }
    for name, values in found.items():
        _require_storable(f"{subject}: initial {name}", model, name, values)
    return found


def _initial_values(subject: str, value: Any, size: int) -> Distribution | Listed:
    # A list or an array is one value per neuron, all else one distribution.
    if not isinstance(value, (list, tuple, np.ndarray)):
        return as_distribution(value, subject)
    numbers = array(subject, value, "f")
    if numbers.size != size:
        limit = f"an array of {size} numbers, one per neuron"
        raise NetworkError(must_be(subject, limit, f"{numbers.size} numbers", "Match them."))
    return Listed(numbers)


def _require_storable(
    subject: str, model: NeuronModel, name: str, values: Distribution | Listed
) -> None:
    offset = float(model.offsets.get(name, 0.0))
    for bound in values.bounds():
        if model.states[name] == "f4":
            number(subject, bound, -MAX_FLOAT32, MAX_FLOAT32)
            # float32 state = value - offset
            number(f"{subject} less its offset", bound - offset, -MAX_FLOAT32, MAX_FLOAT32)
        elif isinstance(values, Constant) and not float(bound).is_integer():
            raise NetworkError(must_be(subject, "a whole number", bound, "Round it."))
        else:  # int32 state; drawn values are rounded
            whole(subject, math.trunc(bound), -MAX_INT32 - 1, MAX_INT32)


def require_whole_states(
    subject: str, model: NeuronModel, initial: Mapping[str, Distribution | Listed]
) -> None:
    """State variables that are int32 start within it; given ones are whole, drawn ones rounded."""
    for name, chosen in initial.items():
        if model.states[name] != "i4":
            continue
        title = f"{subject}: initial {name}"
        for bound in chosen.bounds():
            number(title, bound, -MAX_INT32, MAX_INT32)
        if isinstance(chosen, Constant):
            require_whole(title, chosen.value, 1.0, MAX_INT32)
        elif isinstance(chosen, Listed):
            for value in np.unique(chosen.values):
                require_whole(title, float(value), 1.0, MAX_INT32)
