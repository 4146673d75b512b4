"""Reading files of an event camera: whole, with one-line errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raises InputFileError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputFileError(f"{path}: cannot be read ({reason}). Check the name.") from error
    if not data:
        raise fault(path, "is empty", "at least one event", "Record it again")
    return data


def fault(path: Path, got: str, limit: str, remedy: str) -> InputFileError:
    """Return the one-line error about a recording."""
    return InputFileError(f"{path}: {got}, limit {limit}. {remedy}.")


def whole_words(path: Path, data: bytes, start: int, dtype: str) -> np.ndarray:
    """Return the words from byte ``start`` on; raises where the last one is cut off."""
    size = np.dtype(dtype).itemsize
    rest = (len(data) - start) % size
    if rest:
        raise fault(
            path,
            f"ends {rest} bytes into a word of {size}",
            "whole words",
            "The file is truncated or not of this format; copy it again",
        )
    return np.frombuffer(data, dtype=dtype, offset=start)


def header_lines(data: bytes, mark: bytes) -> tuple[list[str], int]:
    """Return the leading text lines that begin with ``mark``, and where the data begins."""
    lines, at = [], 0
    while data[at : at + 1] == mark:
        end = data.find(b"\n", at)
        if end < 0:
            break
        lines.append(data[at + 1 : end].decode("latin-1").strip())
        at = end + 1
        if lines[-1] == "end":
            break
    return lines, at


def unwrapped(low: np.ndarray, period: int) -> np.ndarray:
    """Return times whose counter starts again after ``period``, as one ascending count, int64.

    A step back of more than half a period counts as a new round.
    """
    low = low.astype(np.int64)
    rounds = np.cumsum(np.diff(low, prepend=low[:1]) < -(period // 2))
    return low + rounds * period
