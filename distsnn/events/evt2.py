"""Prophesee EVT 2.0: a text header, then 32-bit little-endian words, type in the highest 4 bits.

    0x0 / 0x1  event OFF / ON: time 6 bits (27..22), x 11 bits (21..11), y 11 bits
    0x8        the higher 28 bits of the time (us);  0xA, 0xE, 0xF: nothing that a pixel saw

Source: "EVT 2.0 format", Metavision SDK documentation, docs.prophesee.ai.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import (
    fault,
    header_lines,
    made,
    pixels,
    read_recording,
    unwrapped,
    whole_words,
)
from distsnn.events.recording import Events

OFF, ON, TIME_HIGH = 0x0, 0x1, 0x8
KNOWN = (OFF, ON, TIME_HIGH, 0xA, 0xE, 0xF)


def read_evt2(path: Path) -> Events:
    """Return the events of a recording; raises InputFileError."""
    data = read_recording(path)
    lines, at = header_lines(data, b"% ", "end")
    words = whole_words(path, data, at, "<u4")
    kind = words >> np.uint32(28)
    unknown = ~np.isin(kind, KNOWN)
    if unknown.any():
        place = int(np.argmax(unknown))
        raise fault(
            path,
            f"has a word of type {int(kind[place])} at place {place}",
            "types 0, 1, 8, 10, 14, 15",
            "The file is damaged or not EVT 2.0",
        )
    is_high = kind == TIME_HIGH
    high = unwrapped((words[is_high] & np.uint32(0x0FFFFFFF)), 1 << 28)
    n_before = np.cumsum(is_high)
    is_event = (kind <= ON) & (n_before > 0)  # before the first time word no time is known
    event = words[is_event].astype(np.int64)
    t_us = (high[n_before[is_event] - 1] << 6) | (event >> 22 & 0x3F)
    x, y = event >> 11 & 0x7FF, event & 0x7FF
    return made(path, t_us, x, y, kind[is_event] == ON, size_from_header(path, lines))


def size_from_header(path: Path, lines: list[str]) -> tuple[int, int]:
    """Return width and height from ``geometry 1280x720`` or ``format EVT3;height=..;width=..``.

    (0, 0) where the header does not say.
    """
    found: dict[str, str] = {}
    for line in lines:
        if line.startswith("geometry "):
            found["width"], _, found["height"] = line.split(" ", 1)[1].partition("x")
        elif line.startswith("format "):
            parts = [part.partition("=") for part in line.split(";")[1:]]
            found.update({name.strip(): value for name, _, value in parts})
    return pixels(path, found.get("width"), found.get("height"))
