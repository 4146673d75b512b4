"""What a circuit says in this package's own words, where SONATA and NEST have none.

Models: model_template ``distsnn:NAME``, with the model's parameters in ``dynamics_params`` and the
starting value of a state variable as ``initial_NAME``. Inputs: input_type ``distsnn`` and the class as
``module``, with its parameters. Weights: the attribute LANES of a population of nodes has, by receptor,
the quanta that weights onto it are stored in, so that a circuit read back stores the same words.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from distsnn.checks import is_number, must_be
from distsnn.errors import DistsnnError, InputFileError
from distsnn.neurons import NeuronModel, all_models
from distsnn.stimuli import Input
from distsnn.stimuli.registry import STIMULI

OWN = "distsnn"
INITIAL = "initial_"
LANES = "distsnn_weight_lanes"
PLACES = ("input_type", "module", "node_set", "enabled")  # what every input has

Rungs = list[tuple[float, float]]


def own_model_of(subject: str, text: str) -> type[NeuronModel]:
    """Return the model class of a template ``distsnn:NAME``. Raises InputFileError."""
    models = all_models()
    # distsnn:NAME
    name = text.partition(":")[2]
    if name not in models:
        limit = f"one of {', '.join(models)}"
        raise InputFileError(must_be(f"{subject}: {OWN}", limit, name, "Check the spelling."))
    return models[name]


def own_defaults(model: type[NeuronModel]) -> dict[str, Any]:
    """Return the parameters and starting values that a file may give, with their defaults."""
    # Fields that are no numbers, texts or flags have no place in a table of parameters.
    made = model()
    fields = {field.name: getattr(made, field.name) for field in dataclasses.fields(made)}  # type: ignore[arg-type]
    plain = {name: value for name, value in fields.items() if is_plain(value)}
    return {**plain, **{f"{INITIAL}{name}": None for name in made.states}}


def is_plain(value: Any) -> bool:
    """Return whether a value is a number, a text, a flag or none of these but None."""
    return value is None or isinstance(value, str | bool) or is_number(value)


def own_network_part(
    model: type[NeuronModel], columns: Mapping[str, Any]
) -> tuple[NeuronModel, dict[str, Any]]:
    """Return the model with these parameters, and the starting values by state variable."""
    # initial_NAME is the starting value of the state variable NAME, all else is a field
    initial = {
        name.removeprefix(INITIAL): value
        for name, value in columns.items()
        if name.startswith(INITIAL) and value is not None
    }
    fields = {name: value for name, value in columns.items() if not name.startswith(INITIAL)}
    return model(**fields), initial


def own_input(name: str, given: Mapping[str, Any]) -> Input:
    """Return an input of this package. Raises InputFileError for what it does not have."""
    kinds = {kind.__name__: kind for kind in STIMULI}
    subject, kind = f"input {name}", given.get("module")
    if kind not in kinds:
        limit = f"one of {', '.join(kinds)}"
        raise InputFileError(must_be(f"{subject}: module", limit, kind, "Leave the input out."))
    # A word that the class does not have would be ignored.
    words = {key: value for key, value in given.items() if key not in PLACES}
    fields = [field.name for field in dataclasses.fields(kinds[kind])]  # type: ignore[arg-type]
    for word in words:
        if word not in fields:
            limit = f"of {', '.join(fields)}"
            raise InputFileError(must_be(subject, limit, word, "Leave it out."))
    try:
        made: Input = kinds[kind](**words)
    except (DistsnnError, TypeError) as error:
        raise InputFileError(f"{subject}: {error}") from error
    return made


def words_of(what: Input, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the words from which ``own_input`` makes an input, None if there are none.

    values: of the parameters that differ between neurons, drawn already.
    """
    if type(what) not in STIMULI:
        return None
    words: dict[str, Any] = {}
    for field in dataclasses.fields(what):  # type: ignore[arg-type]
        value = values.get(field.name, getattr(what, field.name))
        if isinstance(value, np.ndarray | np.generic):
            value = value.tolist()
        if isinstance(value, float) and math.isinf(value):
            continue  # a stop that is none is the default
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            return None
        words[field.name] = value
    return words


def rungs_of_text(subject: str, text: str) -> dict[int, Rungs]:
    """Return the lanes of each receptor by its index. Raises InputFileError."""
    try:
        # {"0": [[quantum, largest weight], ...], ...}, the coarsest lane first
        content = json.loads(text)
        rungs = {
            int(receptor): [(float(quantum), float(top)) for quantum, top in rows]
            for receptor, rows in content.items()
        }
    except (ValueError, TypeError, AttributeError, RecursionError):
        limit = "JSON of quanta and largest weights by receptor"
        raise InputFileError(must_be(subject, limit, text[:40], "Remove it.")) from None
    numbers = [number for rows in rungs.values() for row in rows for number in row]
    if not all(0.0 < number < 1e300 for number in numbers) or not all(rungs.values()):
        limit = "quanta and largest weights above 0"
        raise InputFileError(must_be(subject, limit, text[:40], "Remove it."))
    return rungs
