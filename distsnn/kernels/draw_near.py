"""Draws sources by distance: a coin for every point of a grid around the target.

The offsets within reach are numbered once; coin k of target i is word k of the chunks of identity
i, so it does not depend on which other targets are drawn.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.declare import device, kernel
from distsnn.kernels.threefry import CHUNK, fill_words

NOBODY = -1


@device
def who_sits_at(x, y, z, grid, box):
    """Return the source at a point, -1 where there is none. box: origin, then size."""
    x, y, z = x - box[0], y - box[1], z - box[2]
    if x < 0 or y < 0 or z < 0 or x >= box[3] or y >= box[4] or z >= box[5]:
        return np.int64(NOBODY)
    return np.int64(grid[(x * box[4] + y) * box[5] + z])


@kernel("i8(i8, i8, i8, i4[:,:], i4[:,:], u4[:], i4[:], i8[:], u4[:], i4[:], u4[:])")
def join_near(key_low, key_high, start, targets, offsets, chances, grid, box, words, counts, out):
    """counts[i] = the number of sources of target start + i; ``out`` gets them, if it has room.

    targets: [all targets, 3] points. offsets: [n, 3] with a coin's chance in 2^32 each. grid: the
    source at each point of ``box``, or -1. words: room for n words, a multiple of 32. out: empty to
    count only.
    """
    low, high = np.uint32(key_low), np.uint32(key_high)
    place = np.int64(0)
    for i in range(counts.size):
        target = start + i
        fill_words(low, high, np.uint32(target), 0, words.size // CHUNK, words)
        x, y, z = targets[target, 0], targets[target, 1], targets[target, 2]
        first = place
        for k in range(chances.size):
            if words[k] < chances[k]:
                source = who_sits_at(
                    np.int64(x) + offsets[k, 0], np.int64(y) + offsets[k, 1],
                    np.int64(z) + offsets[k, 2], grid, box,
                )  # fmt: skip
                if source != NOBODY:
                    if out.size > 0:
                        out[place] = np.uint32(source)
                    place += 1
        counts[i] = np.int32(place - first)
    return place


@kernel("i8(i8[:], i4[:,:], i4[:,:], i4[:], f8[:], f8[:])")
def expect_near(box, targets, offsets, grid, chances, total):
    """total[0] = the sum of the chances of all pairs that exist."""
    total[0] = 0.0
    for target in range(targets.shape[0]):
        x, y, z = targets[target, 0], targets[target, 1], targets[target, 2]
        for k in range(chances.size):
            source = who_sits_at(
                np.int64(x) + offsets[k, 0], np.int64(y) + offsets[k, 1],
                np.int64(z) + offsets[k, 2], grid, box,
            )  # fmt: skip
            if source != NOBODY:
                total[0] += chances[k]
    return 0
