"""Waiting asleep for a word in shared memory to change: the system's futex.

Where the system's call is not known, waiting is a short sleep and the waker has nothing to do.
"""

from __future__ import annotations

import ctypes
import platform
import threading
import time
from collections.abc import Callable

import numpy as np

from distsnn.kernels.comm.window import N_WAKE_UP_WORDS, FLAG_STRIDE

CALL_NUMBERS = {"x86_64": 202, "AMD64": 202, "aarch64": 98, "riscv64": 98, "ppc64le": 221}
WAIT, WAKE = 0, 1
N_WOKEN = 2  # at once; each that wakes wakes as many, so that nobody wakes all
NAP_S = 0.02  # longest sleep before looking again
FIRST_NAP_S = 0.0002  # who came last in the moment of falling asleep may not have seen it
NAP_WITHOUT_CALL_S = 0.0005

_number = CALL_NUMBERS.get(platform.machine()) if platform.system() == "Linux" else None
_call = ctypes.CDLL(None, use_errno=True).syscall if _number is not None else None
_lock = threading.Lock()


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


def fence() -> None:
    """Let what was written before be seen before what is read afterwards."""
    with _lock:  # taking a lock is a full barrier of the processor
        pass


def wait(address: int, expected: int, timeout_s: float) -> bool:
    """Sleep while the uint32 at ``address`` is ``expected``; return whether somebody woke us."""
    if _call is None:
        time.sleep(min(timeout_s, NAP_WITHOUT_CALL_S))
        return False
    limit = _Timespec(int(timeout_s), int(timeout_s % 1 * 1e9))
    arguments = (ctypes.c_void_p(address), WAIT, ctypes.c_uint32(expected), ctypes.byref(limit))
    return int(_call(_number, *arguments, None, 0)) == 0


def wake(address: int) -> None:
    """Wake some who sleep at ``address``."""
    if _call is not None:
        _call(_number, ctypes.c_void_p(address), WAKE, N_WOKEN, None, None, 0)


class WakeUpWords:
    """Wakes who sleeps until the last rank has come to a meeting.

    words: uint32 [N_WAKE_UP_WORDS] of shared zeros: for even and for odd meetings the number of the
    last one in which a rank went to sleep, then that of the last one whose end was rung.
    """

    def __init__(self, words: np.ndarray) -> None:
        self.words = words[:N_WAKE_UP_WORDS]
        self._sleepers = self.words[: 2 * FLAG_STRIDE : FLAG_STRIDE]
        self._rung = self.words[2 * FLAG_STRIDE :: FLAG_STRIDE]
        self._addresses = [self._rung[k : k + 1].ctypes.data for k in (0, 1)]

    def ring(self, meeting: int) -> None:
        """Say that all are here. For any rank that sees it; who came last always does."""
        self._rung[meeting & 1] = np.uint32(meeting & 0xFFFFFFFF)
        wake(self._addresses[meeting & 1])

    def sleep(
        self, meeting: int, is_over: Callable[[], object], timeout_s: float | None = None
    ) -> bool:
        """Sleep until the meeting is over; return False if that takes longer than ``timeout_s``."""
        half, number = meeting & 1, meeting & 0xFFFFFFFF
        ends = None if timeout_s is None else time.monotonic() + timeout_s
        self._sleepers[half] = np.uint32(number)
        nap_s = FIRST_NAP_S
        while True:
            before = int(self._rung[half])
            fence()
            if before == number or is_over():
                return True
            left_s = nap_s if ends is None else min(nap_s, ends - time.monotonic())
            nap_s = NAP_S
            if left_s <= 0:
                return False
            if wait(self._addresses[half], before, left_s):
                wake(self._addresses[half])
