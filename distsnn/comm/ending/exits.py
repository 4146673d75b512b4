"""Observes how the process is about to end: ``sys.exit``, ``os._exit`` and signals."""

from __future__ import annotations

import dis
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
hard_exit = os._exit  # the original, before it is replaced


class ExitCode:
    """Finds the code that the process ends with, which the interpreter does not pass to atexit.

    ``sys.exit`` is replaced by a function that records its argument. At exit, the record counts only if
    the outermost frame of the program was left by an exception rather than by a return: otherwise the
    program caught the SystemExit and went on. ``os._exit`` is replaced by a function that calls back
    before it exits.
    """

    def __init__(self) -> None:
        self._recorded: tuple[object, FrameType] | None = None  # argument, outermost frame
        self._certain: object = None

    def watch(self, before_hard_exit: Callable[[int], None]) -> None:
        """Replace ``sys.exit`` and ``os._exit`` in this process, not in those that it forks later."""
        process = os.getpid()

        def watched_exit(status: int) -> None:
            if os.getpid() == process:
                before_hard_exit(status)
            hard_exit(status)

        sys.exit = self._exit  # type: ignore[assignment]
        os._exit = watched_exit  # type: ignore[assignment]

    def _exit(self, code: object = None) -> None:
        if threading.current_thread() is threading.main_thread():
            outermost = sys._getframe()
            while outermost.f_back is not None:
                outermost = outermost.f_back
            self._recorded = code, outermost
        raise SystemExit(code)

    def set(self, code: object) -> None:
        """Record a code that the process is certain to end with."""
        self._certain = code

    def find(self) -> int:
        """Return the exit code, or 0 if it is not known. To be called at exit."""
        code = self._certain
        if not code and self._recorded is not None and not _has_returned(self._recorded[1]):
            code = self._recorded[0]
        # as the interpreter does: None is 0, an object that is not an int is printed and is 1
        return code if isinstance(code, int) else int(code is not None)


def _has_returned(frame: FrameType) -> bool:
    """Return whether a finished frame ended with a return rather than with an exception."""
    code = frame.f_code.co_code
    return frame.f_lasti >= 0 and dis.opname[code[frame.f_lasti]].startswith("RETURN")


def redirect_signals() -> tuple[int, list[int]] | None:
    """Redirect SIGTERM and SIGINT to a pipe; return its file descriptor and the signals redirected.

    A thread can read the pipe while the main thread waits inside MPI, where Python runs no handler.
    Returns None if the program has handlers of its own.
    """
    if threading.current_thread() is not threading.main_thread():
        return None  # only the main thread may set handlers
    unhandled = (signal.SIG_DFL, signal.default_int_handler)
    redirected = [number for number in SIGNALS if signal.getsignal(number) in unhandled]
    if not redirected:
        return None
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if previous != -1:  # an event loop of the program reads the signals
        signal.set_wakeup_fd(previous)
        return None
    for number in redirected:
        signal.signal(number, _ignore)
    return reader, [int(number) for number in redirected]


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing: the thread that reads the pipe reacts to the signal."""
