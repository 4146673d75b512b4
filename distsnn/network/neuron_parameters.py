"""Parameters of a neuron model that differ between the neurons of a population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from distsnn.checks import array, must_be
from distsnn.errors import NetworkError
from distsnn.kernels.neuron.constants import row_of
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network.description import Population
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.distributions.shared import Shared
from distsnn.network.draw import draw_uniform
from distsnn.neurons.model import NeuronModel, constants_of
from distsnn.neurons.parameters import ONE_NUMBER, typical_values, whole_if
from distsnn.parameters import Drawn, varying_fields
from distsnn.slow_decay import MAX_TAU_STEPS, steps_at_once
from distsnn.time_grid import nearest_steps

# The typical model has the median of each parameter, a value that occurs.
# Parameters that are times on the grid; drawn ones go to the nearest step.
GRID_TIMES = ("t_ref_ms",)
MAX_DIFFERENT = 256  # neurons with given values that are tried
N_QUANTILES = 17
N_COMBINATIONS = 32
# What a model may not have of each neuron its own: it decides about layout and code.
STRUCTURE = (
    "receptors", "states", "decays", "weight_quanta", "is_noisy", "n_compartments", "takes_sizes",
)  # fmt: skip

Values = Distribution | Listed


def split_model(
    subject: str, model: NeuronModel, size: int, dt_ms: float
) -> tuple[NeuronModel, dict[str, Values]]:
    """Return a model with one typical number per parameter, and the values that vary by neuron.

    Raises NetworkError unless the model can have each of them.
    """
    varying = varying_fields(model)
    if not varying:
        return model, {}
    if model.is_source:
        limit = "a model whose parameters are the same for all its lines"
        raise NetworkError(must_be(f"{subject}: model", limit, model, "Give numbers."))
    kind: Any = model
    medians = typical_values(model, varying)
    for name in GRID_TIMES:
        if isinstance(varying.get(name), Drawn):
            medians[name] = float(on_grid(name, np.array(medians[name]), dt_ms))
    typical = replace(kind, **medians)
    values: dict[str, Values] = {}
    for name, given in varying.items():
        if isinstance(given, Distribution):
            values[name] = given
            continue
        parameter = f"{subject}: {type(model).__name__}.{name}"
        if isinstance(given, Drawn):
            raise NetworkError(must_be(parameter, "a distribution of numbers", given, ONE_NUMBER))
        numbers = array(parameter, given, "f", remedy=ONE_NUMBER)
        if numbers.size != size:
            limit = f"an array of {size} numbers, one per neuron"
            raise NetworkError(must_be(parameter, limit, f"{numbers.size} numbers", "Match them."))
        values[name] = Listed(numbers)
    for other in tried_models(typical, values, dt_ms):
        require_fast(subject, other, dt_ms)
        require_same_structure(subject, other, typical)
    return typical, values


def require_same_structure(subject: str, model: NeuronModel, typical: NeuronModel) -> None:
    """Raise NetworkError unless a model has the layout and the code of the population's."""
    for part in STRUCTURE:
        if getattr(model, part) != getattr(typical, part):
            limit = f"one whose parameters leave {part} as it is in the population"
            raise NetworkError(
                must_be(f"{subject}: model", limit, model, "Make a population of it.")
            )


def require_fast(subject: str, model: NeuronModel, dt_ms: float) -> None:
    """Raise NetworkError for a decay that has to be applied over many steps at once."""
    # exp(-dt / tau) - 1 of each decay
    constants = constants_of(model, dt_ms) if model.decays else ()
    for name in model.decays:
        for decay in np.ravel(getattr(constants, name)):
            if steps_at_once(float(decay)) > 1:
                limit = f"at most {MAX_TAU_STEPS:.0f} steps if values differ between neurons"
                got = f"a constant {name} = {decay:g}"
                remedy = "Give a longer dt_ms, or one number."
                raise NetworkError(must_be(f"{subject}: time constants", limit, got, remedy))


