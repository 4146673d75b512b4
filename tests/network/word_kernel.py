"""``fill_words`` as a kernel of its own, in a file that the compiling process can import."""

from __future__ import annotations

import numpy as np

from distsnn.kernels import kernel
from distsnn.kernels.numbers.threefry import fill_words


@kernel("i8(i8, i8, i8, i8, i8, u4[:])")
def write_words(key_low, key_high, identity, chunk, n_chunks, words):
    """words[:32 n_chunks] = the words of the chunks."""
    fill_words(np.uint32(key_low), np.uint32(key_high), np.uint32(identity), chunk, n_chunks, words)
    return 0
