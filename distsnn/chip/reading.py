"""Chips from TOML files: the presets of the package and those of a user."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Any

from distsnn.checks import must_be, regular_file
from distsnn.chip.description import Chip, EventEnergy, EventTime, Limits, SynapseFormat
from distsnn.chip.schema import GRID_DEFAULTS, REQUIRED_TABLES, TABLES
from distsnn.errors import ChipError, InputFileError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PRESETS = Path(__file__).parent / "presets"
TEXT_KEYS = ("name", "title", "note")
MAX_FILE_BYTES = 1 << 20


def known_chips() -> list[str]:
    """Return the names of the presets."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_chip(name_or_path: str | os.PathLike[str] | Chip) -> Chip:
    """Return a preset by its name, or the chip that a TOML file describes; a chip as it is.

    Raises ChipError for an unknown name or a wrong description, InputFileError for a file that
    cannot be read.
    """
    if isinstance(name_or_path, Chip):
        return name_or_path
    if not isinstance(name_or_path, str | os.PathLike):
        raise ChipError(must_be("chip", "a name, a path or a Chip", name_or_path, "Name one."))
    text = str(os.fspath(name_or_path))
    # A preset's name first, then anything that looks like a path.
    if text in known_chips():
        return read_chip(PRESETS / f"{text}.toml")
    if text.endswith(".toml") or os.sep in text:
        return read_chip(Path(text))
    remedy = "Choose one of them, or give the path of a .toml file."
    raise ChipError(must_be("chip", f"one of {', '.join(known_chips())}", text, remedy))


def read_chip(path: Path) -> Chip:
    """Read a chip file; the keys are those of ``distsnn.chip.schema``."""
    thing = f"chip file {path}"
    regular_file(thing, str(path), MAX_FILE_BYTES)
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputFileError(f"{thing}: {reason}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputFileError(
            f"{thing}: must be UTF-8 text, got other bytes. Save it as UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:  # numbers and nesting beyond Python's own bounds
        reason = " ".join(str(error).split())
        raise ChipError(f"{thing}: must be TOML, got {reason}. Correct the line.") from error
    return make_chip(content, thing, default_name=path.stem)


def make_chip(content: dict[str, Any], thing: str, default_name: str) -> Chip:
    """Return the chip of a parsed file. ``thing`` names it in errors."""
    _refuse_unknown(thing, "key", content, (*TEXT_KEYS, "sources", *TABLES))
    # Texts: name, title and note of the chip.
    texts = {key: content.get(key, "") for key in TEXT_KEYS}
    for key, value in texts.items():
        if not isinstance(value, str) or (key != "note" and not (value + " ").isprintable()):
            limit = "a text" if key == "note" else "a text of one line"
            raise ChipError(must_be(f"{thing}: {key}", limit, value, "Put it in quotes."))
    # Numbers, each with the citation it rests on.
    sources = _read_sources(content.get("sources", {}), thing)
    source_of: dict[str, str] = {}
    values = {
        table: _read_table(table, content.get(table), thing, sources, source_of) for table in TABLES
    }
    # Conditions between several numbers.
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
        limit = 'lines of name = "citation"'
        raise ChipError(must_be(f"{thing}: [sources]", limit, table, "Write such lines."))
    return dict(table)


def _read_table(
    table: str, given: Any, thing: str, sources: dict[str, str], source_of: dict[str, str]
) -> dict[str, Any]:
    """Return the values of one table; add the source of each to ``source_of``."""
    keys = TABLES[table]
    if given is None:
        if table in REQUIRED_TABLES:
            limit = "a table with its required keys"
            raise ChipError(f"{thing}: [{table}]: must be {limit}, got none. Add it.")
        return {}
    if not isinstance(given, dict):
        raise ChipError(
            must_be(f"{thing}: {table}", "a table", given, f"Write [{table}] and keys.")
        )
    _refuse_unknown(thing, f"key in [{table}]", given, tuple(keys))
    for key, kind in keys.items():
        if kind.is_required and key not in given:
            raise ChipError(f"{thing}: {table}.{key}: must be given, got nothing. Add it.")
    # A number is checked by the kind of its key; its source defaults to the file itself.
    values = {}
    # "table.key" names a number in errors and in source_of.
    for key, entry in given.items():
        where = f"{thing}: {table}.{key}"
        value, source = _value_and_source(entry, where, sources)
        values[key] = keys[key].read(where, value)
        source_of[f"{table}.{key}"] = source or thing
    return values


def _value_and_source(entry: Any, where: str, sources: dict[str, str]) -> tuple[Any, str]:
    """A number stands alone or as ``{ value = ..., source = "..." }``."""
    if not isinstance(entry, dict):
        return entry, ""
    if "value" not in entry or not set(entry) <= {"value", "source"}:
        remedy = 'Write { value = ..., source = "..." }.'
        raise ChipError(must_be(where, "a value and its source", sorted(entry), remedy))
    source = entry.get("source", "")
    if not isinstance(source, str):
        raise ChipError(must_be(f"{where}: source", "a text", source, "Put it in quotes."))
    return entry["value"], source


def _refuse_unknown(thing: str, kind: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"Did you mean {near[0]}?" if near else "Remove it."
            raise ChipError(must_be(f"{thing}: {kind}", f"one of {', '.join(known)}", key, remedy))


def _require_whole_tiles(grid: dict[str, Any], thing: str) -> None:
    for side in ("width", "height"):
        if grid[side] % grid[f"tile_{side}"]:
            limit = f"a divisor of grid.{side} = {grid[side]}"
            got = grid[f"tile_{side}"]
            raise ChipError(must_be(f"{thing}: grid.tile_{side}", limit, got, "Choose one."))


def _require_ordered(values: dict[str, dict[str, Any]], thing: str) -> None:
    """An inactive update is the cheaper one."""
    for table, unit in (("energy", "pj"), ("time", "ns")):
        # Both levels of an update must be known, and in order.
        active = values[table].get(f"neuron_update_active_{unit}")
        inactive = values[table].get(f"neuron_update_inactive_{unit}")
        if inactive is not None and (active is None or inactive > active):
            limit = f"at most neuron_update_active_{unit} = {active}"
            key, remedy = f"{table}.neuron_update_inactive_{unit}", "Exchange them or give both."
            raise ChipError(must_be(f"{thing}: {key}", limit, inactive, remedy))
