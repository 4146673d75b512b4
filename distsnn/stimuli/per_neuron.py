"""Parameters of inputs that may differ between neurons: a number, a distribution, or an array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, MIN_FLOAT32, array, must_be, number
from distsnn.errors import NetworkError
from distsnn.parameters import Drawn

PerNeuron = float | Drawn | np.ndarray
SEVERAL = (list, tuple, np.ndarray)


def n_dims(value: Any) -> int:
    """Return the number of dimensions of a list, tuple or array; 0 for others and ragged ones."""
    if not isinstance(value, SEVERAL):
        return 0
    try:
        return np.ndim(value)
    except ValueError:
        return 0


def per_neuron(
    thing: str,
    value: Any,
    low: float = -MAX_FLOAT32,
    high: float = MAX_FLOAT32,
    *,
    above: float | None = None,
    is_float32: bool = True,
) -> PerNeuron:
    """Return a number, a distribution or an array [neurons] of float64 within low .. high.

    above: exclusive bound. is_float32: what is not 0 must not be too small for float32. Raises
    NetworkError for anything else.
    """
    if isinstance(value, Drawn) and not isinstance(value, type):
        # A distribution is within bounds if both its ends are.
        for bound in value.bounds():
            number(thing, bound, low, high, above=above, remedy="Bound the distribution.")
        return value
    if n_dims(value) == 1 and len(value):
        remedy = "Give one number for each neuron."
        values = array(thing, value, "f", low=low, high=high, remedy=remedy)
        extreme = int(np.argmin(np.abs(values) if above is None else values))
        _require_size(f"{thing}[{extreme}]", float(values[extreme]), low, high, above)
        # The smallest size that is not 0.
        sizes = np.where(values == 0.0, 1.0, np.abs(values))
        if is_float32:
            _require_float32(f"{thing}[{int(np.argmin(sizes))}]", float(sizes.min()))
        return values
    found = _require_size(thing, value, low, high, above)
    if is_float32:
        _require_float32(thing, found)
    return found


def _require_size(thing: str, value: Any, low: float, high: float, above: float | None) -> float:
    remedy = "Give a number, a distribution or an array."
    return number(thing, value, low, high, above=above, remedy=remedy)


def _require_float32(thing: str, value: float) -> None:
    if 0.0 < abs(value) < MIN_FLOAT32:
        limit = f"0 or a size of at least {MIN_FLOAT32:g}"
        raise NetworkError(must_be(thing, limit, value, "Scale it."))


def require_count(thing: str, value: PerNeuron, n_neurons: int) -> None:
    """Raise NetworkError unless an array has a number for each of ``n_neurons``."""
    if isinstance(value, np.ndarray) and value.size != n_neurons:
        limit = f"an array of {n_neurons}, one for each neuron"
        remedy = "Give as many, or a number for all."
        raise NetworkError(must_be(thing, limit, f"one of {value.size}", remedy))


def bounds_of(value: PerNeuron) -> tuple[float, float]:
    """Return the least and the greatest value of any neuron."""
    if isinstance(value, np.ndarray):
        return float(value.min(initial=0.0)), float(value.max(initial=0.0))
    if isinstance(value, Drawn):
        return value.bounds()
    return value, value


def mean_of(value: PerNeuron) -> float:
    """Return the mean over the neurons."""
    if isinstance(value, np.ndarray):
        return float(value.mean()) if value.size else 0.0
    return value.expected() if isinstance(value, Drawn) else value


def values_of(
    value: PerNeuron, start: int, stop: int, uniform: Callable[[int, int], np.ndarray]
) -> np.ndarray:
    """Return the values of the neurons start .. stop - 1 of an input, float64.

    uniform: returns random numbers in (0, 1) that belong to a range of neurons.
    """
    # Three forms: given values, draws that belong to positions, one number for all.
    if isinstance(value, np.ndarray):
        return value[start:stop]
    if isinstance(value, Drawn):
        return value.quantiles(uniform(start, stop))
    return np.full(stop - start, value)


def part_of(value: Any, start: int, stop: int) -> Any:
    """Return what of a parameter belongs to the neurons start .. stop - 1 of an input."""
    # Distributions and numbers are the same for every part.
    return value[start:stop] if isinstance(value, np.ndarray) and value.ndim == 1 else value
