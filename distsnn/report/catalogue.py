"""Every neuron model, synapse, stimulus and learning rule as plain data, from their own files.

An entry has ``kind``, ``name``, ``title``, ``text`` (equations), ``source``, ``parameters`` (name,
unit, default and limit) and, if they apply, ``receptors``, ``weight_unit``, ``states`` and ``sets``
(published parameters by name).
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network import Network
from distsnn.neurons import all_models
from distsnn.neurons.compartments import Named
from distsnn.neurons.model import NeuronModel, require_complete
from distsnn.neurons.registry import models_of
from distsnn.plasticity import all_rules
from distsnn.plasticity.parameters import RECEPTOR
from distsnn.plasticity.registry import rules_of
from distsnn.plasticity.rule import PlasticityRule
from distsnn.report.named_sets import sets_of
from distsnn.stimuli import SpikeSource
from distsnn.stimuli.registry import STIMULI

NEURON, SYNAPSE, STIMULUS, RULE = "neuron", "synapse", "stimulus", "rule"
KINDS = (NEURON, SYNAPSE, STIMULUS, RULE)
UNIT_OF_ENDING = {
    "ms": "ms", "mv": "mV", "pf": "pF", "ns": "nS", "pa": "pA", "na": "nA", "mohm": "MOhm",
    "hz": "Hz", "steps": "steps",
}  # fmt: skip
STATIC_TEXT = """\
A spike of the source arrives after the delay and gives the target's receptor the weight, which never
changes. Weights are kept as 16-bit multiples of a step that is the same for all synapses onto one
receptor of a population; delays are whole steps, at least one. Both may be drawn from a distribution.

    input(t) = sum over synapses of w S(t - delay),   S: the source's spikes"""


def catalogue() -> list[dict[str, Any]]:
    """Return an entry for every model, synapse, stimulus and rule, sorted by kind, then name."""
    rules = all_rules()
    entries = [neuron_entry(model) for model in all_models().values()]
    entries.append(static_entry())
    entries += [rule_entry(rule) for rule in rules.values()]
    entries += [stimulus_entry(stimulus) for stimulus in (*STIMULI, SpikeSource)]
    return sorted(entries, key=lambda entry: (KINDS.index(entry["kind"]), entry["name"].lower()))


def named(name: str) -> list[dict[str, Any]]:
    """Return the entries of a class or of a file with this name. Raises NetworkError if none exists."""
    entries = catalogue()
    wanted = name.lower()
    matches = [entry for entry in entries if wanted in (entry["name"].lower(), entry["file"])]
    if not matches:
        known = [entry["name"] for entry in entries]
        folded = {spelling.lower(): spelling for spelling in known}
        near = difflib.get_close_matches(wanted, folded, 1)
        hint = f"Did you mean {folded[near[0]]}?" if near else "Check the spelling."
        limit = f"one of {', '.join(known)} or the path of a .py file"
        raise NetworkError(must_be("model", limit, name, hint))
    return matches


def entries_of_file(module: ModuleType, path: str, wanted: str = "") -> list[dict[str, Any]]:
    """Return the entries of a user's file. Raises NetworkError if none fits ``wanted``."""
    models, rules = models_of(module), rules_of(module)
    for model in models.values():
        require_complete(model)
    entries = [neuron_entry(model) for model in models.values()]
    entries += [rule_entry(rule) for rule in rules.values()]
    if not entries:
        remedy = (
            "A model is a NeuronModel dataclass in a file that ends with advance = driver(...)."
        )
        limit = "a file with a model or a rule"
        raise NetworkError(f"model file {path}: must be {limit}, got none. {remedy}")
    chosen = [{**entry, "file": path} for entry in entries if wanted in ("", entry["name"])]
    if not chosen:
        names = ", ".join(entry["name"] for entry in entries)
        limit = f"a file with a class {wanted}"
        raise NetworkError(must_be(f"model file {path}", limit, names, "Check the name."))
    return chosen


def neuron_entry(model: type[NeuronModel]) -> dict[str, Any]:
    """Return the entry of a neuron model; its receptors and states are those of the defaults."""
    cell = _with_defaults(model)
    return {
        **_words(NEURON, model),
        "parameters": list(_parameters(model)),
        "parts": [
            {"name": part.__name__, "parameters": list(_parameters(part))} for part in _parts(model)
        ],
        "receptors": list(cell.receptors) if cell else [],
        "weight_unit": model.weight_unit,
        "states": dict(cell.units) if cell else {},
        "sets": sets_of(model),
    }


