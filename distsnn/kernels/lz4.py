"""LZ4 blocks.

A block is a chain of sequences: a token (literal length << 4 | match length - 4, 15 means more
bytes follow), the literals, a 16-bit offset back, and the match that is copied from there.

Source: Y. Collet, "LZ4 block format description".
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel

DAMAGED = -1


@device
def longer(block, at, length):
    """Return a length of 15 with the bytes that continue it, and the place behind them."""
    while at < block.size:
        byte = np.int64(block[at])
        at += 1
        length += byte
        if byte != 255:
            return length, at
    return np.int64(-1), at


@kernel("i8(i8, u1[:], u1[:])")
def decode_lz4(start, block, out):
    """Decode ``block`` to out[start:]; matches may reach back before ``start``.

    Returns where the output ends, or -1 where the block is damaged or the output too long.
    """
    at = np.int64(0)
    end = np.int64(start)
    while at < block.size:
        token = np.int64(block[at])
        at += 1
        n_literals = token >> 4
        if n_literals == 15:
            n_literals, at = longer(block, at, n_literals)
        if n_literals < 0 or at + n_literals > block.size or end + n_literals > out.size:
            return DAMAGED
        for k in range(n_literals):
            out[end + k] = block[at + k]
        at += n_literals
        end += n_literals
        if at == block.size:
            return end
        if at + 2 > block.size:
            return DAMAGED
        offset = np.int64(block[at]) | np.int64(block[at + 1]) << 8
        at += 2
        n_match = token & 15
        if n_match == 15:
            n_match, at = longer(block, at, n_match)
        n_match += 4
        if offset == 0 or offset > end or n_match < 4 or end + n_match > out.size:
            return DAMAGED
        for k in range(n_match):  # may overlap what it writes
            out[end + k] = out[end + k - offset]
        end += n_match
    return DAMAGED
