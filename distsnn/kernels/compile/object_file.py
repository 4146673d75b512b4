"""The files of the kernel cache: machine code behind a digest, which is checked before any use.

    8 bytes    MAGIC
    32 bytes   SHA-256 of all that follows
    4 bytes    length of the index
    index      JSON: {"key": the kernel's key, "kernels": [[name, symbol, bytes of code], ...]}
    code       object files (ELF), one after another

A file counts only if it is whole, has the expected key, is a regular file with one name that belongs
to this user or to root, and cannot be written by anybody else. Any other file is compiled again
and replaced; it is never loaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from pathlib import Path

MAGIC = b"DISTSNN1"
N_DIGEST = 32
N_LENGTH = 4
N_HEAD = len(MAGIC) + N_DIGEST + N_LENGTH
MAX_BYTES = 1 << 28
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
MODE = 0o644  # whatever the umask: a file that a group may write would not be loaded
SUFFIX, UNFINISHED = ".obj", ".tmp"

Kernels = dict[str, tuple[str, bytes]]  # name -> (symbol, object code)


def packed(key: str, kernels: Kernels) -> bytes:
    """Return the content of an object file."""
    rows = [[name, symbol, len(code)] for name, (symbol, code) in kernels.items()]
    index = json.dumps({"key": key, "kernels": rows}).encode()
    codes = b"".join(code for _, code in kernels.values())
    body = len(index).to_bytes(N_LENGTH, "little") + index + codes
    return MAGIC + hashlib.sha256(body).digest() + body


def unpacked(content: bytes, key: str) -> Kernels | None:
    """Return the kernels of an object file; None if it is damaged or has another key."""
    body = content[len(MAGIC) + N_DIGEST :]
    if len(content) < N_HEAD or content[: len(MAGIC)] != MAGIC:
        return None
    if hashlib.sha256(body).digest() != content[len(MAGIC) : len(MAGIC) + N_DIGEST]:
        return None
    start = N_LENGTH + int.from_bytes(body[:N_LENGTH], "little")
    index = json.loads(body[N_LENGTH:start])
    if index["key"] != key:
        return None
    kernels: Kernels = {}
    for name, symbol, size in index["kernels"]:
        kernels[name] = (symbol, body[start : start + size])
        start += size
    return kernels


def read(path: Path, key: str) -> Kernels | None:
    """Return the kernels of an object file; None if there is no valid one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not is_trusted(os.fstat(descriptor)):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return unpacked(file.read(), key)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def is_trusted(status: os.stat_result) -> bool:
    """Return whether only this user and root can have written, or can change, this file."""
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_size <= MAX_BYTES
        and status.st_uid in (os.getuid(), 0)
        and not status.st_mode & WRITABLE_BY_OTHERS
        and (status.st_nlink == 1 or status.st_uid == 0)  # images share files by links
    )


def write(path: Path, key: str, kernels: Kernels) -> None:
    """Write an object file under a temporary name and rename it: readers see only complete files."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(temporary, flags, MODE), "wb") as file:
            file.write(packed(key, kernels))
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
