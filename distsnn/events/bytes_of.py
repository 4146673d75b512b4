"""What the readers of event cameras share: bytes, words, header lines, and checked events."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError, UsageError
from distsnn.events.recording import MAX_PIXELS, Events
from distsnn.input_files.limits import printable
from distsnn.input_files.whole import read_bytes

TEXT = bytes([9, 13, *range(32, 127), *range(128, 256)])  # bytes of a line of text


def read_recording(path: Path) -> bytes:
    """Return a file's bytes, at least one; raises InputFileError."""
    data = read_bytes(path)
    if not data:
        raise fault(path, "is empty", "at least one event", "Record it again")
    return data


def fault(path: Path, got: str, limit: str, remedy: str) -> InputFileError:
    """Return the one-line error about a recording."""
    return InputFileError(printable(f"{path}: {got}, limit {limit}. {remedy}."))


def made(
    path: Path,
    t_us: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    on: np.ndarray,
    size: tuple[int, int] = (0, 0),
) -> Events:
    """Return the events of a file; size: width and height, 0 as far as events reach.

    Raises InputFileError for what no camera can have seen.
    """
    width, height = size
    if width and x.size and (x.max() >= width or y.max() >= height):
        got = f"has an event at ({int(x.max())}, {int(y.max())})"
        raise fault(path, got, f"{width} x {height} pixels, as it says", "Copy the file again")
    try:
        return Events.of(t_us, x, y, on, *size)
    except UsageError as error:
        # The words of ``Events``, about this file.
        raise InputFileError(f"{printable(path)}: {error}") from error


def pixels(path: Path, width: str | None, height: str | None) -> tuple[int, int]:
    """Return the size of a camera as a header says it, (0, 0) where it does not; InputFileError."""
    if width is None and height is None:
        return 0, 0
    texts = [text.strip() if text else "" for text in (width, height)]
    if not all(re.fullmatch(r"[0-9]{1,9}", text) for text in texts):
        got = f"says a size of {texts[0][:20]!r} x {texts[1][:20]!r}"
        raise fault(path, got, "two whole numbers", "Repair the header")
    sizes = int(texts[0]), int(texts[1])
    if not all(0 < size <= MAX_PIXELS for size in sizes):
        got = f"says a size of {sizes[0]} x {sizes[1]}"
        raise fault(path, got, f"1 to {MAX_PIXELS} pixels along a side", "Repair the header")
    return sizes


def whole_words(path: Path, data: bytes, start: int, dtype: str | np.dtype) -> np.ndarray:
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


def header_lines(data: bytes, mark: bytes, end: str = "") -> tuple[list[str], int]:
    """Return the leading lines of text that begin with ``mark``, and where the data begin.

    end: the line that closes the header in files of newer versions. Without one the header ends
    before the first line that is not text: data may begin with the mark, too.
    """
    lines: list[str] = []
    at = 0
    while data.startswith(mark, at):
        stop = data.find(b"\n", at)
        line = data[at:stop]
        if stop < 0 or line.translate(None, TEXT):
            break
        lines.append(line[1:].decode("latin-1").strip())
        at = stop + 1
        if end and lines[-1].lower() == end:
            break
    return lines, at


def unwrapped(low: np.ndarray, period: int, before: int | None = None) -> np.ndarray:
    """Return times whose counter starts again after ``period``, as one ascending count, int64.

    A step back of more than half a period counts as a new round. before: the count that these
    follow, None at the beginning.
    """
    if before is not None:
        rest = before % period
        return unwrapped(np.concatenate([[rest], low]), period)[1:] + (before - rest)
    low = low.astype(np.int64)
    rounds = np.cumsum(np.diff(low, prepend=low[:1]) < -(period // 2))
    return low + rounds * period


def known_words(path: Path, kind: np.ndarray, known: tuple[int, ...], first: int) -> None:
    """Raise where a word is of none of the types; ``first``: place of these words in the file."""
    is_known = np.zeros(1 << 4, dtype=bool)
    is_known[list(known)] = True
    unknown = np.flatnonzero(~is_known[kind])
    if unknown.size:
        place = int(unknown[0])
        raise fault(
            path,
            f"has a word of type {int(kind[place])} at place {first + place}",
            f"types {', '.join(map(str, known))}",
            "The file is damaged or of another format",
        )
