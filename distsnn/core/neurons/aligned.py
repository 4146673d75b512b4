"""Arrays that begin at a cache line, so that no vector of the loops over neurons spans two lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

LINE_BYTES = 64


def aligned_zeros(shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
    """Return zeros like ``np.zeros``, from a multiple of 64 bytes on. Rows follow without gaps."""
    n_bytes = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    memory = np.zeros(n_bytes + LINE_BYTES, dtype=np.uint8)
    first = -memory.ctypes.data % LINE_BYTES
    return memory[first : first + n_bytes].view(dtype).reshape(shape)


def whole_lines(n: int) -> int:
    """Return the number of 4-byte items, at least ``n``, that fills whole cache lines."""
    per_line = LINE_BYTES // 4
    return -(-n // per_line) * per_line
