"""jAER's AEDAT 2.0 (AER-DAT): '#' lines, then 8 bytes an event, big-endian: address, time (us).

Address of a DVS128: polarity bit 0 (1 is OFF), x bits 1..7, y bits 8..14. Of a DAVIS: y bits
22..30, x bits 12..21, polarity bit 11 (1 is ON), bit 31 set for what is no event of a pixel. The
origin lies at the bottom left and x runs to the left in the DVS128; both are turned to the top
left here.

Source: iniVation, "AEDAT file formats", versions 1 and 2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import header_lines, read_bytes, unwrapped, whole_words
from distsnn.events.recording import Events

DVS128 = (128, 128)
DAVIS_SIZES = {"DAVIS240": (240, 180), "DAVIS346": (346, 260), "DAVIS640": (640, 480)}


def read_aedat2(path: Path) -> Events:
    """Return the events of a recording; raises InputFileError."""
    data = read_bytes(path)
    lines, at = header_lines(data, b"#")
    words = whole_words(path, data, at, ">u4")
    whole_words(path, data, at, ">u8")  # an event is two words
    address, t_us = words[0::2].astype(np.int64), unwrapped(words[1::2], 1 << 32)
    text = " ".join(lines).upper().replace(" ", "")
    for name, (width, height) in DAVIS_SIZES.items():
        if name in text:
            pixel = (address >> 31 == 0) & (address >> 10 & 1 == 0)
            address, t_us = address[pixel], t_us[pixel]
            x, y = address >> 12 & 0x3FF, height - 1 - (address >> 22 & 0x1FF)
            return Events.of(t_us, x, y, address >> 11 & 1, width, height)
    width, height = DVS128
    x, y = width - 1 - (address >> 1 & 0x7F), height - 1 - (address >> 8 & 0x7F)
    return Events.of(t_us, x, y, address & 1 == 0, width, height)
