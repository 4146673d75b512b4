"""Prophesee EVT 2.0: a text header, then 32-bit little-endian words, type in the highest 4 bits.

    0x0 / 0x1  event OFF / ON: time 6 bits (27..22), x 11 bits (21..11), y 11 bits
    0x8        the higher 28 bits of the time (us);  0xA, 0xE, 0xF: no events of pixels

Source: "EVT 2.0 format", Metavision SDK documentation, docs.prophesee.ai.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import (
    header_lines,
    known_words,
    made,
    pixels,
    read_recording,
    unwrapped,
    whole_words,
    without_pixel_events,
)
from distsnn.events.recording import Events

OFF, ON, TIME_HIGH = 0x0, 0x1, 0x8
AT_ONCE = 1 << 19  # words: each takes many bytes while it is decoded
KNOWN = (OFF, ON, TIME_HIGH, 0xA, 0xE, 0xF)


def read_evt2(path: Path) -> Events:
    """Return the events of a recording. Raises InputFileError."""
    data = read_recording(path)
    lines, at = header_lines(data, b"% ", "end")
    words = whole_words(path, data, at, "<u4")
    high: int | None = None
    parts = []
    for first in range(0, words.size, AT_ONCE):
        part = words[first : first + AT_ONCE].astype(np.int64)
        known_words(path, part >> 28, KNOWN, first)
        events, high = _events(part, high)
        parts.append(events)
    if not parts:
        raise without_pixel_events(path)
    t_us, x, y, on = (np.concatenate(column) for column in zip(*parts, strict=True))
    return made(path, t_us, x, y, on, size_from_header(path, lines))


def _events(
    words: np.ndarray, before: int | None
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], int | None]:
    """Return times (us, int64), x, y (uint16), polarities, and the higher part of the time.

    before: the higher part before these words, None if there was none.
    """
    kind = words >> 28
    # Word: type 4 bits, then 28 bits that depend on it.
    is_high = kind == TIME_HIGH
    high = unwrapped(words[is_high] & 0x0FFFFFFF, 1 << 28, before)
    n_before = np.cumsum(is_high)
    # Events before the first time word have no time.
    is_event = (kind <= ON) & ((n_before > 0) | (before is not None))
    event = words[is_event]
    # Index 0 of ``known`` is the higher part before the first time word of these.
    known = np.concatenate([[before or 0], high])
    # t = high 28 bits << 6 | low 6 bits; x and y are 11 bits each.
    t_us = known[n_before[is_event]] << 6 | event >> 22 & 0x3F
    x, y = (event >> 11 & 0x7FF).astype(np.uint16), (event & 0x7FF).astype(np.uint16)
    return (t_us, x, y, event >> 28 == ON), int(known[-1]) if known.size > 1 else before


def size_from_header(path: Path, lines: list[str]) -> tuple[int, int]:
    """Return width and height from ``geometry 1280x720`` or ``format EVT3;height=..;width=..``.

    (0, 0) if the header does not give them.
    """
    texts: dict[str, str] = {}
    for line in lines:
        if line.startswith("geometry "):
            texts["width"], _, texts["height"] = line.split(" ", 1)[1].partition("x")
        elif line.startswith("format "):
            parts = [part.partition("=") for part in line.split(";")[1:]]
            texts.update({name.strip(): value for name, _, value in parts})
    return pixels(path, texts.get("width"), texts.get("height"))
