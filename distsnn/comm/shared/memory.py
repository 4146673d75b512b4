"""Memory that the ranks of one machine share, and how they wait for each other in it.

The memory is a file without a name: it cannot be left behind, whatever way the job ends.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
from time import perf_counter_ns
from typing import Any

import numpy as np

from distsnn.comm.shared.futex import WakeUpWords
from distsnn.kernels.comm.window import N_WAKE_UP_WORDS, PHASE, arrive, have_all_arrived, new_barrier
from distsnn.kernels.loop.program import Program

# Room for a bell, or a pthread_barrier_t (32 bytes with glibc on x86-64).
BARRIER_BYTES = 4 * N_WAKE_UP_WORDS
POLLS_IN_PROGRAM = 3000  # about ten microseconds
POLLS_BEFORE_YIELD = 100  # some tens of microseconds
PTHREAD_PROCESS_SHARED = 1
MIN_POLLING_NS, MAX_POLLING_NS = 25_000, 400_000
LONG_WAIT_NS = 1_000_000


def allocate_shared(mpi_comm: Any, n_bytes: int) -> mmap.mmap | None:
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


class Barrier:
    """Where ranks of one machine wait for each other.

    With a core for each rank they poll flags, which takes about a microsecond, and go to sleep where
    that takes long (see ``AdaptivePolling``); with fewer cores, or where the processor may reorder stores,
    they sleep in a POSIX barrier at once, so that the cores are free for the ranks that still
    compute. A rank that polls may do other work between saying that it has come and waiting for the
    rest; programs take the two apart. Memory: BARRIER_BYTES of shared zeros at ``offset``. regions:
    shared zeros, uint32 [2, ranks, words], whose first words are the flags of even and of odd
    barriers; None: the ranks sleep.
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
            self._state = new_barrier(mpi_comm.rank, n_ranks, n_words, n_ranks * n_words)
            self._bell = WakeUpWords(np.frombuffer(memory, np.uint32, N_WAKE_UP_WORDS, offset))
            self._patience = AdaptivePolling()
            flags = regions.reshape(-1)
            self._arrive = arrive.bind(self._state, flags, self._bell.words)
            self._have_all_arrived = have_all_arrived.bind(self._state, flags)
        else:
            self._make_barrier(mpi_comm, memory, offset)

    def wait(self) -> None:
        """Sleep until all ranks are here; for a point without regions. Collective."""
        self._barrier_wait(self._barrier)

    def add_arrive(self, program: Program) -> None:
        """Add to a program that this rank has come, where ranks poll; uses its value ``again``."""
        if self._is_polling:
            program.call(self._arrive, result="again")
            program.python(self._wake_sleepers, unless_zero="again")

    def add_wait(self, program: Program) -> None:
        """Add to a program that this rank waits for the others; long waits are Python's part."""
        if self._is_polling:
            program.repeat(self._have_all_arrived, POLLS_IN_PROGRAM, self._poll)
        else:
            program.python(self.wait)

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

    def _wake_sleepers(self) -> None:
        self._bell.ring(int(self._state[PHASE]))

    def _poll(self) -> None:
        began = perf_counter_ns()
        for _ in range(POLLS_BEFORE_YIELD):
            if self._have_all_arrived():
                return
        while perf_counter_ns() - began < self._patience.polling_ns:
            os.sched_yield()
            if self._have_all_arrived():
                return
        self._bell.sleep(int(self._state[PHASE]), self._have_all_arrived)
        self._patience.learn(perf_counter_ns() - began)


class AdaptivePolling:
    """How long a rank polls before it sleeps: polling_ns.

    Where ranks compute unequally long on a quiet machine, all waits are about as long, and polling
    on spares the time to fall asleep and wake. Where other programs want the cores, waits last as
    long as the system lets those run, and whoever polls keeps a core from the rank that is waited
    for. So a wait that polling could have covered lengthens the polling, a very long one shortens it.
    """

    def __init__(self) -> None:
        self.polling_ns = MAX_POLLING_NS // 4

    def learn(self, waited_ns: int) -> None:
        """Take note of a wait in which the rank went to sleep."""
        if waited_ns < MAX_POLLING_NS:
            self.polling_ns = min(2 * self.polling_ns, MAX_POLLING_NS)
        elif waited_ns > LONG_WAIT_NS:
            self.polling_ns = max(self.polling_ns // 2, MIN_POLLING_NS)
