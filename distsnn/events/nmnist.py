"""N-MNIST ``.bin``: 40 bits an event, big-endian: x 8, y 8, polarity 1, time 23 bits (us).

Source: Orchard, Jayawant, Cohen & Thakor 2015, Front Neurosci 9:437 (the data set's own format; y
240 marks an overflow of the 23-bit time).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.events.bytes_of import fault, read_bytes
from distsnn.events.recording import Events

SIZE = 34
OVERFLOW_Y = 240
TIME_PERIOD_US = 1 << 13  # added per overflow mark


def read_nmnist(path: Path, width: int = SIZE, height: int = SIZE) -> Events:
    """Return the events of a recording; raises InputFileError."""
    data = read_bytes(path)
    if len(data) % 5:
        raise fault(
            path,
            f"has {len(data)} bytes",
            "a multiple of 5",
            "The file is truncated or not of N-MNIST's format; copy it again",
        )
    raw = np.frombuffer(data, dtype=np.uint8).reshape(-1, 5).astype(np.int64)
    x, y, on = raw[:, 0], raw[:, 1], raw[:, 2] >> 7
    t_us = (raw[:, 2] & 0x7F) << 16 | raw[:, 3] << 8 | raw[:, 4]
    is_overflow = y == OVERFLOW_Y
    t_us = t_us + np.cumsum(is_overflow) * TIME_PERIOD_US
    real = ~is_overflow
    x, y, on, t_us = x[real], y[real], on[real], t_us[real]
    if x.size and (x.max() >= width or y.max() >= height):
        raise fault(
            path,
            f"has an event at ({x.max()}, {y.max()})",
            f"{width} x {height} pixels",
            "This is no N-MNIST recording; give a file of a known format",
        )
    if np.any(np.diff(t_us) < 0):
        raise fault(path, "goes back in time", "ascending times", "The file is damaged")
    return Events.of(t_us, x, y, on, width, height)
