"""The names of the ready networks: the files of the folder ``ready``."""

from __future__ import annotations

from pathlib import Path
from pkgutil import iter_modules

READY = tuple(
    sorted(module.name for module in iter_modules([str(Path(__file__).with_name("ready"))]))
)
