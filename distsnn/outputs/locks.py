"""One process at a time writes into a folder of results.

``flock`` and not a file that must not exist: the system takes the lock back however its owner ends,
so that nothing is ever locked by a dead process, and Linux passes it to the server of an NFS folder,
so that it holds between machines. A file system without such locks (some Lustre mounts) leaves the
folder unlocked: each run is still put in place as a whole, and the last one stays.
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
from contextlib import suppress
from pathlib import Path

from distsnn.errors import OutputFileError
from distsnn.outputs.files import HIDDEN, writing

LOCK = f"{HIDDEN}lock"
NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL)
MAX_OWNER_BYTES = 200


class FolderLock:
    """The lock of a folder, from its making to ``release``. Raises OutputFileError if it is taken."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self.is_held = False
        with writing(folder):
            self._descriptor = self._open()

    def _open(self) -> int:
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, 0o666)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.pread(descriptor, MAX_OWNER_BYTES, 0).decode(errors="replace").strip()
                os.close(descriptor)
                raise _taken(self._path.parent, owner) from None
            except OSError as error:
                if error.errno in NO_LOCKS:
                    return descriptor
                os.close(descriptor)
                raise
            if self._is_there(descriptor):
                break
            os.close(descriptor)  # its last owner has just removed it
        self.is_held = True
        with suppress(OSError):  # only tells others who it is
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} on {platform.node()}".encode(), 0)
        return descriptor

    def _is_there(self, descriptor: int) -> bool:
        with suppress(OSError):
            return os.path.samestat(os.stat(self._path), os.fstat(descriptor))
        return False

    def release(self) -> None:
        """Give the lock back and leave no file behind."""
        if self._descriptor < 0:
            return
        with suppress(OSError):
            os.unlink(self._path)
        os.close(self._descriptor)
        self._descriptor = -1


def _taken(folder: Path, owner: str) -> OutputFileError:
    return OutputFileError(
        f"output {folder}: must be a folder that no other run writes to, got one in use by "
        f"{owner or 'another process'}. Wait for its end, or choose another folder."
    )
