"""Ready networks, one TOML file each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from distsnn.checks import must_be, text
from distsnn.convnet.classify.readout import parse_readouts
from distsnn.convnet.filters import input_filters
from distsnn.convnet.settings import SdnnSettings
from distsnn.errors import InputFileError, UsageError
from distsnn.input_files.limits import printable
from distsnn.input_files.whole import read_toml

FOLDER = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """Return the names of the presets that ship."""
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
