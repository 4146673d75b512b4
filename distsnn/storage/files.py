"""Files that are complete or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distsnn.errors import OutputFileError


def is_device(path: Path) -> bool:
    """Return whether a path is something that must not be renamed over, as /dev/stdout."""
    return path.exists() and not path.is_file() and not path.is_dir()


def beside(path: Path) -> Path:
    """Return a name in the same folder, with the same ending, that no other process uses."""
    return path.with_name(f".{os.getpid()}.{path.name}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; what is there at the end takes the place of ``path`` at once.

    If writing fails nothing is left behind, and OutputFileError is raised for an error of the system.
    """
    target = path.resolve()
    temporary = target if is_device(path) else beside(target)
    try:
        yield temporary
        if temporary != target:
            os.replace(temporary, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputFileError(
            f"output {path}: cannot be written ({reason}). Choose another place."
        ) from error
    finally:
        if temporary != target:
            temporary.unlink(missing_ok=True)
