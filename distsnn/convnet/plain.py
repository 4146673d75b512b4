"""Settings from plain data: names and types are checked, errors say which are allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from distsnn.errors import UsageError


def require_known(source: str, plain: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise UsageError for a name that is not known; ``source`` is named in it."""
    unknown = [name for name in plain if name not in set(known)]
    if unknown:
        raise UsageError(
            f"{source}: has no number {unknown[0]!r}, limit {', '.join(sorted(known))}. "
            "Choose one of these."
        )


def made(kind: Any, source: str, plain: Mapping[str, Any]) -> Any:
    """Make a dataclass from plain data, each value converted to the type of its default."""
    require_known(source, plain, [entry.name for entry in fields(kind)])
    values = {}
    for entry in fields(kind):
        if entry.name in plain:
            values[entry.name] = _converted(f"{source}.{entry.name}", plain[entry.name], entry.type)
        elif entry.name in ("maps", "kernel"):
            raise UsageError(f"{source}: has no {entry.name}, limit 1 and up. Give one.")
    return kind(**values)


def _converted(name: str, value: Any, kind: Any) -> Any:
    """Return the value as the type that the dataclass names; booleans also from words."""
    try:
        if kind == "bool":
            words = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
            return words[str(value).lower()]
        if kind == "int":
            if float(value) != int(float(value)):
                raise ValueError
            return int(float(value))
        return float(value) if kind == "float" else str(value)
    except (ValueError, KeyError, OverflowError):
        raise UsageError(f"{name}: is {value!r}, limit {kind}. Correct it.") from None
