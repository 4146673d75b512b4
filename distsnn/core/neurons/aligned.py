"""Arrays aligned to cache lines, so that no vector load of the loops over neurons spans two lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

LINE_BYTES = 64


def aligned_zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Return zeros like ``np.zeros``, aligned to 64 bytes. Rows are contiguous."""
    n_bytes = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + LINE_BYTES, dtype=np.uint8)
    first = -memory.ctypes.data % LINE_BYTES
    return memory[first : first + n_bytes].view(dtype).reshape(shape)


def whole_lines(n: int) -> int:
    """Return ``n`` rounded up to a whole number of cache lines of 4-byte items."""
    per_line = LINE_BYTES // 4
    return -(-n // per_line) * per_line
