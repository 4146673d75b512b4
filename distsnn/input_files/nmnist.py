"""N-MNIST ``.bin``: 40 bits an event, big-endian: x 8, y 8, polarity 1, time 23 bits (us).

Source: Orchard, Jayawant, Cohen & Thakor 2015, Front Neurosci 9:437 (the data set's own format; y
240 marks an overflow of the 23-bit time).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.input_files.limits import refused
from distsnn.input_files.whole import read_bytes

EVENT_BYTES = 5
SIZE = 34  # pixels along a side
OVERFLOW_Y = 240
TIME_PERIOD_US = 1 << 13  # per overflow mark


def read_nmnist_arrays(
    path: str | Path, width: int = SIZE, height: int = SIZE
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return times (us, int64), x, y (uint16) and polarity (bool), in the order of the file.

    Raises InputFileError.
    """
    data = read_bytes(path)
    if not data or len(data) % EVENT_BYTES:
        raise refused(
            path, f"a multiple of {EVENT_BYTES} bytes above 0, as N-MNIST is", len(data),
            "The recording is truncated or of another format; copy it again.",
        )  # fmt: skip
    raw = np.frombuffer(data, dtype=np.uint8).reshape(-1, EVENT_BYTES)
    # Bytes: x, y, then 24 bits big-endian: polarity and 23 bits of time.
    x, y, on = raw[:, 0].astype(np.uint16), raw[:, 1].astype(np.uint16), raw[:, 2] >= 128
    t_us = (raw[:, 2] & 0x7F).astype(np.int64)
    for column in (3, 4):
        t_us <<= 8
        t_us |= raw[:, column]
    is_overflow = y == OVERFLOW_Y
    if is_overflow.any():
        # Each mark adds one period to the times of all later events.
        t_us += np.cumsum(is_overflow) * TIME_PERIOD_US
        real = ~is_overflow
        x, y, on, t_us = x[real], y[real], on[real], t_us[real]
    outside = np.flatnonzero((x >= width) | (y >= height))
    if outside.size:
        event = int(outside[0])
        raise refused(
            path, f"an N-MNIST recording of {width} x {height} pixels",
            f"event {event} at ({x[event]}, {y[event]})", "Give a file of a known format.",
        )  # fmt: skip
    return t_us, x, y, on
