"""The folder of compiled kernels: its path, its permitted owners, and its lock."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from distsnn.errors import KernelError
from distsnn.kernels.compile.object_file import UNFINISHED, WRITABLE_BY_OTHERS

# A user may compile for another processor than this one, as for all machines of a cluster.
CHOICE_OF_PROCESSOR = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")
VARIABLE = "DISTSNN_CACHE"
CHOOSE = f"Set {VARIABLE} to a folder of your own that can be written."
# File systems without locks; several jobs may then compile the same kernels independently.
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


def cache_folder() -> Path:
    """Return the absolute path of the folder of object files, which is created if it is missing.

    ``DISTSNN_CACHE``, else ``distsnn`` in ``XDG_CACHE_HOME``, else ``~/.cache/distsnn``. Raises
    KernelError where there is no such folder or others can write in it.
    """
    folder = _chosen()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise KernelError(
            f"kernel cache {folder}: must be a folder, got {reason}. {CHOOSE}"
        ) from error
    # Its files are executed, so no other user may be able to write there. Root can do so anyway, and
    # a container's image belongs to root.
    if status.st_uid not in (os.getuid(), 0):
        raise KernelError(
            f"kernel cache {folder}: must belong to you or to root, got a folder of user number "
            f"{status.st_uid}. {CHOOSE}"
        )
    if status.st_mode & WRITABLE_BY_OTHERS:
        raise KernelError(
            f"kernel cache {folder}: must not be writable by others, got mode "
            f"{status.st_mode & 0o7777:o}. Run chmod go-w on it, or set {VARIABLE}."
        )
    return folder


def _chosen() -> Path:
    chosen = os.environ.get(VARIABLE)
    base = os.environ.get("XDG_CACHE_HOME", "")
    if chosen:
        folder = os.path.expanduser(chosen)
    elif os.path.isabs(base):  # the XDG specification ignores relative paths
        folder = os.path.join(base, "distsnn")
    else:
        folder = os.path.expanduser(os.path.join("~", ".cache", "distsnn"))
    if folder.startswith("~"):
        raise KernelError(
            f"kernel cache {chosen or folder}: must be in a home folder, got no home of this user. "
            f"{CHOOSE}"
        )
    return Path(os.path.abspath(folder))


@contextlib.contextmanager
def writing(folder: Path, wanted: str) -> Iterator[None]:
    """Let one process at a time compile into ``folder``; the others wait here.

    wanted: what is to be compiled, for the message of the KernelError where nothing can be written.
    """
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(folder / "lock", flags, 0o600)
    except OSError as error:
        raise KernelError(
            f"kernel cache {folder}: must be writable to compile {wanted}, got {error.strerror}. "
            f"{CHOOSE}"
        ) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        else:
            _clear(folder)
        yield
    finally:
        os.close(lock)


def _clear(folder: Path) -> None:
    """Remove the files of a killed compiling process; the lock excludes other writers."""
    for left in folder.glob(f"*{UNFINISHED}"):
        with contextlib.suppress(OSError):
            left.unlink()
