"""Places of single files, tried out before a command does its work."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from distsnn.errors import OutputFileError
from distsnn.outputs.files import is_device, writing
from distsnn.outputs.folder import try_out


class Inputs:
    """What a command reads and must not write over: files, and data, which may be folders.

    A name that is no path of something that exists, as that of a preset, is left out.
    """

    def __init__(
        self, files: Iterable[str | Path | None], data: Iterable[Path | None] = ()
    ) -> None:
        given = [path for path in data if path is not None]
        named = [Path(path) for path in files if path is not None]
        self.files = [path for path in (*named, *given) if _is(os.path.isfile, path)]
        self.folders = [path for path in given if _is(os.path.isdir, path)]

    def has(self, path: Path) -> bool:
        """Return whether an existing file is one of them, also by a link.

        A file in a folder of data counts. JSON does not: no data are JSON, reports are.
        """
        if not _is(os.path.isfile, path):
            return False
        if any(_is_same(path, one) for one in [*map(str, self.files), *_loaded_modules()]):
            return True
        if path.suffix == ".json":
            return False
        real = Path(os.path.realpath(path))
        for folder in self.folders:
            if Path(os.path.realpath(folder)) in real.parents:
                return True
            if os.stat(path).st_nlink > 1:
                names = (Path(root, name) for root, _, files in os.walk(folder) for name in files)
                if any(_is_same(path, name) for name in names):
                    return True
        return False


def require_not_an_input(path: Path, inputs: Inputs | None) -> None:
    """Raise OutputFileError if writing to a place would destroy what the command reads."""
    if inputs is not None and inputs.has(path):
        raise OutputFileError(
            f"output {path}: must not be an input, got one that this command reads. "
            "Choose another name."
        )


def require_file_place(path: Path, inputs: Inputs | None = None) -> None:
    """Raise OutputFileError unless a file can be written at a place, and nothing is lost by it."""
    with writing(path):
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:  # also a link that leads nowhere
            mode = 0
        if stat.S_ISDIR(mode):
            raise OutputFileError(
                f"output {path}: must be a file, got a folder. Name a file in it."
            )
        if is_device(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(13, "Permission denied")
            return
        if mode and not stat.S_ISREG(mode):
            raise OutputFileError(
                f"output {path}: must be a file, got a socket or a disk. Choose another place."
            )
        if mode and not os.access(path, os.W_OK):
            raise OutputFileError(
                f"output {path}: must be writable, got a read-only file. Choose another name."
            )
        require_not_an_input(path, inputs)
        parent = Path(os.path.realpath(path)).parent
        if not parent.is_dir():
            raise OutputFileError(
                f"output {path}: must be in a folder that exists, got {parent}. Make it."
            )
        _require_name(path, parent)
        try_out(parent)


def _require_name(path: Path, parent: Path) -> None:
    """Raise OSError for a name that is too long for the file system."""
    if not path.name:
        raise OSError(22, "Invalid argument")
    with suppress(FileNotFoundError):
        os.lstat(parent / Path(os.path.realpath(path)).name)


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    """Return whether a path is of a kind; one that the system cannot even look up is not."""
    with suppress(OSError, ValueError):
        return kind(path)
    return False


def _is_same(path: Path, other: str | os.PathLike[str]) -> bool:
    with suppress(OSError, ValueError):
        return os.path.samefile(path, other)
    return False


def _loaded_modules() -> list[str]:
    """Return the files of all Python modules: the network file, and the helpers it imports."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return [file for file in files if isinstance(file, str)]