def tried_models(
    typical: NeuronModel, values: Mapping[str, Values], dt_ms: float
) -> list[NeuronModel]:
    """Return models with values that occur: of each distribution alone, of neurons, in combination."""
    # Alone: quantiles of each distribution, and the given values of neurons that exist.
    columns = [
        [{name: float(value)} for value in np.unique(_quantiles(name, given, dt_ms))]
        for name, given in values.items()
        if not isinstance(given, Listed)
    ]
    listed = {name: given.values for name, given in values.items() if isinstance(given, Listed)}
    if listed:
        columns.append(_neurons(listed))
    tried = [model_with(typical, chosen) for column in columns for chosen in column]
    # Together: combinations, since a constant may depend on one parameter only if another is not 0.
    rng = np.random.Generator(np.random.PCG64(len(tried)))
    if len(columns) > 1:
        for row in rng.random((N_COMBINATIONS, len(columns))):
            together: dict[str, float] = {}
            for place, column in zip(row, columns, strict=True):
                together |= column[int(place * len(column))]
            tried.append(model_with(typical, together))
    return tried


def _quantiles(name: str, values: Distribution, dt_ms: float) -> np.ndarray:
    # With both ends of the range: a rounded constant that varies at all differs there.
    u = (np.arange(N_QUANTILES) + 0.5) / N_QUANTILES
    return on_grid(name, values.quantiles(np.array([0.0, *u, 1.0])), dt_ms)


def _neurons(listed: Mapping[str, np.ndarray]) -> list[dict[str, float]]:
    """Return the given values of different neurons, those with the extremes of each among them."""
    rows = np.unique(np.stack(list(listed.values()), axis=1), axis=0)
    if len(rows) > MAX_DIFFERENT:
        at = np.linspace(0, len(rows) - 1, MAX_DIFFERENT).astype(np.int64)
        rows = rows[np.unique([*rows.argmin(axis=0), *rows.argmax(axis=0), *at])]
    return [dict(zip(listed, row.tolist(), strict=True)) for row in rows]


def on_grid(name: str, drawn: np.ndarray, dt_ms: float) -> np.ndarray:
    """Return drawn values of a parameter, times of the grid in whole steps."""
    return nearest_steps(drawn, dt_ms) * dt_ms if name in GRID_TIMES else drawn


def model_with(model: NeuronModel, values: Mapping[str, float]) -> NeuronModel:
    """Return a model with other values of some parameters. Raises NetworkError for wrong ones."""
    kind: Any = model
    # The class checks the new numbers as it checks those of a user.
    changed: NeuronModel = replace(
        kind, **{name: whole_if(model, name, float(value)) for name, value in values.items()}
    )
    return changed


def drawn_values(
    population: Population, name: str, start: int, stop: int, seed: int, dt_ms: float
) -> np.ndarray:
    """Return a parameter of the neurons start .. stop - 1, float64.

    Drawn values depend on the seed, the population, the parameter and the neuron alone.
    """
    # Three sources: given values, a draw shared by several names, a draw of its own.
    given = population.parameters[name]
    if isinstance(given, Listed):
        return given.values[start:stop]
    if isinstance(given, Shared):  # shares its draws with initial states of the same name
        key = stream_key(seed, f"initial {given.draw}", population.index)
        return on_grid(name, given.of(draw_uniform(key, start, stop)), dt_ms)
    key = stream_key(seed, f"parameter {name}", population.index)
    return on_grid(name, given.quantiles(draw_uniform(key, start, stop)), dt_ms)


def varying_constants(
    model: NeuronModel, values: Mapping[str, Values], dt_ms: float
) -> tuple[int, ...]:
    """Return the positions of the constants of a step that differ between neurons, ascending."""
    if not values:
        return ()
    rows = [row_of(constants_of(model, dt_ms))]
    rows += [row_of(constants_of(other, dt_ms)) for other in tried_models(model, values, dt_ms)]
    # Compared as float32, as kernels read them.
    table = np.array(rows).astype(np.float32)
    return tuple(int(k) for k in np.flatnonzero((table != table[0]).any(axis=0)))
