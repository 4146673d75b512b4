"""Before ranks do something together, all say what it is, and compare.

A rank that ended, failed or does something else would leave the others waiting for ever. So every
collective call begins with a roll call: each rank says a number that stands for the call and learns
the numbers of all. Who ends says ``ENDED``, who fails ``FAILED``.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.shared.futex import WakeUpWords, fence
from distsnn.comm.shared.memory import allocate_shared
from distsnn.kernels.comm.window import N_WAKE_UP_WORDS

ENDED, FAILED = 1, 2
N_RESERVED = 16  # numbers below stand for no call
POLLING_S = 50e-6
FIRST_NAP_S, MAX_NAP_S = 50e-6, 2e-3
LOW_HALF = 0xFFFFFFFF


def call_id(call: str) -> int:
    """Return the number that stands for a call, the same on all ranks."""
    return max(N_RESERVED, zlib.crc32(call.encode()))


class Handshake:
    """The roll calls of the ranks of ``mpi_comm``. Made collectively.

    On one machine ranks write their numbers into memory that they share, and sleep while they wait;
    over several they gather the numbers by a message that does not block.
    """

    def __init__(self, mpi_comm: Any, is_one_machine: bool, is_oversubscribed: bool) -> None:
        self.mpi_comm = mpi_comm.Dup()
        n_ranks = self.mpi_comm.size
        self._polling_s = 0.0 if is_oversubscribed else POLLING_S
        self._turn = 0
        memory = allocate_shared(self.mpi_comm, _SharedHandshake.n_bytes(n_ranks)) if is_one_machine else None
        self._medium: _SharedHandshake | _MessageHandshake = (
            _MessageHandshake(self.mpi_comm)
            if memory is None
            else _SharedHandshake(memory, self.mpi_comm.rank, n_ranks)
        )

    def post(self, number: int) -> None:
        """Say what this rank does. The roll call before must be complete."""
        self._turn += 1
        self._medium.post(self._turn, number)

    def is_complete(self) -> bool:
        """Return whether all ranks have answered the roll call that this rank is in."""
        return self._medium.is_complete(self._turn)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all ranks have answered; return False when patience is over."""
        began = time.perf_counter()
        while time.perf_counter() - began < self._polling_s:
            if self.is_complete():
                return True
        return self._medium.sleep(self._turn, timeout_s)

    @property
    def numbers(self) -> np.ndarray:
        """What each rank has said in the roll call that is complete; uint32 [ranks]."""
        return self._medium.numbers(self._turn)

    def close(self) -> None:
        """Give the communicator back. Collective."""
        self.mpi_comm.Free()


class _SharedHandshake:
    """Numbers in shared memory. A word has a rank's number above, the roll call's below.

    Written in turns: who writes a word again two roll calls later knows that all have read it, since
    all have answered the one between.
    """

    def __init__(self, memory: Any, rank: int, n_ranks: int) -> None:
        self._bell = WakeUpWords(np.frombuffer(memory, np.uint32, N_WAKE_UP_WORDS))
        words = np.frombuffer(memory, np.uint64, 2 * n_ranks, 4 * N_WAKE_UP_WORDS)
        self._words, self._rank = words.reshape(2, n_ranks), rank

    @staticmethod
    def n_bytes(n_ranks: int) -> int:
        """Bytes of shared memory for so many ranks."""
        return 4 * N_WAKE_UP_WORDS + 16 * n_ranks

    def post(self, turn: int, number: int) -> None:
        self._words[turn & 1, self._rank] = np.uint64(number << 32 | turn & LOW_HALF)
        fence()
        if self.is_complete(turn):
            self._bell.ring(turn)

    def is_complete(self, turn: int) -> bool:
        low = self._words[turn & 1] & np.uint64(LOW_HALF)
        return bool((low == np.uint64(turn & LOW_HALF)).all())

    def sleep(self, turn: int, timeout_s: float | None) -> bool:
        return self._bell.sleep(turn, lambda: self.is_complete(turn), timeout_s)

    def numbers(self, turn: int) -> np.ndarray:
        return (self._words[turn & 1] >> np.uint64(32)).astype(np.uint32)


class _MessageHandshake:
    """Numbers by a gathering that does not block."""

    def __init__(self, mpi_comm: MPI.Intracomm) -> None:
        self._comm = mpi_comm
        self._own = np.zeros(1, dtype=np.uint32)
        self._all = np.zeros(mpi_comm.size, dtype=np.uint32)
        self._request = MPI.REQUEST_NULL

    def post(self, turn: int, number: int) -> None:
        self._own[0] = number
        self._request = self._comm.Iallgather(self._own, self._all)

    def is_complete(self, turn: int) -> bool:
        return bool(self._request.Test())

    def sleep(self, turn: int, timeout_s: float | None) -> bool:
        return poll_until(lambda: self.is_complete(turn), timeout_s)

    def numbers(self, turn: int) -> np.ndarray:
        return self._all


def poll_until(is_over: Callable[[], bool], timeout_s: float | None = None) -> bool:
    """Look again and again, asleep between; return False when patience is over."""
    began, nap_s = time.monotonic(), FIRST_NAP_S
    while not is_over():
        if timeout_s is not None and time.monotonic() - began > timeout_s:
            return False
        time.sleep(nap_s)
        nap_s = min(MAX_NAP_S, 1.5 * nap_s)
    return True
