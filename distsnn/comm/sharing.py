"""Memory that the ranks of one machine share, and how they wait for each other in it.

The memory is a file without a name: it cannot be left behind, whatever way the job ends.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.packing import FLAG_STRIDE, announce, count_arrived
from distsnn.kernels.program import Program

BARRIER_BYTES = 256  # room for a pthread_barrier_t, 32 bytes with glibc on x86-64
CACHE_LINE_BYTES = 4 * FLAG_STRIDE
POLLS_IN_PROGRAM = 300  # about a microsecond
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
    """Where ranks of one machine wait for each other: ``wait(turn)`` returns when all are there.

    With a core for each rank they poll flags, which takes about a microsecond; with fewer cores, or
    where the processor may reorder stores, they sleep in a POSIX barrier, so that the cores are
    free for the ranks that still compute. Memory: ``size_bytes(n_ranks)`` of shared zeros.
    """

    def __init__(self, mpi_comm: Any, memory: Any, offset: int, is_sleeping: bool) -> None:
        self.rank, self.n_ranks = mpi_comm.rank, mpi_comm.size
        in_order = platform.machine() in ("x86_64", "AMD64")
        n_words = self.n_ranks * FLAG_STRIDE
        self._flags = np.frombuffer(memory, np.uint32, n_words, offset + BARRIER_BYTES)
        self._arrived = count_arrived.bind(self._flags)
        self._barrier: Any = None
        self.wait: Callable[[int], None] = self._poll
        if is_sleeping or not in_order:
            self._make_barrier(mpi_comm, memory, offset)
            self.wait = self._sleep

    @staticmethod
    def size_bytes(n_ranks: int) -> int:
        """Bytes of shared memory that a meeting point of so many ranks takes."""
        return BARRIER_BYTES + n_ranks * CACHE_LINE_BYTES

    def add_to(self, program: Program) -> int:
        """Add a meeting to a program; return the line at which it may stop, for ``wait``.

        The program has the values ``rank``, ``turn``, ``ranks`` and ``ignored``. Ranks that poll do
        so some times in the program; ranks that sleep stop always.
        """
        if self._barrier is not None:
            return program.stop()
        program.call(announce.bind(self._flags), ("rank", "turn"), "ignored")
        return program.repeat(
            self._arrived, ("turn", "ranks"), "ignored", until="ranks", most=POLLS_IN_PROGRAM
        )

    def _make_barrier(self, mpi_comm: Any, memory: Any, offset: int) -> None:
        c_library = ctypes.CDLL(None)
        self._kept = ctypes.c_char.from_buffer(memory, offset)
        self._barrier = ctypes.c_void_p(ctypes.addressof(self._kept))
        self._barrier_wait = c_library.pthread_barrier_wait
        if self.rank == 0:
            attributes = ctypes.create_string_buffer(64)
            c_library.pthread_barrierattr_init(attributes)
            c_library.pthread_barrierattr_setpshared(attributes, PTHREAD_PROCESS_SHARED)
            c_library.pthread_barrier_init(self._barrier, attributes, self.n_ranks)
        mpi_comm.Barrier()

    def _sleep(self, turn: int) -> None:
        self._barrier_wait(self._barrier)

    def _poll(self, turn: int) -> None:
        self._flags[self.rank * FLAG_STRIDE] = turn & 0xFFFFFFFF
        arrived, n_ranks = self._arrived, self.n_ranks
        for _ in range(POLLS_BEFORE_YIELD):
            if arrived(turn, n_ranks) == n_ranks:
                return
        while arrived(turn, n_ranks) != n_ranks:
            os.sched_yield()