def rule_entry(rule: type[PlasticityRule]) -> dict[str, Any]:
    """Return the entry of a learning rule, or of a synapse with short-term plasticity."""
    kind = RULE if rule.changes_weights else SYNAPSE
    return {**_words(kind, rule), "parameters": list(_parameters(rule)), "sets": sets_of(rule)}


def stimulus_entry(stimulus: type) -> dict[str, Any]:
    """Return the entry of a stimulus."""
    entry = _words(STIMULUS, stimulus)
    own = inspect.getdoc(stimulus) or ""
    text = f"{own}\n\n{entry['text']}".strip()
    return {**entry, "text": text, "parameters": list(_parameters(stimulus)), "sets": []}


def static_entry() -> dict[str, Any]:
    """Return the entry of a synapse that does not learn: the options of ``Network.connect``."""
    share = inspect.signature(Network.connect).parameters["dendritic_share"].default
    rows = (
        ("weight", RECEPTOR, "required", ""),
        ("delay_ms", "ms", "one step", "above 0"),
        ("receptor", "", "by the sign of the weight", "a receptor of the target"),
        ("dendritic_share", "1", share, "0 to 1"),
    )
    return {
        "kind": SYNAPSE, "name": "static", "file": "network", "title": "A synapse of fixed weight.",
        "text": STATIC_TEXT,
        "source": "Rotter & Diesmann 1999, Biol Cybern 81:381 (spikes on the grid of time)",
        "parameters": [
            dict(zip(("name", "unit", "default", "limit"), row, strict=True)) for row in rows
        ],
        "sets": [],
    }  # fmt: skip


def _words(kind: str, item: type) -> dict[str, Any]:
    """Return title, equations and source from the docstring of the file."""
    module = sys.modules[item.__module__]
    text = inspect.cleandoc(module.__doc__ or item.__doc__ or "")
    title, _, rest = text.partition("\n")
    body, _, source = rest.partition("Source: ")
    return {
        "kind": kind,
        "name": item.__name__,
        "file": module.__name__.rpartition(".")[2],
        "title": title,
        "text": body.strip("\n"),
        "source": " ".join(source.split()),
    }


def _parameters(item: type) -> Iterator[dict[str, Any]]:
    for field in dataclasses.fields(item):  # type: ignore[arg-type]
        yield {
            "name": field.name,
            "unit": _unit(item, field.name),
            "default": _default(field),
            "limit": _limit(item, field.name),
        }


def _unit(item: type, name: str) -> str:
    declared: Mapping[str, str] = _declared(item, "parameter_units", {})
    return declared.get(name) or UNIT_OF_ENDING.get(name.rpartition("_")[2], "")


def _declared(item: type, name: str, default: Any) -> Any:
    """Return an attribute that a class declares about its parameters, as in ``Parameters``."""
    return next((vars(base)[name] for base in item.__mro__ if name in vars(base)), default)


def _default(field: Any) -> Any:
    if field.default is dataclasses.MISSING:
        return "required"
    if isinstance(field.default, tuple):
        return [part.name if isinstance(part, Named) else part for part in field.default]
    return field.default


def _limit(item: type, name: str) -> str:
    choices = _declared(item, "choices", {}).get(name)
    limits = _declared(item, "limits", {}).get(name)
    if choices:
        return ", ".join(choices)
    if limits:
        return f"{limits[0]} to {limits[1]}"
    if name in _declared(item, "positive", ()) or name.startswith("tau_"):
        return "above 0"
    return "at least 0" if name == "t_ref_ms" else ""


def _parts(model: type) -> list[type]:
    """Return the other classes of parameters in a model's file, as the compartments of a tree."""
    return [
        item
        for item in vars(sys.modules[model.__module__]).values()
        if dataclasses.is_dataclass(item)
        and isinstance(item, type)
        and item.__module__ == model.__module__
        and item is not model
        and not issubclass(item, NeuronModel)
    ]


def _with_defaults(model: type[NeuronModel]) -> NeuronModel | None:
    """Return a neuron of this model with its defaults, None if a parameter has no default."""
    has_all = all(
        field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        for field in dataclasses.fields(model)  # type: ignore[arg-type]
    )
    return model() if has_all else None
