"""Checks before a run that its results can be written after it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from distsnn.errors import OutputFileError
from distsnn.storage.files import beside, is_device


def require_writable(files: Iterable[Path | None], folders: Iterable[Path | None]) -> None:
    """Raise OutputFileError unless each file and folder can be written; makes missing folders.

    A file is tried out with one beside it, since permissions do not tell everything.
    """
    for folder in folders:
        if folder is not None:
            _require_folder(folder)
    for file in files:
        if file is None or is_device(file):
            continue
        if file.is_dir():
            raise OutputFileError(f"output {file}: is a folder, limit a file. Name a file in it.")
        if not file.parent.is_dir():
            raise OutputFileError(
                f"output {file}: folder {file.parent} does not exist, limit folders that do. Make it."
            )
        _try_out(file.parent, file)


def _require_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFileError(
            f"output {folder}: cannot be made a folder ({error.strerror}). Choose another place."
        ) from error
    _try_out(folder, folder)


def _try_out(folder: Path, target: Path) -> None:
    trial = beside(folder / "trial")
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise OutputFileError(
            f"output {target}: cannot be written ({error.strerror}). Choose another place."
        ) from error
