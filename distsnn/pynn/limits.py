"""Limits of what scripts give, said in PyNN's errors and in its names and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN import common, errors

from distsnn.checks import is_number, must_be

if TYPE_CHECKING:
    from distsnn.pynn.simulator import State

# Parameters by the beginning of their name that must be above 0, and by their name of at least 0.
POSITIVE = ("tau_", "cm", "g_leak", "delta_T")
NOT_NEGATIVE = ("tau_refrac", "tau_facil")


def require_time(subject: str, value: Any, above: float | None = None) -> None:
    """Raise InvalidParameterValueError unless a time in ms is a finite number, above a bound."""
    if not is_number(value) or not np.isfinite(value) or (above is not None and value <= above):
        limit = "a number" if above is None else f"a number above {above:g}"
        raise errors.InvalidParameterValueError(must_be(subject, limit, value, "It is in ms."))


def require_values(subject: str, values: Mapping[str, Any]) -> None:
    """Raise InvalidParameterValueError for parameters that are not finite or of the wrong sign."""
    for name, given in values.items():
        numbers = np.ravel(np.asarray(given))
        # Spike times and names are checked by their cell types.
        if numbers.dtype.kind not in "fiu":
            continue
        own = name.rpartition(".")[2]  # RECEPTOR.PARAMETER
        limit, wrong = "finite numbers", ~np.isfinite(numbers)
        if own in NOT_NEGATIVE:
            limit, wrong = "numbers of at least 0", wrong | (numbers < 0)
        elif own.startswith(POSITIVE):
            limit, wrong = "numbers above 0", wrong | (numbers <= 0)
        if wrong.any():
            got = float(numbers[wrong][0])
            raise errors.InvalidParameterValueError(
                must_be(f"{subject}.{name}", limit, got, "Give another value.")
            )


def require_reset_below_threshold(subject: str, values: Mapping[str, Any]) -> None:
    """Raise InvalidParameterValueError where a cell would spike for ever."""
    if "v_reset" not in values or "v_thresh" not in values:
        return
    reset, threshold = (np.ravel(np.asarray(values[n], float)) for n in ("v_reset", "v_thresh"))
    wrong = reset >= threshold
    if wrong.any():
        limit = f"below v_thresh, which is {threshold[wrong][0]:g} mV"
        got = float(reset[wrong][0])
        raise errors.InvalidParameterValueError(
            must_be(f"{subject}.v_reset", limit, got, "The cell would spike for ever.")
        )


def populations_of(cells: Any) -> list[Any]:
    """Return the populations that a population, view or assembly consists of."""
    if isinstance(cells, common.Assembly):
        return [p for part in cells.populations for p in populations_of(part)]
    return [cells.grandparent] if isinstance(cells, common.PopulationView) else [cells]


def require_ends(state: State, pre: Any, post: Any) -> None:
    """Raise ConnectionError for targets without synapses, and for cells of an earlier setup."""
    for side, cells in (("presynaptic", pre), ("postsynaptic", post)):
        if not all(any(p is known for known in state.populations) for p in populations_of(cells)):
            raise errors.ConnectionError(
                f"Projection: {side} cells must be of this simulation, got {cells.label!r}, made "
                "before the last setup(). Make the population again."
            )
    if not post.receptor_types:
        raise errors.ConnectionError(
            f"Projection: postsynaptic cells must have receptors, got {post.label!r} of spike "
            "sources. Connect to other cells."
        )


def require_columns(label: str, columns: Mapping[str, np.ndarray]) -> None:
    """Raise ConnectionError for parameters of synapses that no synapse can have."""
    for name, column in columns.items():
        wrong = ~np.isfinite(column) | ((column < 0) if name == "delay" else False)
        if wrong.any():
            limit = "numbers of at least 0" if name == "delay" else "finite numbers"
            got = float(column[wrong][0])
            remedy = "Give another value."
            raise errors.ConnectionError(must_be(f"{label}.{name}", limit, got, remedy))


def require_learnable(label: str, columns: Mapping[str, np.ndarray]) -> None:
    """Raise InvalidWeightError or InvalidParameterValueError for rules of plasticity."""
    require_values(label, {n: c for n, c in columns.items() if n not in ("weight", "delay")})
    for name in ("U", "p", "dendritic_delay_fraction"):
        if name in columns and np.any((columns[name] < 0) | (columns[name] > 1)):
            got = float(columns[name][0])
            raise errors.InvalidParameterValueError(
                must_be(f"{label}.{name}", "numbers from 0 to 1", got, "Give another value.")
            )
    if "w_max" not in columns:
        return
    low, high, weight = columns["w_min"], columns["w_max"], columns["weight"]
    if np.any(low >= high):
        raise errors.InvalidParameterValueError(
            must_be(f"{label}.w_min", "below w_max", float(low[0]), "Exchange the bounds.")
        )
    # Bounds and weights may have been computed, with rounding.
    slack = 1e-9 * (high - low)
    wrong = (weight < low - slack) | (weight > high + slack)
    if wrong.any():
        k = int(np.flatnonzero(wrong)[0])
        limit = f"from w_min = {low[k]:g} to w_max = {high[k]:g}"
        raise errors.InvalidWeightError(
            must_be(f"{label}.weight", limit, float(weight[k]), "Give the rule other bounds.")
        )
