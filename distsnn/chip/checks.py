"""Checks of a chip that is made in Python, by the limits of chip files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from distsnn.checks import is_number, is_whole, must_be
from distsnn.chip.schema import TABLES, Kind, Points
from distsnn.errors import ChipError


def check_table(owner: Any, table: str, instead: Mapping[str, Kind] | None = None) -> None:
    """Raise ChipError unless each field of a table is as a chip file may give it.

    None: not known. instead: other kinds for fields that may have values which a file may not.
    """
    for key, kind in {**TABLES[table], **(instead or {})}.items():
        value = getattr(owner, key)
        # A figure that is not published: only if the field's type allows None.
        if value is None and not kind.is_required and key in _unknown(owner):
            continue
        kind.read(f"{type(owner).__name__}.{key}", _as_in_file(kind, value))


def check_instance(thing: str, value: Any, kind: type) -> None:
    """Raise ChipError unless a value is of a class."""
    if not isinstance(value, kind):
        raise ChipError(must_be(thing, f"a {kind.__name__}", value, "Give one."))


def _unknown(owner: Any) -> list[str]:
    """Return the fields that may be None."""
    return [name for name, kind in type(owner).__annotations__.items() if "None" in str(kind)]


def _as_in_file(kind: Kind, value: Any) -> Any:
    """Return a value as a TOML file would give it."""
    # TOML has lists where Python has tuples.
    if isinstance(kind, Points) and isinstance(value, tuple):
        return [list(pair) if isinstance(pair, tuple) else pair for pair in value]
    if is_whole(value):
        return int(value)
    return float(value) if is_number(value) else value
