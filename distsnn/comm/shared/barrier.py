"""A barrier in shared memory for the ranks of one machine, which poll or sleep."""

from __future__ import annotations

import ctypes
import os
import platform
from time import perf_counter_ns
from typing import Any

import numpy as np

from distsnn.comm.shared.futex import WakeUpWords
from distsnn.kernels.comm.barrier import (
    N_WAKE_UP_WORDS,
    PHASE,
    arrive,
    have_all_arrived,
    new_barrier,
)
from distsnn.kernels.loop.program import Program

# Size of the wake-up words; a pthread_barrier_t fits too (32 bytes with glibc on x86-64).
BARRIER_BYTES = 4 * N_WAKE_UP_WORDS
POLLS_IN_PROGRAM = 3000  # about ten microseconds
POLLS_BEFORE_YIELD = 100  # some tens of microseconds
PTHREAD_PROCESS_SHARED = 1
PTHREAD_ATTRIBUTE_BYTES = 64  # more than any C library's pthread_barrierattr_t
TOTAL_STORE_ORDER = ("x86_64", "AMD64")  # processors that keep the order of stores
MIN_POLLING_NS, MAX_POLLING_NS = 25_000, 400_000
LONG_WAIT_NS = 1_000_000


class Barrier:
    """Makes the ranks of one machine wait for each other.

    With a core for each rank they poll flags, which takes about a microsecond, and go to sleep when a
    wait is long (see ``AdaptivePolling``). With fewer cores, or on a processor that may reorder stores,
    they sleep in a POSIX barrier at once, which leaves the cores to the ranks that still compute. A
    rank that polls may do other work between its arrival and its wait for the others, so a program has
    separate lines for the two.

    memory: shared zeros, of which the barrier uses BARRIER_BYTES from ``offset`` on. regions: shared
    zeros, uint32 [2, ranks, words]; the first word of each region is the flag of its rank, [0] in even
    and [1] in odd phases. Without regions the ranks sleep.
    """

    def __init__(
        self,
        mpi_comm: Any,
        memory: Any,
        offset: int,
        regions: np.ndarray | None = None,
    ) -> None:
        self._is_polling = regions is not None and platform.machine() in TOTAL_STORE_ORDER
        if regions is not None and self._is_polling:
            _, n_ranks, n_words = regions.shape
            # the flag of a rank is the first word of its region, so flags are n_words apart
            self._state = new_barrier(mpi_comm.rank, n_ranks, n_words, n_ranks * n_words)
            self._wake_up = WakeUpWords(np.frombuffer(memory, np.uint32, N_WAKE_UP_WORDS, offset))
            self._polling = AdaptivePolling()
            flags = regions.reshape(-1)
            self._arrive = arrive.bind(self._state, flags, self._wake_up.words)
            self._have_all_arrived = have_all_arrived.bind(self._state, flags)
        else:
            self._make_posix_barrier(mpi_comm, memory, offset)

    def wait(self) -> None:
        """Sleep until all ranks have arrived; only for a barrier without regions. Collective."""
        self._barrier_wait(self._barrier)

    def add_arrive(self, program: Program) -> None:
        """Add lines by which a polling rank announces its arrival; they use the value ``again``."""
        if self._is_polling:
            program.call(self._arrive, result="again")
            program.python(self._wake_sleepers, unless_zero="again")

    def add_wait(self, program: Program) -> None:
        """Add lines by which this rank waits for the others; long waits return to Python."""
        if self._is_polling:
            program.repeat(self._have_all_arrived, POLLS_IN_PROGRAM, self._wait_long)
        else:
            program.python(self.wait)

    def _make_posix_barrier(self, mpi_comm: Any, memory: Any, offset: int) -> None:
        c_library = ctypes.CDLL(None)
        self._buffer = ctypes.c_char.from_buffer(memory, offset)  # keeps the memory alive
        self._barrier = ctypes.c_void_p(ctypes.addressof(self._buffer))
        self._barrier_wait = c_library.pthread_barrier_wait
        if mpi_comm.rank == 0:
            attributes = ctypes.create_string_buffer(PTHREAD_ATTRIBUTE_BYTES)
            c_library.pthread_barrierattr_init(attributes)
            c_library.pthread_barrierattr_setpshared(attributes, PTHREAD_PROCESS_SHARED)
            c_library.pthread_barrier_init(self._barrier, attributes, mpi_comm.size)
        mpi_comm.Barrier()

    def _wake_sleepers(self) -> None:
        self._wake_up.wake(int(self._state[PHASE]))

    def _wait_long(self) -> None:
        """Wait on after the polling in the program: poll, then poll and yield, then sleep."""
        began = perf_counter_ns()
        # 1. poll
        for _ in range(POLLS_BEFORE_YIELD):
            if self._have_all_arrived():
                return
        # 2. poll, and let other processes run in between
        while perf_counter_ns() - began < self._polling.limit_ns:
            os.sched_yield()
            if self._have_all_arrived():
                return
        # 3. sleep
        self._wake_up.sleep(int(self._state[PHASE]), self._have_all_arrived)
        self._polling.update(perf_counter_ns() - began)


class AdaptivePolling:
    """How long a rank polls before it goes to sleep, adapted to the waits so far.

    On a quiet machine waits come from unequal work and are all about as long; polling through them
    saves the time to fall asleep and wake up. Where other programs compete for the cores, a wait lasts
    as long as the scheduler lets those run, and a polling rank keeps a core from the rank that it waits
    for. So a wait that polling could have covered doubles the limit, and a very long one halves it.

    limit_ns: nanoseconds, from MIN_POLLING_NS to MAX_POLLING_NS.
    """

    def __init__(self) -> None:
        self.limit_ns = MAX_POLLING_NS // 4

    def update(self, waited_ns: int) -> None:
        """Adapt the limit to the length of a wait in which the rank went to sleep."""
        if waited_ns < MAX_POLLING_NS:
            self.limit_ns = min(2 * self.limit_ns, MAX_POLLING_NS)
        elif waited_ns > LONG_WAIT_NS:
            self.limit_ns = max(self.limit_ns // 2, MIN_POLLING_NS)
