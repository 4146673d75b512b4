"""Allocates memory that the ranks of one machine share.

The memory is an anonymous file (memfd), so nothing is left behind however the job ends.
"""

from __future__ import annotations

import mmap
import os
from typing import Any


def allocate_shared(mpi_comm: Any, n_bytes: int) -> mmap.mmap | None:
    """Return n_bytes of zeros that all ranks of ``mpi_comm`` share, or None on every rank. Collective.

    The ranks must be on one machine. None is returned where the system has no memfd, where /proc is
    missing, and where the ranks may not open each other's files, as in separate containers.
    """
    file, path = -1, ""
    # rank 0 creates the file; the others open it through its entry in /proc
    if mpi_comm.rank == 0:
        try:
            file = os.memfd_create("distsnn")
            os.ftruncate(file, n_bytes)
            path = f"/proc/{os.getpid()}/fd/{file}"
        except (AttributeError, OSError):
            path = ""
    path = mpi_comm.bcast(path)
    memory = None
    if path:
        try:
            if mpi_comm.rank != 0:
                file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            memory = mmap.mmap(file, n_bytes)
        except (OSError, ValueError):
            memory = None
    is_mapped_everywhere = all(mpi_comm.allgather(memory is not None))
    if file >= 0:
        os.close(file)  # the mapping keeps the memory
    return memory if is_mapped_everywhere else None
