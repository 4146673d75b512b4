"""Prophesee EVT 3.0: a text header, then 16-bit little-endian words, type in the highest 4 bits.

Words change a state (time, y, x, polarity); these give events:

    0x0 y: 11 bits          0x2 one event: polarity bit 11, x 11 bits
    0x3 x and polarity of the vectors that follow
    0x4 12 pixels from x on, x += 12      0x5 8 pixels from x on, x += 8  (a bit set: an event)
    0x6 time, lower 12 bits (us)          0x8 time, upper 12 bits
    0x7, 0xA, 0xE, 0xF: no events of pixels

Source: "EVT 3.0 format", Metavision SDK documentation, docs.prophesee.ai.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import (
    header_lines,
    known_words,
    made,
    read_recording,
    unwrapped,
    whole_words,
    without_pixel_events,
)
from distsnn.events.evt2 import size_from_header
from distsnn.events.recording import MAX_PIXELS, Events
from distsnn.input_files.limits import decoding

Y, X, BASE_X, VECTOR_12, VECTOR_8, TIME_LOW, TIME_HIGH = 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0x8
AT_ONCE = 1 << 19  # words: each takes a hundred bytes while it is decoded
PERIOD = 1 << 12  # of the upper part of the time
KNOWN = (Y, X, BASE_X, VECTOR_12, VECTOR_8, TIME_LOW, 0x7, TIME_HIGH, 0xA, 0xE, 0xF)


def read_evt3(path: Path) -> Events:
    """Return the events of a recording. Raises InputFileError."""
    data = read_recording(path)
    lines, at = header_lines(data, b"% ", "end")
    words = whole_words(path, data, at, "<u2")
    state, parts = State(), []
    with decoding(path, "EVT 3.0 with vectors inside the camera", "Copy the file again."):
        for first in range(0, words.size, AT_ONCE):
            part = words[first : first + AT_ONCE].astype(np.int64)
            known_words(path, part >> 12, KNOWN, first)
            parts.append(state.events(part >> 12, part & 0xFFF))
    if not parts:
        raise without_pixel_events(path)
    t_us, x, y, on = (np.concatenate(column) for column in zip(*parts, strict=True))
    return made(path, t_us, x, y, on, size_from_header(path, lines))


@dataclass
class State:
    """Time, y, x and polarity as set by the words so far, None if not set yet.

    high_us, low_us: upper part of the time, including wraps, and lower part. base: x at which the
    next vector begins.
    """

    high_us: int | None = None
    low_us: int = 0
    y: int | None = None
    base: int | None = None
    polarity: int = 0

    def events(
        self, kind: np.ndarray, value: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return times (us, int64), x, y (uint16) and polarities (bool) of the next words."""
        t_us, is_timed = self._times(kind, value)
        y, has_y = _latest(kind == Y, value & 0x7FF, self.y)
        base, polarity, has_base = self._vectors(kind, value)
        ready = is_timed & has_y
        single = np.flatnonzero((kind == X) & ready)
        words, bits = _vector_bits(kind, value, ready & has_base)
        # A bit of a vector is x = base + number of the bit; both kinds of events in file order.
        word = np.concatenate([single, words])
        order = np.argsort(word, kind="stable")
        x = np.concatenate([value[single] & 0x7FF, base[words] + bits])[order]
        on = np.concatenate([value[single] >> 11, polarity[words]])[order]
        if x.size and x.max() >= MAX_PIXELS:
            raise ValueError(f"a vector that reaches pixel {x.max()}")
        word = word[order]
        self.y = int(y[-1]) if has_y[-1] else None
        return t_us[word], x.astype(np.uint16), y[word].astype(np.uint16), on > 0

    def _times(self, kind: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the time at each word, and if it is known. The upper 12 bits wrap every 16.8 s."""
        is_high, is_low = kind == TIME_HIGH, kind == TIME_LOW
        before = None if self.high_us is None else self.high_us >> 12
        high = unwrapped(value[is_high], PERIOD, before)
        before = -1 if before is None else before
        n_high, n_low = np.cumsum(is_high), np.cumsum(is_low)
        upper = np.concatenate([[before], high])[n_high]
        lower, _ = _latest(is_low, value, self.low_us)
        # After a new upper part the lower part is 0 until the next one is sent. Repetitions of the
        # same upper part change nothing.
        is_new = np.diff(high, prepend=before) != 0
        n_low_at_new = np.where(is_new, n_low[is_high], -1)
        n_low_at_new = np.maximum.accumulate(np.concatenate([[-1], n_low_at_new]))[n_high]
        lower = np.where(n_low > n_low_at_new, lower, 0)
        is_timed = upper >= 0
        self.high_us = int(upper[-1]) << 12 if is_timed[-1] else None
        self.low_us = int(lower[-1])
        # t = upper 12 bits (with wraps) << 12 | lower 12 bits.
        return (upper << 12) | lower, is_timed

    def _vectors(
        self, kind: np.ndarray, value: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return at each word the x of a vector there, its polarity, and whether both are set."""
        is_base = kind == BASE_X
        # A vector moves x on by its width, whether its bits are set or not.
        width = 12 * (kind == VECTOR_12) + 8 * (kind == VECTOR_8)
        moved = np.cumsum(width) - width
        moved_at_base, _ = _latest(is_base, moved, 0)
        base, has_base = _latest(is_base, value & 0x7FF, self.base)
        polarity, _ = _latest(is_base, value >> 11, self.polarity)
        base = base + moved - moved_at_base
        self.base = int(base[-1] + width[-1]) if has_base[-1] else None
        self.polarity = int(polarity[-1])
        return base, polarity, has_base


def _latest(
    is_set: np.ndarray, values: np.ndarray, before: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return at each index the last value set, and whether there was one.

    before: the value before the first index, None if there is none.
    """
    # Index into the values that were set, 0 before the first one.
    n_before = np.cumsum(is_set)
    filled = np.concatenate([[0 if before is None else before], values[is_set]])
    return filled[n_before], (n_before > 0) | (before is not None)


def _vector_bits(
    kind: np.ndarray, value: np.ndarray, ready: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the word and the bit number of every set bit of the vectors."""
    vectors = np.flatnonzero(((kind == VECTOR_12) | (kind == VECTOR_8)) & ready)
    mask = np.where(kind[vectors] == VECTOR_8, value[vectors] & 0xFF, value[vectors])
    # One row per vector, one column per bit, from x on.
    row, bit = np.nonzero(mask[:, None] >> np.arange(12) & 1)
    return vectors[row], bit
