"""Prophesee EVT 3.0: a text header, then 16-bit little-endian words, type in the highest 4 bits.

Words change a state (time, y, x, polarity); these give events:

    0x0 y: 11 bits          0x2 one event: polarity bit 11, x 11 bits
    0x3 x and polarity of the vectors that follow
    0x4 12 pixels from x on, x += 12      0x5 8 pixels from x on, x += 8  (a bit set: an event)
    0x6 time, lower 12 bits (us)          0x8 time, upper 12 bits
    0x7, 0xA, 0xE, 0xF: nothing that a pixel saw

Source: "EVT 3.0 format", Metavision SDK documentation, docs.prophesee.ai.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import (
    fault,
    header_lines,
    made,
    read_recording,
    unwrapped,
    whole_words,
)
from distsnn.events.evt2 import size_from_header
from distsnn.events.recording import Events

Y, X, BASE_X, VECTOR_12, VECTOR_8, TIME_LOW, TIME_HIGH = 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x8
KNOWN = (Y, X, BASE_X, VECTOR_12, VECTOR_8, TIME_LOW, 0x7, TIME_HIGH, 0xA, 0xE, 0xF)


def read_evt3(path: Path) -> Events:
    """Return the events of a recording; raises InputFileError."""
    data = read_recording(path)
    lines, at = header_lines(data, b"% ", "end")
    words = whole_words(path, data, at, "<u2").astype(np.int64)
    kind, value = words >> 12, words & 0xFFF
    unknown = ~np.isin(kind, KNOWN)
    if unknown.any():
        place = int(np.argmax(unknown))
        raise fault(
            path,
            f"has a word of type {int(kind[place])} at place {place}",
            "the types of EVT 3.0",
            "The file is damaged or of another format",
        )
    t_us, is_timed = _times(kind, value)
    y, has_y = _latest(kind == Y, value & 0x7FF)
    ready = is_timed & has_y
    single = (kind == X) & ready
    places, bits = _vector_bits(kind, value, ready)
    base, polarity = _vector_state(kind, value)
    order = np.argsort(np.concatenate([np.flatnonzero(single), places]), kind="stable")
    where = np.concatenate([np.flatnonzero(single), places])[order]
    x = np.concatenate([value[single] & 0x7FF, base[places] + bits])[order]
    on = np.concatenate([value[single] >> 11, polarity[places]])[order]
    return made(path, t_us[where], x, y[where], on > 0, size_from_header(path, lines))


def _latest(is_set: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at each place the last value that was set, and whether there was one."""
    n_before = np.cumsum(is_set)
    filled = np.concatenate([[0], values[is_set]])
    return filled[n_before], n_before > 0


def _times(kind: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the time at each word; the upper 12 bits start again every 16.8 s."""
    is_high = kind == TIME_HIGH
    high = unwrapped(value[is_high], 1 << 12)
    n_high = np.cumsum(is_high)
    upper = np.concatenate([[0], high])[n_high]
    n_low = np.cumsum(kind == TIME_LOW)
    lower, _ = _latest(kind == TIME_LOW, value)
    # A new upper part means a lower part of 0 until the next one is sent; the same one, which is
    # repeated now and then, changes nothing.
    is_new = np.diff(high, prepend=-1) != 0
    n_low_at_new = np.maximum.accumulate(np.where(is_new, n_low[is_high], 0))
    n_low_at_high = np.concatenate([[0], n_low_at_new])[n_high]
    lower = np.where(n_low > n_low_at_high, lower, 0)
    return (upper << 12) | lower, n_high > 0


def _vector_state(kind: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at each word the x at which a vector there begins, and the polarity."""
    is_base = kind == BASE_X
    width = 12 * (kind == VECTOR_12) + 8 * (kind == VECTOR_8)
    moved = np.cumsum(width) - width
    moved_at_base, _ = _latest(is_base, moved)
    base, _ = _latest(is_base, value & 0x7FF)
    polarity, _ = _latest(is_base, value >> 11)
    return base + moved - moved_at_base, polarity


def _vector_bits(
    kind: np.ndarray, value: np.ndarray, ready: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the place and the bit number of every set bit of the vectors."""
    has_base = np.cumsum(kind == BASE_X) > 0
    vectors = np.flatnonzero(((kind == VECTOR_12) | (kind == VECTOR_8)) & ready & has_base)
    mask = np.where(kind[vectors] == VECTOR_8, value[vectors] & 0xFF, value[vectors])
    row, bit = np.nonzero(mask[:, None] >> np.arange(12) & 1)
    return vectors[row], bit
