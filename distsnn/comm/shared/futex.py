"""Sleeping until a word in shared memory changes, by the futex system call of Linux.

Where the number of the system call is not known, waiting is a short sleep and waking does nothing.
Source: U. Drepper, Futexes are tricky (2011), and futex(2).
"""

from __future__ import annotations

import ctypes
import platform
import threading
import time
from collections.abc import Callable

import numpy as np

from distsnn.kernels.comm.barrier import FLAG_STRIDE, N_WAKE_UP_WORDS

SYSTEM_CALL_NUMBERS = {"x86_64": 202, "AMD64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221}
FUTEX_WAIT, FUTEX_WAKE = 0, 1
N_WOKEN = 2  # by one call; each rank that wakes wakes as many, so the calls form a tree
MAX_SLEEP_S = 0.02  # before the state is looked at again
FIRST_SLEEP_S = 0.0002  # short: the last rank to arrive may have missed that this one falls asleep
SLEEP_WITHOUT_FUTEX_S = 0.0005
LOW_32_BITS = 0xFFFFFFFF

_number = SYSTEM_CALL_NUMBERS.get(platform.machine()) if platform.system() == "Linux" else None
_system_call = ctypes.CDLL(None, use_errno=True).syscall if _number is not None else None
_lock = threading.Lock()


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def fence() -> None:
    """Make earlier stores of this rank visible to others before any later load of this rank."""
    with _lock:  # an atomic read-modify-write is a full memory barrier of the processor
        pass


def futex_wait(address: int, expected: int, timeout_s: float) -> bool:
    """Sleep while the uint32 at ``address`` is ``expected``; return whether a wake-up ended it."""
    if _system_call is None:
        time.sleep(min(timeout_s, SLEEP_WITHOUT_FUTEX_S))
        return False
    timeout = _Timespec(int(timeout_s), int(timeout_s % 1 * 1e9))
    arguments = (ctypes.c_void_p(address), FUTEX_WAIT, ctypes.c_uint32(expected))
    return int(_system_call(_number, *arguments, ctypes.byref(timeout), None, 0)) == 0


def futex_wake(address: int) -> None:
    """Wake up to N_WOKEN of those who sleep at ``address``."""
    if _system_call is not None:
        _system_call(_number, ctypes.c_void_p(address), FUTEX_WAKE, N_WOKEN, None, None, 0)


class WakeUpWords:
    """Lets ranks sleep until the last one has arrived in a phase, and wakes them.

    words: uint32 [N_WAKE_UP_WORDS] of shared zeros, laid out as in ``kernels.comm.barrier``. Phases
    are numbered from 1 and stored modulo 2^32; even and odd ones have words of their own, since some
    ranks may be in the next phase while others still wake up from this one.
    """

    def __init__(self, words: np.ndarray) -> None:
        self.words = words[:N_WAKE_UP_WORDS]
        self._asleep_in = self.words[: 2 * FLAG_STRIDE : FLAG_STRIDE]
        self._completed = self.words[2 * FLAG_STRIDE :: FLAG_STRIDE]
        self._addresses = [self._completed[k : k + 1].ctypes.data for k in (0, 1)]

    def wake(self, phase: int) -> None:
        """Wake all ranks that sleep in a phase.

        Any rank that sees the phase complete may call this; the last to arrive always does.
        """
        self._completed[phase & 1] = np.uint32(phase & LOW_32_BITS)
        futex_wake(self._addresses[phase & 1])

    def sleep(
        self, phase: int, is_complete: Callable[[], object], timeout_s: float | None = None
    ) -> bool:
        """Sleep until a phase is complete; return False after ``timeout_s``, if given."""
        parity, number = phase & 1, phase & LOW_32_BITS
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._asleep_in[parity] = np.uint32(number)
        sleep_s = FIRST_SLEEP_S
        while True:
            # Read the futex word first: if it changes after this line, FUTEX_WAIT returns at once.
            completed = int(self._completed[parity])
            fence()
            if completed == number or is_complete():
                return True
            left_s = sleep_s if deadline is None else min(sleep_s, deadline - time.monotonic())
            sleep_s = MAX_SLEEP_S
            if left_s <= 0:
                return False
            if futex_wait(self._addresses[parity], completed, left_s):
                futex_wake(self._addresses[parity])
