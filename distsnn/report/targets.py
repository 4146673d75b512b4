"""Checks before a run that its results can be written after it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from distsnn.errors import OutputFileError


def require_writable(files: Iterable[Path | None], folders: Iterable[Path | None]) -> None:
    """Raise OutputFileError unless each file and folder can be written; makes missing folders."""
    for folder in folders:
        if folder is not None:
            _require_folder(folder)
    for file in files:
        if file is None:
            continue
        if file.is_dir():
            raise OutputFileError(f"output {file}: is a folder, limit a file. Name a file in it.")
        if not file.parent.is_dir():
            raise OutputFileError(f"output {file}: folder {file.parent} does not exist. Make it.")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise OutputFileError(f"output {file}: cannot be written. Choose another place.")


def _require_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFileError(
            f"output {folder}: cannot be made a folder ({error.strerror}). Choose another place."
        ) from error
    if not os.access(folder, os.W_OK):
        raise OutputFileError(f"output {folder}: cannot be written. Choose another place.")
