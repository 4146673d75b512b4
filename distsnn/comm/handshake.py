"""The handshake with which every collective call begins.

A rank that has ended, has failed or makes a different call would leave the others waiting for ever.
So each rank first posts a number that identifies its call, and learns the numbers of all others. A
rank that ends posts ``ENDED``, one that fails ``FAILED``.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.shared.futex import LOW_32_BITS, WakeUpWords, fence
from distsnn.comm.shared.memory import allocate_shared
from distsnn.kernels.comm.barrier import N_WAKE_UP_WORDS

ENDED, FAILED = 1, 2
N_RESERVED = 16  # smaller numbers do not identify calls
POLLING_S = 50e-6
FIRST_SLEEP_S, MAX_SLEEP_S = 50e-6, 2e-3
BACKOFF = 1.5  # factor between two sleeps


def call_id(call: str) -> int:
    """Return the number that identifies a call, the same on all ranks; fits in 32 bits."""
    # CRC-32 is the same in every process; hash() of a text is not
    return max(N_RESERVED, zlib.crc32(call.encode()))


class Handshake:
    """Repeated handshakes between the ranks of ``mpi_comm``. Collective.

    On one machine the ranks write into shared memory and sleep while they wait; on several machines
    they use a nonblocking MPI_Iallgather. A polling rank of an oversubscribed machine would take the
    core from one that computes, so there ranks sleep at once.
    """

    def __init__(self, mpi_comm: Any, is_one_machine: bool, is_oversubscribed: bool) -> None:
        self.mpi_comm = mpi_comm.Dup()
        n_ranks = self.mpi_comm.size
        self._polling_s = 0.0 if is_oversubscribed else POLLING_S
        self._round = 0
        # falls back to messages where memory cannot be shared
        memory = None
        if is_one_machine:
            memory = allocate_shared(self.mpi_comm, _SharedBoard.size_bytes(n_ranks))
        self._board: _SharedBoard | _MessageBoard = (
            _MessageBoard(self.mpi_comm)
            if memory is None
            else _SharedBoard(memory, self.mpi_comm.rank, n_ranks)
        )

    def post(self, number: int) -> None:
        """Begin a handshake with the number of this rank; the one before must be complete."""
        self._round += 1
        self._board.post(self._round, number)

    def is_complete(self) -> bool:
        """Return whether all ranks have posted in the current handshake."""
        return self._board.is_complete(self._round)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all ranks have posted; return False after ``timeout_s``, if given."""
        # most handshakes are complete within microseconds; polling spares the sleep
        began = time.perf_counter()
        while time.perf_counter() - began < self._polling_s:
            if self.is_complete():
                return True
        return self._board.sleep(self._round, timeout_s)

    @property
    def posted(self) -> np.ndarray:
        """The number that each rank posted in the last complete handshake; uint32 [ranks]."""
        return self._board.numbers(self._round)

    def close(self) -> None:
        """Free the communicator. Collective."""
        self.mpi_comm.Free()


class _SharedBoard:
    """Posted numbers in shared memory: wake-up words, then uint64 [2, ranks].

    Even and odd rounds have words of their own. A rank that writes a word again, two rounds later,
    knows that all have read it: all have posted in the round between. A single store writes both parts
    of a word, so no rank sees a new round with an old number::

        bits 63-32  number that the rank posted
        bits 31-0   round, modulo 2^32
    """

    def __init__(self, memory: Any, rank: int, n_ranks: int) -> None:
        self._wake_up = WakeUpWords(np.frombuffer(memory, np.uint32, N_WAKE_UP_WORDS))
        words = np.frombuffer(memory, np.uint64, 2 * n_ranks, 4 * N_WAKE_UP_WORDS)
        self._words, self._rank = words.reshape(2, n_ranks), rank

    @staticmethod
    def size_bytes(n_ranks: int) -> int:
        """Return the bytes of shared memory that a board for n_ranks ranks needs."""
        return 4 * N_WAKE_UP_WORDS + 2 * 8 * n_ranks

    def post(self, round_: int, number: int) -> None:
        self._words[round_ & 1, self._rank] = np.uint64(number << 32 | round_ & LOW_32_BITS)
        fence()  # of two ranks that arrive last at the same time, at least one sees both words
        if self.is_complete(round_):
            self._wake_up.wake(round_)

    def is_complete(self, round_: int) -> bool:
        rounds = self._words[round_ & 1] & np.uint64(LOW_32_BITS)
        return bool((rounds == np.uint64(round_ & LOW_32_BITS)).all())

    def sleep(self, round_: int, timeout_s: float | None) -> bool:
        return self._wake_up.sleep(round_, lambda: self.is_complete(round_), timeout_s)

    def numbers(self, round_: int) -> np.ndarray:
        return (self._words[round_ & 1] >> np.uint64(32)).astype(np.uint32)


class _MessageBoard:
    """Posted numbers, gathered by a nonblocking collective call of MPI."""

    def __init__(self, mpi_comm: MPI.Intracomm) -> None:
        self._comm = mpi_comm
        self._own = np.zeros(1, dtype=np.uint32)
        self._all = np.zeros(mpi_comm.size, dtype=np.uint32)
        self._request = MPI.REQUEST_NULL

    def post(self, round_: int, number: int) -> None:
        self._own[0] = number
        self._request = self._comm.Iallgather(self._own, self._all)

    def is_complete(self, round_: int) -> bool:
        return bool(self._request.Test())

    def sleep(self, round_: int, timeout_s: float | None) -> bool:
        return poll_until(lambda: self.is_complete(round_), timeout_s)

    def numbers(self, round_: int) -> np.ndarray:
        return self._all


def poll_until(is_over: Callable[[], bool], timeout_s: float | None = None) -> bool:
    """Poll with growing sleeps between; return False after ``timeout_s``, if given."""
    began, sleep_s = time.monotonic(), FIRST_SLEEP_S
    while not is_over():
        if timeout_s is not None and time.monotonic() - began > timeout_s:
            return False
        time.sleep(sleep_s)
        sleep_s = min(MAX_SLEEP_S, BACKOFF * sleep_s)
    return True
