"""Draws sources by distance: a coin for every point of a grid around the target.

The offsets within reach are numbered once; coin k of target i is word k of the chunks of identity
i, so it does not depend on which other targets are drawn, nor on which other offsets are in use.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import CHUNK, HALF, fill_words, threefry

NOBODY = -1


@device
def who_sits_at(x, y, z, grid, box):
    """Return the source at a point, -1 where there is none. box: origin, then size."""
    x, y, z = x - box[0], y - box[1], z - box[2]
    if x < 0 or y < 0 or z < 0 or x >= box[3] or y >= box[4] or z >= box[5]:
        return np.int64(NOBODY)
    return np.int64(grid[(x * box[4] + y) * box[5] + z])


@device
def fill_chosen_words(key_low, key_high, identity, numbers, words):
    """words[k] = the word of this number of the chunks of an identity."""
    for k in range(numbers.size):
        place = numbers[k] & np.uint32(CHUNK - 1)
        counter = (numbers[k] // np.uint32(CHUNK)) * np.uint32(HALF) + (place & np.uint32(HALF - 1))
        x, y = threefry(key_low, key_high, identity, np.uint32(counter))
        words[k] = x if place < np.uint32(HALF) else y


@kernel("i8(i8, i8, i8, i4[:,:], i4[:,:], u4[:], u4[:], i4[:], i8[:], u4[:], i4[:], u4[:])")
def join_near(
    key_low, key_high, start, targets, offsets, numbers, chances, grid, box, words, counts, out
):
    """counts[i] = the number of sources of target start + i; ``out`` gets them, if it has room.

    targets: [all targets, 3] points. offsets: [n, 3] with the number of a coin each (none: 0 .. n -
    1) and its chance in 2^32. grid: the source at each point of ``box``, or -1. words: room for n
    words, a multiple of 32. out: empty to count only.
    """
    low, high = np.uint32(key_low), np.uint32(key_high)
    place = np.int64(0)
    for i in range(counts.size):
        target = start + i
        if numbers.size > 0:
            fill_chosen_words(low, high, np.uint32(target), numbers, words)
        else:
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
