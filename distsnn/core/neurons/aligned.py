"""Arrays aligned to cache lines, so that no vector load in the neuron loops straddles two lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

LINE_BYTES = 64


def aligned_zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Return a C-contiguous array of zeros that starts at a multiple of 64 bytes."""
    n_bytes = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    # One line more than needed, of which the bytes before the first line boundary are skipped.
    memory = np.zeros(n_bytes + LINE_BYTES, dtype=np.uint8)
    to_boundary = -memory.ctypes.data % LINE_BYTES
    return memory[to_boundary : to_boundary + n_bytes].view(dtype).reshape(shape)


def whole_lines(n: int) -> int:
    """Return ``n`` rounded up to a whole number of cache lines of 4-byte items."""
    per_line = LINE_BYTES // 4
    return -(-n // per_line) * per_line
