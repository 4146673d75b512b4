"""jAER's AEDAT 1.0 and 2.0 (AER-DAT): '#' lines, then events, big-endian: address, time (us).

An address has 16 bits in version 1.0 and 32 in 2.0, a time 32 in both. Address of a DVS128:
polarity bit 0 (1 is OFF), x bits 1..7, y bits 8..14; bit 15 and those above mark special and
external events, which belong to no pixel. Of a DAVIS (2.0): y bits 22..30, x bits 12..21, polarity bit
11 (1 is ON), bit 31 set for samples of frames, bit 10 for external events. The origin is at the
bottom left, and x runs to the left in the DVS128; here the origin is at the top left.

Source: iniVation, "AEDAT file formats", versions 1 and 2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import (
    header_lines,
    made,
    read_recording,
    unwrapped,
    whole_words,
)
from distsnn.events.recording import Events
from distsnn.input_files.limits import refused

DVS128 = (128, 128)
DVS128_NAMES = ("DVS128", "TMPDIFF128")
DAVIS_SIZES = {"DAVIS240": (240, 180), "DAVIS346": (346, 260), "DAVIS640": (640, 480)}
HEADER_END = "end of ascii header"
VERSION_1 = np.dtype([("address", ">u2"), ("time", ">u4")])
VERSION_2 = np.dtype([("address", ">u4"), ("time", ">u4")])


def read_aedat1(path: Path) -> Events:
    """Return the events of a recording of version 1.0. Raises InputFileError."""
    address, t_us, _ = _read(path, VERSION_1)
    return _dvs128(path, address, t_us)


def read_aedat2(path: Path) -> Events:
    """Return the events of a recording of version 2.0. Raises InputFileError."""
    address, t_us, lines = _read(path, VERSION_2)
    chip = _chip(lines)
    for name, size in DAVIS_SIZES.items():
        if name in chip:
            # Without samples of frames (bit 31) and external events (bit 10).
            is_pixel = (address >> 31 == 0) & (address >> 10 & 1 == 0)
            address, t_us = address[is_pixel], t_us[is_pixel]
            # y (9) | x (10) | polarity (1) | external (1) | ...: bits 22, 12, 11, 10
            x, y = address >> 12 & 0x3FF, size[1] - 1 - (address >> 22 & 0x1FF)
            return made(path, t_us, x, y, address >> 11 & 1 == 1, size)
    if chip and not any(name in chip for name in DVS128_NAMES):
        known = ", ".join((*DVS128_NAMES, *DAVIS_SIZES))
        raise refused(path, f"of one of the chips {known}", chip.split(".")[-1], "Convert it.")
    return _dvs128(path, address, t_us)


def _read(path: Path, kind: np.dtype) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return addresses (int64), times (us, int64) and the lines of the header."""
    data = read_recording(path)
    lines, at = header_lines(data, b"#", HEADER_END)
    events = whole_words(path, data, at, kind)
    return events["address"].astype(np.int64), unwrapped(events["time"], 1 << 32), lines


def _chip(lines: list[str]) -> str:
    """Return the chip that the header names, in capitals, "" if it names none."""
    text = [line.upper().replace(" ", "") for line in lines]
    named = [line.partition(":")[2] for line in text if line.startswith("AECHIP:")]
    known = (*DVS128_NAMES, *DAVIS_SIZES)
    return named[-1] if named else next((n for n in known if any(n in line for line in text)), "")


def _dvs128(path: Path, address: np.ndarray, t_us: np.ndarray) -> Events:
    # Without special and external events (bit 15 and above).
    is_pixel = address >> 15 == 0
    address, t_us = address[is_pixel], t_us[is_pixel]
    width, height = DVS128
    # y (7) | x (7) | polarity (1): bits 8, 1, 0
    x, y = width - 1 - (address >> 1 & 0x7F), height - 1 - (address >> 8 & 0x7F)
    return made(path, t_us, x, y, address & 1 == 0, DVS128)
