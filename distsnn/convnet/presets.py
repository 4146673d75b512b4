"""Ready networks, one TOML file each."""

from __future__ import annotations

import os
from pathlib import Path

from distsnn.convnet.settings import SdnnSettings
from distsnn.errors import UsageError
from distsnn.input_files.limits import printable
from distsnn.input_files.whole import read_toml

FOLDER = Path(__file__).parent / "presets"


def preset_names() -> list[str]:
    """Return the names of the presets that ship."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_preset(name: str) -> SdnnSettings:
    """Return a preset by name, or the one in a ``.toml`` file. Raises UsageError, InputFileError."""
    if name.endswith(".toml") or os.sep in name:
        return read_preset(Path(name))
    if name not in preset_names():
        raise UsageError(
            f"preset: is {name!r}, limit {', '.join(preset_names())}. "
            "Choose one of them, or give the path of a .toml file."
        )
    return read_preset(FOLDER / f"{name}.toml")


def read_preset(path: Path) -> SdnnSettings:
    """Read a preset file. Raises UsageError, InputFileError."""
    return SdnnSettings.from_dict(read_toml(path), printable(path.name))
