"""Shared by the readers of event cameras: bytes, words, header lines, and checked events."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError, UsageError
from distsnn.events.recording import MAX_PIXELS, Events
from distsnn.input_files.limits import printable, refused
from distsnn.input_files.whole import read_bytes

TEXT = bytes([9, 13, *range(32, 127), *range(128, 256)])  # bytes of a line of text


def read_recording(path: Path) -> bytes:
    """Return the bytes of a file, at least one. Raises InputFileError."""
    data = read_bytes(path)
    if not data:
        raise refused(path, "a recording of events", "an empty file", "Record it again.")
    return data


def without_pixel_events(path: Path) -> InputFileError:
    """Return the error about a recording without a single event of a pixel."""
    return refused(path, "a recording of at least 1 event", "0", "Give another recording.")


def made(
    path: Path,
    t_us: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    on: np.ndarray,
    size: tuple[int, int] = (0, 0),
) -> Events:
    """Return the events of a file.

    t_us: int64 [n]; x, y: [n]; on: bool [n]. size: width and height in pixels; if 0, the largest x
    and y of the events plus 1. Raises InputFileError for events that no camera can produce.
    """
    width, height = size
    if width and x.size and (x.max() >= width or y.max() >= height):
        got = f"pixels up to ({int(x.max())}, {int(y.max())})"
        limit = f"of {width} x {height} pixels, as its header says"
        raise refused(path, limit, got, "Copy the file again.")
    try:
        return Events.of(t_us, x, y, on, *size)
    except UsageError as error:
        raise InputFileError(f"{printable(path)}: {error}") from error


def pixels(path: Path, width: str | None, height: str | None) -> tuple[int, int]:
    """Return the size of the camera from the header, (0, 0) if not given. Raises InputFileError."""
    if width is None and height is None:
        return 0, 0
    texts = [text.strip() if text else "" for text in (width, height)]
    if not all(re.fullmatch(r"[0-9]{1,9}", text) for text in texts):
        got = f"{texts[0][:20]!r} x {texts[1][:20]!r}"
        raise refused(path, "of a size of two whole numbers", got, "Repair the header.")
    sizes = int(texts[0]), int(texts[1])
    if not all(0 < size <= MAX_PIXELS for size in sizes):
        got = f"{sizes[0]} x {sizes[1]}"
        raise refused(path, f"of 1 to {MAX_PIXELS} pixels along a side", got, "Repair the header.")
    return sizes


def whole_words(path: Path, data: bytes, start: int, dtype: str | np.dtype) -> np.ndarray:
    """Return the words from byte ``start`` on. Raises InputFileError if the last one is cut off."""
    size = np.dtype(dtype).itemsize
    rest = (len(data) - start) % size
    if rest:
        raise refused(
            path, f"of whole words of {size} bytes", f"{rest} bytes at the end",
            "The file is truncated or not of this format; copy it again.",
        )  # fmt: skip
    return np.frombuffer(data, dtype=dtype, offset=start)


def header_lines(data: bytes, mark: bytes, end: str = "") -> tuple[list[str], int]:
    """Return the leading lines of text that begin with ``mark``, and the offset of the data.

    end: the line that closes the header in newer versions of a format. Without it the header ends
    before the first line that is not text, since data may begin with the mark, too.
    """
    lines: list[str] = []
    at = 0
    while data.startswith(mark, at):
        stop = data.find(b"\n", at)
        line = data[at:stop]
        if stop < 0 or line.translate(None, TEXT):
            break
        lines.append(line[1:].decode("latin-1").strip())
        # Behind the line break.
        at = stop + 1
        if end and lines[-1].lower() == end:
            break
    return lines, at


def unwrapped(low: np.ndarray, period: int, before: int | None = None) -> np.ndarray:
    """Return times of a counter that wraps at ``period`` as one ascending count, int64.

    A step back of more than half a period counts as a wrap. before: the last count before these
    times, None at the beginning.
    """
    if before is not None:
        rest = before % period
        return unwrapped(np.concatenate([[rest], low]), period)[1:] + (before - rest)
    low = low.astype(np.int64)
    # Wraps so far: each large step back adds a period.
    n_wraps = np.cumsum(np.diff(low, prepend=low[:1]) < -(period // 2))
    return low + n_wraps * period


def known_words(path: Path, kind: np.ndarray, known: tuple[int, ...], first: int) -> None:
    """Raise InputFileError for a word of an unknown type. first: index of ``kind[0]`` in the file."""
    is_known = np.zeros(1 << 4, dtype=bool)
    is_known[list(known)] = True
    unknown = np.flatnonzero(~is_known[kind])
    if unknown.size:
        index = int(unknown[0])
        raise refused(
            path, f"of words of types {', '.join(map(str, known))}",
            f"type {int(kind[index])} in word {first + index}",
            "The file is damaged or of another format.",
        )  # fmt: skip
