"""Ready networks, one TOML file each, and changes of their settings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from distsnn.checks import instance, must_be, text
from distsnn.convnet.filters import input_filters
from distsnn.convnet.readout import parse_readouts
from distsnn.convnet.settings import SdnnSettings
from distsnn.errors import InputFileError, UsageError
from distsnn.input_files.limits import printable
from distsnn.input_files.whole import read_toml

FOLDER = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """Return the names of the presets of the package."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_preset(name: str) -> SdnnSettings:
    """Return a preset by name, or the one in a ``.toml`` file. Raises UsageError, InputFileError."""
    text("load_preset: name", name, remedy="Name a preset.", error=UsageError)
    if name.endswith(".toml") or os.sep in name:
        return read_preset(Path(name))
    if name not in preset_names():
        limit = f"one of {', '.join(preset_names())}"
        remedy = "Choose one of them, or give the path of a .toml file."
        raise UsageError(must_be("preset", limit, name, remedy))
    return read_preset(FOLDER / f"{name}.toml")


def read_preset(path: Path) -> SdnnSettings:
    """Read a preset file. Raises InputFileError."""
    return settings_in(path, read_toml(path))


def settings_in(path: Path, plain: Any) -> SdnnSettings:
    """Return the settings that a file holds as plain data. Raises InputFileError."""
    source = printable(path.name)
    try:
        settings = SdnnSettings.from_dict(plain, source)
        parse_readouts(settings)
        input_filters(settings.input)
    except UsageError as error:
        text = str(error).removeprefix(f"{source}: ")
        raise InputFileError(printable(f"{path}: {text}")) from error
    return settings


def override(settings: SdnnSettings, changes: Iterable[tuple[str, str]]) -> SdnnSettings:
    """Return settings with values replaced: ("conv1.maps", "64"), ("input.bins", "20").

    Raises UsageError for a name that does not exist; the message lists the known names.
    """
    instance("override: settings", settings, SdnnSettings)
    try:
        pairs = [(str(name), value) for name, value in changes]
    except (TypeError, ValueError):
        limit = "pairs of a name and a value"
        raise UsageError(must_be("override: --set changes", limit, changes, "Give ().")) from None
    plain = settings.as_dict()
    for name, value in pairs:
        # "conv1.maps" -> table conv1, entry maps; a name without a dot is of the network itself.
        table, _, last = name.rpartition(".")
        target = plain["layers"].get(table) if table in plain["layers"] else plain.get(table)
        if not table and last in ("seed", "title"):
            plain[last] = value
        elif table == "readouts":
            plain["readouts"][last] = value
        elif isinstance(target, dict) and last in target:
            target[last] = value
        else:
            known = _names(plain) if not isinstance(target, dict) else sorted(target)
            limit = f"one of {', '.join(known)}"
            raise UsageError(must_be("--set", limit, name, "Choose one of them."))
    return replace(SdnnSettings.from_dict(plain, "--set"), title=plain["title"])


def _names(plain: Mapping[str, Any]) -> list[str]:
    return ["seed", "readouts.NAME", *(f"{name}.*" for name in ("input", "svm", *plain["layers"]))]
