"""Printing that does not end a run if the reader has left, the disk is full, or output is closed."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

BROKEN_PIPE_CODE = 141  # exit code that a shell reports for a program ended by SIGPIPE
OUTPUT_CODE = 2


class Tolerant(io.RawIOBase):
    """A file descriptor whose writes never fail; after the first error, output is dropped.

    failure: the first error of the system, None without one.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the file descriptor, which stays open when this object is closed."""
        if self._descriptor < 0:
            raise io.UnsupportedOperation("standard output is closed")
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._descriptor >= 0 and os.isatty(self._descriptor)

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write or drop the data; return the number of bytes handled."""
        if self.failure is None:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                return 0
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


class Screen:
    """Standard output and standard error of a command, whose errors must not interrupt it."""

    def __init__(self) -> None:
        self._before = sys.stdout, sys.stderr
        self._raw: Tolerant | None = None

    def open(self) -> None:
        """Replace the streams of the interpreter, also closed ones, but not those set by tests."""
        _occupy_closed_descriptors()
        if sys.stdout is None or sys.stdout is sys.__stdout__:
            self._raw = Tolerant(-1 if sys.stdout is None else 1)
            sys.stdout = _text(self._raw, sys.stdout)
        if sys.stderr is None or sys.stderr is sys.__stderr__:
            sys.stderr = _text(Tolerant(-1 if sys.stderr is None else 2), sys.stderr, by_line=True)

    def close(self) -> None:
        """Restore the earlier streams."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if self._raw is None or self._raw.failure is None:
            sys.stdout = self._before[0]
        sys.stderr = self._before[1]

    def exit_code(self, code: int) -> int:
        """Return the exit code; if only the output failed, print the reason in one line."""
        sys.stdout.flush()
        failure = None if self._raw is None else self._raw.failure
        if failure is None:
            return code
        if failure.errno == errno.EPIPE:
            return code or BROKEN_PIPE_CODE
        print(
            f"distsnn: standard output: must be writable, got {failure.strerror!r}. "
            "Send it elsewhere, or add --quiet.",
            file=sys.stderr,
        )
        return code or OUTPUT_CODE


@contextmanager
def screen() -> Iterator[Screen]:
    """Give the ``Screen`` of a command line."""
    opened = Screen()
    opened.open()
    try:
        yield opened
    finally:
        opened.close()


def _occupy_closed_descriptors() -> None:
    """Open the null device in place of closed standard files: the next file would get their number."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _text(raw: Tolerant, before: TextIO | None, by_line: bool = False) -> TextIO:
    if before is not None:
        before.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),  # type: ignore[type-var]
        encoding="utf-8" if before is None else before.encoding,
        errors="backslashreplace",  # a name that the terminal cannot show must not be an error
        line_buffering=by_line or raw.isatty(),
    )
