"""Prophesee DAT: a text header, then 8 bytes an event, little-endian: uint32 us, uint32 address.

Address of version 2: x 14 bits, y 14, polarity 4; of version 1: x 9, y 8, polarity 1.

Source: "DAT file format", Metavision SDK documentation, docs.prophesee.ai.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import (
    header_lines,
    made,
    pixels,
    read_recording,
    unwrapped,
    whole_words,
)
from distsnn.events.recording import Events
from distsnn.input_files.limits import refused

EVENT_TYPES = (0x00, 0x0C)  # of the change detector
EVENT_SIZE = 8


def read_dat(path: Path) -> Events:
    """Return the events of a recording. Raises InputFileError."""
    data = read_recording(path)
    lines, at = header_lines(data, b"% ", "end")
    fields = {line.split(" ", 1)[0].lower(): line.split(" ", 1)[-1] for line in lines}
    if len(data) < at + 2:
        raise refused(path, "longer than its header", f"{len(data)} bytes", "Copy it again.")
    # Behind the header: one byte for the type of events, one for their size.
    event_type, size = data[at], data[at + 1]
    if event_type not in EVENT_TYPES or size != EVENT_SIZE:
        raise refused(
            path, "of events of type 0 or 12 with 8 bytes", f"type {event_type} with {size} bytes",
            "Record the events of the camera.",
        )  # fmt: skip
    words = whole_words(path, data, at + 2, "<u8")
    # Low half of a word: time (us). High half: address.
    t_us = unwrapped(words & 0xFFFFFFFF, 1 << 32)
    address = (words >> np.uint64(32)).astype(np.int64)
    if fields.get("version", "2") == "1":
        # x bits 0..8, y bits 9..16, polarity bit 17
        x, y, on = address & 0x1FF, address >> 9 & 0xFF, address >> 17 & 1
    else:
        # x bits 0..13, y bits 14..27, polarity bits 28..31
        x, y, on = address & 0x3FFF, address >> 14 & 0x3FFF, address >> 28 & 0xF
    return made(path, t_us, x, y, on > 0, _size(path, fields))


def _size(path: Path, fields: dict[str, str]) -> tuple[int, int]:
    """Return width and height from the header, (0, 0) if not given."""
    return pixels(path, fields.get("width"), fields.get("height"))
