"""The catalogue as text: one paragraph for each entry, or all details of one."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from distsnn.report.tables import PLAIN_WIDTH, print_table
from distsnn.running.display.terminal import say

TITLES = {
    "neuron": "Neuron models",
    "synapse": "Synapses",
    "stimulus": "Stimuli",
    "rule": "Learning rules",
}
INDENT = "    "


def print_overview(entries: Sequence[Mapping[str, Any]]) -> None:
    """Print every entry with its parameters, units, defaults and source."""
    for kind, title in TITLES.items():
        chosen = [entry for entry in entries if entry["kind"] == kind]
        if chosen:
            say(f"{title}\n{'=' * len(title)}\n")
        for entry in chosen:
            say("\n".join(overview(entry)) + "\n")
    say("models NAME shows equations, limits and named sets; models FILE.py a model of your own.")


def overview(entry: Mapping[str, Any]) -> list[str]:
    """Return the paragraph of one entry."""
    lines = [entry["name"], *_wrapped("", entry["title"])]
    if entry.get("receptors"):
        receptors = ", ".join(entry["receptors"])
        lines += _wrapped("receptors   ", f"{receptors} (weights in {entry['weight_unit']})")
    if entry.get("states"):
        states = (f"{name} {unit}".strip() for name, unit in entry["states"].items())
        lines += _wrapped("state       ", ", ".join(states))
    lines += _wrapped("parameters  ", _parameters(entry["parameters"]))
    for part in entry.get("parts", ()):
        lines += _wrapped(f"of each {part['name']}  ", _parameters(part["parameters"]))
    for where, names in _names_of_sets(entry).items():
        lines += _wrapped("named sets  ", f"{where.rpartition('.')[2]}: {names}")
    return lines + _wrapped("source      ", entry["source"] or "definition")


def print_entry(entry: Mapping[str, Any]) -> None:
    """Print all details of one entry."""
    say(f"{entry['name']} ({entry['kind']}): {entry['title']}\n\n{entry['text']}\n")
    say("\n".join(textwrap.wrap(f"Source: {entry['source'] or 'definition'}", PLAIN_WIDTH)) + "\n")
    _print_parameters("parameters", entry["parameters"])
    for part in entry.get("parts", ()):
        _print_parameters(f"parameters of {part['name']}", part["parameters"])
    if entry.get("states"):
        print_table("state", ("", ""), list(entry["states"].items()))
    if entry.get("receptors"):
        say(f"receptors: {', '.join(entry['receptors'])}; weights in {entry['weight_unit']}\n")
    for where in dict.fromkeys(named["where"] for named in entry["sets"]):
        _print_sets(entry, where)


def _print_sets(entry: Mapping[str, Any], where: str) -> None:
    """Print the sets of one module: the parameters that differ from the defaults in any of them."""
    sets = [named for named in entry["sets"] if named["where"] == where]
    default = {parameter["name"]: parameter["default"] for parameter in entry["parameters"]}
    shown = [k for k in default if any(named["parameters"][k] != default[k] for named in sets)]
    rows = [
        (named["name"], ", ".join(f"{k} {_text(named['parameters'][k])}" for k in shown))
        for named in sets
    ]
    if not shown:
        rows = [(named["name"], "the defaults") for named in sets]
    say(where)
    for source in dict.fromkeys(named["source"] for named in sets):
        say("\n".join(textwrap.wrap(source, PLAIN_WIDTH)))
    print_table("", ("", ""), rows)


def _print_parameters(title: str, parameters: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        (parameter["name"], _text(parameter["default"]), parameter["unit"], parameter["limit"])
        for parameter in parameters
    ]
    print_table(title, ("", "default", "unit", ""), rows)


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> str:
    """Return ``name default unit`` of all; the spaces within do not break at line ends."""
    texts = []
    for parameter in parameters:
        is_number = isinstance(parameter["default"], float | int)
        unit = "" if parameter["unit"] == "1" or not is_number else parameter["unit"]
        text = f"{parameter['name']} {_text(parameter['default'])} {unit}".strip()
        texts.append(text.replace(" ", "\0"))
    return ", ".join(texts)


def _wrapped(label: str, text: str) -> list[str]:
    lines = textwrap.wrap(
        label + text,
        PLAIN_WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT + " " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\0", " ") for line in lines]


def _names_of_sets(entry: Mapping[str, Any]) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for named in entry["sets"]:
        names.setdefault(named["where"], []).append(named["name"].replace(" ", "\0"))
    return {where: ", ".join(listed) for where, listed in names.items()}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
