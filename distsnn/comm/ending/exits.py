"""Notices how the process is about to end: ``sys.exit``, ``os._exit`` and signals."""

from __future__ import annotations

import dis
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
leave = os._exit  # as it is before it is replaced


class ExitCode:
    """Knows the code that the process ends with, which the interpreter does not tell at exit.

    ``sys.exit`` is replaced by one that remembers its argument. At exit, what was remembered counts
    only if the outermost frame of the program was left by an exception, not by a return: otherwise
    somebody caught the SystemExit and went on. ``os._exit`` is replaced by one that tells before.
    """

    def __init__(self) -> None:
        self._leaving: tuple[object, FrameType] | None = None
        self._certain: object = None

    def watch(self, before_hard_exit: Callable[[int], None]) -> None:
        """Replace ``sys.exit`` and ``os._exit``; not in processes that are forked later."""
        process = os.getpid()

        def hard_exit(status: int) -> None:
            if os.getpid() == process:
                before_hard_exit(status)
            leave(status)

        sys.exit = self._exit  # type: ignore[assignment]
        os._exit = hard_exit  # type: ignore[assignment]

    def _exit(self, code: object = None) -> None:
        if threading.current_thread() is threading.main_thread():
            bottom = sys._getframe()
            while bottom.f_back is not None:
                bottom = bottom.f_back
            self._leaving = code, bottom
        raise SystemExit(code)

    def set(self, code: object) -> None:
        """Say which code the process is going to end with."""
        self._certain = code

    def find(self) -> int:
        """Return the exit code as far as known, 0 otherwise. To be called at exit."""
        code = self._certain
        if not code and self._leaving is not None and not _has_returned(self._leaving[1]):
            code = self._leaving[0]
        return code if isinstance(code, int) else int(code is not None)


def _has_returned(frame: FrameType) -> bool:
    """Return whether a finished frame ended with a return rather than with an exception."""
    code = frame.f_code.co_code
    return frame.f_lasti >= 0 and dis.opname[code[frame.f_lasti]].startswith("RETURN")


def redirect_signals() -> tuple[int, list[int]] | None:
    """Return a file descriptor from which SIGTERM and SIGINT can be read, and which of them are.

    None where somebody else handles them. A thread can read them while the main thread waits inside
    MPI, where a handler would not be run.
    """
    if threading.current_thread() is not threading.main_thread():
        return None
    unhandled = (signal.SIG_DFL, signal.default_int_handler)
    ours = [number for number in SIGNALS if signal.getsignal(number) in unhandled]
    if not ours:
        return None
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if previous != -1:  # somebody else reads the signals
        signal.set_wakeup_fd(previous)
        return None
    for number in ours:
        signal.signal(number, _do_nothing)
    return reader, [int(number) for number in ours]


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """The thread that reads the pipe does the work."""
