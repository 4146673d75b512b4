"""Notices how the process is about to end: ``sys.exit`` and signals."""

from __future__ import annotations

import dis
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class ExitCode:
    """Knows the code that the process ends with, which the interpreter does not tell at exit.

    ``sys.exit`` is replaced by one that remembers its argument. At exit, what was remembered counts
    only if the outermost frame of the program was left by an exception, not by a return: otherwise
    somebody caught the SystemExit and went on.
    """

    def __init__(self) -> None:
        self._leaving: tuple[object, FrameType] | None = None
        self._certain: object = None

    def watch(self) -> None:
        """Replace ``sys.exit``."""
        sys.exit = self._exit  # type: ignore[assignment]

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


def answer_signals(answer: Callable[[int], None]) -> None:
    """Let a thread call ``answer`` for SIGTERM and SIGINT where nobody else handles them.

    A thread can do so while the main thread waits inside MPI, where a handler would not be run.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    unhandled = (signal.SIG_DFL, signal.default_int_handler)
    ours = [number for number in SIGNALS if signal.getsignal(number) in unhandled]
    if not ours:
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    if previous != -1:  # somebody else reads the signals
        signal.set_wakeup_fd(previous)
        return
    for number in ours:
        signal.signal(number, _do_nothing)

    def listen() -> None:
        while True:
            number = os.read(reader, 1)[0]
            if number in ours:
                answer(number)

    threading.Thread(target=listen, name="distsnn signals", daemon=True).start()


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """The thread that reads the pipe does the work."""
