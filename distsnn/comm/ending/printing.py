"""What a rank prints while it ends, when its standard streams may be closed already."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable


def write_line(text: str) -> None:
    """Write a line to standard error, and raise no error if that is closed."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(2, f"{text}\n".encode())
    except (OSError, ValueError):
        return


def flush() -> None:
    """Flush the standard streams, as far as they are still open."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue


def ranges(numbers: Iterable[int]) -> str:
    """Return ``0-3,7`` for 0 1 2 3 7."""
    runs: list[list[int]] = []  # first and last number of each
    for number in sorted(int(n) for n in numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
