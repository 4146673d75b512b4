"""Checks of what an input brings, each with one clear line if it fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, MIN_FLOAT32, must_be, number
from distsnn.errors import NetworkError
from distsnn.neurons.model import NeuronModel
from distsnn.parameters import Drawn

if TYPE_CHECKING:
    from distsnn.stimuli.input import Input

# A model of whole numbers (``weight_quanta``) gets its input as float32, which holds these exactly.
MAX_WHOLE = 2.0**24


def float32(thing: str, value: Any, remedy: str = "Scale it.") -> float:
    """Return ``value`` as a float, or raise unless float32, which stores it, can hold it.

    What is not 0 must not become 0.
    """
    # A size that float32 would round to 0 would have no effect.
    checked = number(thing, value, -MAX_FLOAT32, MAX_FLOAT32, remedy=remedy)
    if 0.0 < abs(checked) < MIN_FLOAT32:
        limit = f"0 or a size of at least {MIN_FLOAT32:g}"
        raise NetworkError(must_be(thing, limit, checked, remedy))
    return checked


def require_whole(thing: str, value: float, quantum: float, largest: float) -> None:
    """Raise NetworkError unless ``value`` is a multiple of ``quantum`` of at most ``largest``."""
    if value % quantum:
        limit = "a whole number" if quantum == 1.0 else f"a multiple of {quantum:g}"
        nearest = (value // quantum + (2.0 * (value % quantum) >= quantum)) * quantum
        remedy = f"The nearest is {nearest:.12g}."
        raise NetworkError(must_be(thing, limit, value, remedy))
    if abs(value) > largest:
        raise NetworkError(must_be(thing, f"a size of at most {largest:g}", value, "Scale it."))


def require_window(thing: str, start_ms: Any, stop_ms: Any) -> None:
    """Raise NetworkError unless an input begins at 0 or later and does not stop before."""
    start_ms = number(f"{thing}: start_ms", start_ms, 0.0)
    remedy = "Give one that is not before the start."
    number(f"{thing}: stop_ms", stop_ms, start_ms, math.inf, remedy=remedy)


def require_whole_currents(thing: str, pa: Any) -> None:
    """Raise NetworkError unless a current, or all of an array, is what whole numbers can take."""
    if isinstance(pa, Drawn):
        limit = "whole numbers"
        raise NetworkError(must_be(f"{thing}: current", limit, pa, "Give an array of them."))
    values = np.atleast_1d(np.asarray(pa, dtype=np.float64)).ravel()
    wrong = np.flatnonzero((values != np.floor(values)) | (np.abs(values) > MAX_WHOLE))
    for value in values[wrong[:1]].tolist():
        require_whole(f"{thing}: current", value, 1.0, MAX_WHOLE)


def require_currents(thing: str, own: Input, model: NeuronModel, others: Sequence[Input]) -> None:
    """Raise NetworkError unless all currents of a neuron together are what its model can hold."""
    # All at their largest at once, with one sign.
    most = own.most_pa() + sum(other.most_pa() for other in others)
    largest = MAX_WHOLE if model.weight_quanta else MAX_FLOAT32
    if most > largest:
        limit = f"at most {largest:g} with the population's other currents"
        raise NetworkError(must_be(f"{thing}: current", limit, most, "Scale it."))


def require_weight(thing: str, weight: float, model: NeuronModel, most: int) -> None:
    """Raise NetworkError unless ``most`` spikes of a weight are together what a model can hold."""
    quantum = min(model.weight_quanta, default=0.0)
    if quantum:
        require_whole(f"{thing}: weight", weight, quantum, MAX_WHOLE / most)
    elif abs(weight) * most > MAX_FLOAT32:
        limit = f"a size of at most {MAX_FLOAT32 / most:g} if {most} spikes may come at once"
        raise NetworkError(must_be(f"{thing}: weight", limit, weight, "Scale it."))
