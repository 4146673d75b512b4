"""One file: written beside its place, flushed to the disk, then renamed over what was there."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from distsnn.errors import OutputFileError

NO_FLUSH = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # a file system that cannot flush
HIDDEN = ".distsnn-"  # how the names of everything temporary begin


def is_device(path: Path) -> bool:
    """Return whether a path is a device or a pipe, which must not be renamed over."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def real_place(path: Path) -> Path:
    """Return what a path leads to, which need not exist. Raises OSError for links in a circle."""
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def temporary_name() -> str:
    """Return a name that no other process uses."""
    return f"{HIDDEN}{os.getpid()}-{os.urandom(6).hex()}"


def place_of(path: Path) -> Path:
    """Return where a file ends up that is written in a temporary folder; else the path itself."""
    folder = path.parent
    while folder.name.startswith(HIDDEN):
        folder = folder.parent
    return folder / path.name if folder != path.parent else path


def cannot_write(path: Path, error: BaseException) -> OutputFileError:
    """Return the error to raise for a file or folder that could not be written."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return OutputFileError(
        f"output {place_of(path)}: must be writable, got {reason!r}. "
        "Make room, or choose another place."
    )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the system into OutputFileError with the name of the output."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from error


def write_file(path: str | Path, content: bytes | memoryview) -> None:
    """Write a file whole or not at all; what is there is replaced at once, a link stays a link.

    A device or a pipe is written directly. Raises OutputFileError, and then leaves nothing behind.
    """
    path = Path(path)
    with writing(path):
        if is_device(path):
            _write_directly(path, content)
            return
        target = real_place(path)
        if _is_standard_output(target):
            _write_directly(Path("/dev/stdout"), content)
            return
        temporary = target.with_name(temporary_name())
        try:
            write_new(temporary, content, _mode_of(target))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        flush_folder(target.parent)


def write_new(path: Path, content: bytes | memoryview, mode: int | None = None) -> None:
    """Write a file that does not exist, and flush it to the disk. Raises OSError."""
    with open(path, "xb", buffering=0) as file:
        if mode is not None:
            with suppress(PermissionError):  # not every file system keeps permissions
                os.fchmod(file.fileno(), mode)
        left = memoryview(content).cast("B")
        while left:
            left = left[file.write(left) :]
        try:
            os.fsync(file.fileno())
        except OSError as error:
            if error.errno not in NO_FLUSH:
                raise


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk, if its file system can do so."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _mode_of(target: Path) -> int | None:
    """Return the permissions of the file that is replaced."""
    with suppress(OSError):
        return stat.S_IMODE(os.stat(target).st_mode)
    return None


def _is_standard_output(target: Path) -> bool:
    """Return whether a file is the one that standard output goes to: it must not be renamed."""
    with suppress(OSError):
        return os.path.samestat(os.stat(target), os.fstat(1))
    return False


def _write_directly(path: Path, content: bytes | memoryview) -> None:
    """Write to a device or a pipe; fail rather than wait where nobody reads it."""
    sys.stdout.flush()
    with suppress(OSError):
        if os.path.samestat(os.stat(path), os.fstat(1)):
            _write_all(1, content)
            return
    descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        os.set_blocking(descriptor, True)
        _write_all(descriptor, content)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, content: bytes | memoryview) -> None:
    left = memoryview(content).cast("B")
    while left:
        left = left[os.write(descriptor, left) :]
