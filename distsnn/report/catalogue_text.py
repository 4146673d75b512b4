"""The catalogue for people: one paragraph for each entry, or all that is known of one."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from distsnn.report.screen import say
from distsnn.report.tables import PLAIN_WIDTH, print_table

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
        chosen = [one for one in entries if one["kind"] == kind]
        if chosen:
            say(f"{title}\n{'=' * len(title)}\n")
        for one in chosen:
            say("\n".join(overview(one)) + "\n")
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
    """Print all that is known of one entry."""
    say(f"{entry['name']} ({entry['kind']}): {entry['title']}\n\n{entry['text']}\n")
    say("\n".join(textwrap.wrap(f"Source: {entry['source'] or 'definition'}", PLAIN_WIDTH)) + "\n")
    _print_parameters("parameters", entry["parameters"])
    for part in entry.get("parts", ()):
        _print_parameters(f"parameters of {part['name']}", part["parameters"])
    if entry.get("states"):
        print_table("state", ("", ""), list(entry["states"].items()))
    if entry.get("receptors"):
        say(f"receptors: {', '.join(entry['receptors'])}; weights in {entry['weight_unit']}\n")
    for where in dict.fromkeys(one["where"] for one in entry["sets"]):
        _print_sets(entry, where)


def _print_sets(entry: Mapping[str, Any], where: str) -> None:
    """Print the sets of one place: what any of them has other than the defaults."""
    sets = [one for one in entry["sets"] if one["where"] == where]
    default = {one["name"]: one["default"] for one in entry["parameters"]}
    shown = [k for k in default if any(one["parameters"][k] != default[k] for one in sets)]
    rows = [
        (one["name"], ", ".join(f"{k} {_text(one['parameters'][k])}" for k in shown))
        for one in sets
    ]
    if not shown:
        rows = [(one["name"], "the defaults") for one in sets]
    say(where)
    for source in dict.fromkeys(one["source"] for one in sets):
        say("\n".join(textwrap.wrap(source, PLAIN_WIDTH)))
    print_table("", ("", ""), rows)


def _print_parameters(title: str, parameters: Sequence[Mapping[str, Any]]) -> None:
    rows = [(one["name"], _text(one["default"]), one["unit"], one["limit"]) for one in parameters]
    print_table(title, ("", "default", "unit", ""), rows)


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> str:
    """Return ``name default unit`` of all; the spaces within do not break at line ends."""
    texts = []
    for one in parameters:
        is_number = isinstance(one["default"], float | int)
        unit = "" if one["unit"] == "1" or not is_number else one["unit"]
        text = f"{one['name']} {_text(one['default'])} {unit}".strip()
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
    for one in entry["sets"]:
        names.setdefault(one["where"], []).append(one["name"].replace(" ", "\0"))
    return {where: ", ".join(found) for where, found in names.items()}


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
