"""Limits of the size of files and of their unpacked content, and errors about files."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distsnn.checks import must_be, regular_file, shown
from distsnn.errors import DistsnnError, InputFileError

MAX_RATIO = 10  # of unpacked to packed size, beyond ``ROOM``; images and events pack less
MAX_GOT = 160  # characters of the value in a message
ROOM = 100 * 2**20  # bytes that every file may unpack to


def max_file_bytes() -> int:
    """Return the largest size of a file that is held in memory: half of the machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


@contextmanager
def bounded_memory(n_bytes: int) -> Iterator[None]:
    """Limit the memory of this process to ``n_bytes`` more; a decoder that needs more fails.

    For decoders in C that trust the sizes in a damaged file. Without /proc nothing is limited.
    """
    try:
        with open("/proc/self/statm", "rb") as file:
            taken = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limits = [taken + n_bytes, *({soft, hard} - {resource.RLIM_INFINITY})]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def max_unpacked_bytes(packed_bytes: int) -> int:
    """Return the most bytes that a packed file of this size may unpack to."""
    return ROOM + MAX_RATIO * packed_bytes


def printable(text: str | Path) -> str:
    """Return a path or a message in one line, with unprintable characters escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))


def as_path(value: object) -> Path:
    """Return a path given as such or as text. Raises InputFileError for anything else."""
    if not isinstance(value, (str, Path)):
        raise InputFileError(must_be("path", "text or a Path", value, "Name a file."))
    return Path(value)


def size_of(path: str | Path, max_bytes: int | None = None) -> int:
    """Return the size of a regular file. Raises InputFileError for anything else."""
    most = max_file_bytes() if max_bytes is None else max_bytes
    if "\0" in str(path):
        raise InputFileError(must_be(printable(path), "a file", "a zero byte", "Check the path."))
    return regular_file(printable(path), str(path), most)


def refused(path: str | Path, limit: str, got: object, remedy: str) -> InputFileError:
    """Return the error about the content of a file. got: a value, or text that is used as it is."""
    text = " ".join(got.split()) if isinstance(got, str) else shown(got)
    if len(text) > MAX_GOT:
        text = text[: MAX_GOT - 3] + "..."
    return InputFileError(printable(f"{path}: must be {limit}, got {text}. {remedy}"))


def require_room(path: str | Path, part: str, n_bytes: int, limit: int) -> None:
    """Raise InputFileError if a part of a file unpacks to more than ``limit`` bytes."""
    if n_bytes > limit:
        raise refused(
            path, f"packed so that {part} unpacks to at most {limit} bytes", n_bytes,
            "Store it without compression, or split it.",
        )  # fmt: skip


@contextmanager
def decoding(path: str | Path, limit: str, remedy: str = "Write it again.") -> Iterator[None]:
    """Turn every exception of a decoder into one InputFileError; ``limit``: what the file must be.

    Decoders of damaged files raise many types, MemoryError and RecursionError included.
    """
    try:
        yield
    except DistsnnError:
        raise
    except Exception as error:
        reason = str(error).replace(f" {str(path)!r}", "").rstrip(".")
        raise refused(path, limit, reason or type(error).__name__, remedy) from error


def entries(folder: str | Path) -> list[Path]:
    """Return the entries of a folder, by name. Raises InputFileError if it cannot be listed."""
    with decoding(folder, "a folder that can be listed", "Check its permissions."):
        return sorted(Path(folder).iterdir())
