"""Memory that the ranks of one machine share, and how they wait for each other in it.

The memory is a file without a name: it cannot be left behind, whatever way the job ends.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
from typing import Any

import numpy as np

from distsnn.kernels.program import Program
from distsnn.kernels.window import announce, are_all_here, new_meeting

BARRIER_BYTES = 256  # room for a pthread_barrier_t, 32 bytes with glibc on x86-64
POLLS_IN_PROGRAM = 3000  # about ten microseconds
POLLS_BEFORE_YIELD = 100
PTHREAD_PROCESS_SHARED = 1


def share(mpi_comm: Any, n_bytes: int) -> mmap.mmap | None:
    """Return n_bytes of zeros that all ranks of ``mpi_comm`` see, or None if that cannot be.

    Collective; all ranks get memory or none does. The ranks must be on one machine.
    """
    file, path = -1, ""
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
    everywhere = all(mpi_comm.allgather(memory is not None))
    if file >= 0:
        os.close(file)
    return memory if everywhere else None


class MeetingPoint:
    """Where ranks of one machine wait for each other.

    With a core for each rank they poll flags, which takes about a microsecond; with fewer cores, or
    where the processor may reorder stores, they sleep in a POSIX barrier, so that the cores are
    free for the ranks that still compute. A rank that polls may do other work between saying that it
    has come and waiting for the rest; programs take the two apart. Memory: BARRIER_BYTES of shared
    zeros at ``offset``. regions: shared zeros, uint32 [2, ranks, words], whose first words are the
    flags of even and of odd meetings; None: the ranks sleep.
    """

    def __init__(
        self,
        mpi_comm: Any,
        memory: Any,
        offset: int,
        regions: np.ndarray | None = None,
    ) -> None:
        self._is_polling = regions is not None and platform.machine() in ("x86_64", "AMD64")
        if regions is not None and self._is_polling:
            _, n_ranks, n_words = regions.shape
            meeting = new_meeting(mpi_comm.rank, n_ranks, n_words, n_ranks * n_words)
            self._announce = announce.bind(meeting, regions.reshape(-1))
            self._are_all_here = are_all_here.bind(meeting, regions.reshape(-1))
        else:
            self._make_barrier(mpi_comm, memory, offset)

    def meet(self) -> None:
        """Sleep until all ranks are here; for a point without regions. Collective."""
        self._barrier_wait(self._barrier)

    def add_announce(self, program: Program) -> None:
        """Add to a program that this rank has come, where ranks poll."""
        if self._is_polling:
            program.call(self._announce)

    def add_wait(self, program: Program) -> None:
        """Add to a program that this rank waits for the others; long waits are Python's part."""
        if self._is_polling:
            program.repeat(self._are_all_here, POLLS_IN_PROGRAM, self._poll)
        else:
            program.python(self.meet)

    def _make_barrier(self, mpi_comm: Any, memory: Any, offset: int) -> None:
        c_library = ctypes.CDLL(None)
        self._kept = ctypes.c_char.from_buffer(memory, offset)
        self._barrier = ctypes.c_void_p(ctypes.addressof(self._kept))
        self._barrier_wait = c_library.pthread_barrier_wait
        if mpi_comm.rank == 0:
            attributes = ctypes.create_string_buffer(64)
            c_library.pthread_barrierattr_init(attributes)
            c_library.pthread_barrierattr_setpshared(attributes, PTHREAD_PROCESS_SHARED)
            c_library.pthread_barrier_init(self._barrier, attributes, mpi_comm.size)
        mpi_comm.Barrier()

    def _poll(self) -> None:
        for _ in range(POLLS_BEFORE_YIELD):
            if self._are_all_here():
                return
        while not self._are_all_here():
            os.sched_yield()
