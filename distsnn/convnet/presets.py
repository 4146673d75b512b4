"""Ready networks, one TOML file each."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from distsnn.convnet.settings import SdnnSettings
from distsnn.errors import InputFileError, UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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
    """Read a preset file."""
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputFileError(
            f"{path}: {error.strerror}, limit a readable file. Name it."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"{path}: is not TOML ({error}), limit TOML. Correct it.") from error
    return SdnnSettings.from_dict(plain, path.name)
