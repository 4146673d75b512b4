"""Chips from TOML files: the presets of the package and those of a user."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Any

from distsnn.checks import must_be
from distsnn.chip.description import Chip, EventEnergy, EventTime, Limits, SynapseFormat
from distsnn.chip.schema import GRID_DEFAULTS, REQUIRED_TABLES, TABLES, Kind
from distsnn.errors import ChipError, InputFileError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PRESETS = Path(__file__).parent / "presets"
TEXT_KEYS = ("name", "title", "note")


def known_chips() -> list[str]:
    """Return the names of the presets."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_chip(name_or_path: str | os.PathLike[str]) -> Chip:
    """Return a preset by its name, or the chip that a TOML file describes.

    Raises ChipError for an unknown name or a wrong description, InputFileError for a file that
    cannot be read.
    """
    if not isinstance(name_or_path, (str, os.PathLike)):
        limit = "a name or the path of a file"
        raise ChipError(must_be("chip", limit, name_or_path, "Give 'loihi', for instance."))
    text = str(name_or_path)
    if text in known_chips():
        return read_chip(PRESETS / f"{text}.toml")
    if text.endswith(".toml") or os.sep in text:
        return read_chip(Path(text))
    raise ChipError(
        f"chip {text!r}: is not known, limit {', '.join(known_chips())}. "
        "Choose one of them, or give the path of a .toml file."
    )


def read_chip(path: Path) -> Chip:
    """Read a chip file; the keys are those of ``distsnn.chip.schema``."""
    thing = f"chip file {path}"
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputFileError(f"{thing}: {reason}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputFileError(f"{thing}: is not UTF-8 text. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ChipError(f"{thing}: is not TOML: {error}. Correct the line.") from error
    return make_chip(content, thing, default_name=path.stem)


def make_chip(content: dict[str, Any], thing: str, default_name: str) -> Chip:
    """Return the chip of a parsed file. ``thing`` names it in errors."""
    _refuse_unknown(thing, "key", content, (*TEXT_KEYS, "sources", *TABLES))
    texts = {key: content.get(key, "") for key in TEXT_KEYS}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise ChipError(f"{thing}: {key} is {value!r}, limit a text. Put it in quotes.")
    sources = _read_sources(content.get("sources", {}), thing)
    source_of: dict[str, str] = {}
    values = {
        table: _read_table(table, content.get(table), thing, sources, source_of) for table in TABLES
    }
    grid = {**GRID_DEFAULTS, **values["grid"]}
    _require_whole_tiles(grid, thing)
    _require_ordered(values, thing)
    name = texts["name"] or default_name
    return Chip(
        name=name,
        title=texts["title"] or name,
        note=texts["note"],
        limits=Limits(**values["limits"]),
        synapse=SynapseFormat(**values["synapse"]) if values["synapse"] else None,
        energy=EventEnergy(**values["energy"]),
        time=EventTime(**values["time"]),
        sources=sources,
        source_of=source_of,
        **grid,
    )


def _read_sources(table: Any, thing: str) -> dict[str, str]:
    if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
        raise ChipError(f'{thing}: [sources] is wrong, limit lines of name = "citation". Fix it.')
    return dict(table)


def _read_table(
    table: str, given: Any, thing: str, sources: dict[str, str], source_of: dict[str, str]
) -> dict[str, Any]:
    """Return the values of one table and write down where each is from."""
    keys = TABLES[table]
    if given is None:
        if table in REQUIRED_TABLES:
            raise ChipError(f"{thing}: table [{table}] is missing. Add it with its required keys.")
        return {}
    if not isinstance(given, dict):
        raise ChipError(f"{thing}: {table} is {given!r}, limit a table. Write [{table}] and keys.")
    _refuse_unknown(thing, f"key in [{table}]", given, tuple(keys))
    for key, kind in keys.items():
        if kind.is_required and key not in given:
            raise ChipError(f"{thing}: {table}.{key} is missing. Add it.")
    values = {}
    for key, entry in given.items():
        where = f"{thing}: {table}.{key}"
        value, source = _value_and_source(entry, where, sources)
        values[key] = _read_value(keys[key], value, where)
        source_of[f"{table}.{key}"] = source or thing
    return values


def _value_and_source(entry: Any, where: str, sources: dict[str, str]) -> tuple[Any, str]:
    """A number stands alone or as ``{ value = ..., source = "..." }``."""
    if not isinstance(entry, dict):
        return entry, ""
    if "value" not in entry or not set(entry) <= {"value", "source"}:
        raise ChipError(
            f"{where} has {', '.join(sorted(entry)) or 'nothing'}, limit value and source. "
            'Write { value = ..., source = "..." }.'
        )
    source = entry.get("source", "")
    if not isinstance(source, str):
        raise ChipError(f"{where}: source is {source!r}, limit a text. Put it in quotes.")
    return entry["value"], source


def _read_value(kind: Kind, value: Any, where: str) -> Any:
    try:
        return kind.read(value)
    except ValueError as error:
        raise ChipError(f"{where} {error}") from error


def _refuse_unknown(thing: str, what: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else "Remove it."
            raise ChipError(
                f"{thing}: {what} {key!r} is not known, limit {', '.join(known)}. {remedy}"
            )


def _require_whole_tiles(grid: dict[str, Any], thing: str) -> None:
    for side in ("width", "height"):
        if grid[side] % grid[f"tile_{side}"]:
            raise ChipError(
                f"{thing}: grid.tile_{side} is {grid[f'tile_{side}']}, limit a divisor of "
                f"grid.{side} = {grid[side]}. Choose one."
            )


def _require_ordered(values: dict[str, dict[str, Any]], thing: str) -> None:
    """An inactive update is the cheaper one."""
    for table, unit in (("energy", "pj"), ("time", "ns")):
        active = values[table].get(f"neuron_update_active_{unit}")
        inactive = values[table].get(f"neuron_update_inactive_{unit}")
        if inactive is not None and (active is None or inactive > active):
            raise ChipError(
                f"{thing}: {table}.neuron_update_inactive_{unit} is {inactive:g}, "
                f"limit neuron_update_active_{unit} = {active}. Exchange them or give both."
            )
