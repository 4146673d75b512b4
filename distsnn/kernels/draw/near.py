"""Draws sources by distance: one coin is tossed for every grid point around a target.

The offsets within reach are numbered once. Coin k of target i is word k of the stream of identity
i, so it depends neither on which other targets are drawn nor on which other offsets are in use.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import CHUNK, HALF, fill_words, threefry

NO_SOURCE = -1  # in ``grid``: no source at this point


@device
def source_at(x, y, z, grid, box):
    """Return the source at a grid point, or -1. box: origin (x, y, z), then size (x, y, z)."""
    x, y, z = x - box[0], y - box[1], z - box[2]
    if x < 0 or y < 0 or z < 0 or x >= box[3] or y >= box[4] or z >= box[5]:
        return np.int64(NO_SOURCE)
    # grid: int32 [x, y, z] within the box, z fastest
    return np.int64(grid[(x * box[4] + y) * box[5] + z])


@device
def fill_numbered_words(key_low, key_high, identity, numbers, words):
    """Set words[k] to word numbers[k] of the stream of an identity."""
    for k in range(numbers.size):
        # A chunk has the first words of its 16 counters, then their second words.
        index = numbers[k] & np.uint32(CHUNK - 1)
        counter = (numbers[k] // np.uint32(CHUNK)) * np.uint32(HALF) + (index & np.uint32(HALF - 1))
        x, y = threefry(key_low, key_high, identity, np.uint32(counter))
        words[k] = x if index < np.uint32(HALF) else y


@kernel("i8(i8, i8, i8, i4[:,:], i4[:,:], u4[:], u4[:], i4[:], i8[:], u4[:], i4[:], u4[:])")
def join_near(
    key_low, key_high, start, targets, offsets, numbers, thresholds, grid, box, words, counts, out
):
    """Set counts[i] to the number of sources of target start + i and write the sources to ``out``.

    targets: int32 [all targets, 3], grid points. offsets: int32 [n, 3]. numbers: uint32 [n], the
    coin of each offset; empty for 0 .. n - 1. thresholds: uint32 [n], 2^32 times the probability of
    each offset. grid: the source at each point of ``box``, or -1. words: scratch for n words, of a
    size that is a multiple of 32. out: uint32, empty to count only. Returns the number of synapses.
    """
    low, high = np.uint32(key_low), np.uint32(key_high)
    position = np.int64(0)
    for i in range(counts.size):
        target = start + i
        if numbers.size > 0:
            fill_numbered_words(low, high, np.uint32(target), numbers, words)
        else:
            fill_words(low, high, np.uint32(target), 0, words.size // CHUNK, words)
        x, y, z = targets[target, 0], targets[target, 1], targets[target, 2]
        start_position = position
        for k in range(thresholds.size):
            if words[k] < thresholds[k]:  # with probability thresholds[k] / 2^32
                source = source_at(
                    np.int64(x) + offsets[k, 0], np.int64(y) + offsets[k, 1],
                    np.int64(z) + offsets[k, 2], grid, box,
                )  # fmt: skip
                if source != NO_SOURCE:
                    if out.size > 0:
                        out[position] = np.uint32(source)
                    position += 1
        counts[i] = np.int32(position - start_position)
    return position


@kernel("i8(i8[:], i4[:,:], i4[:,:], i4[:], f8[:], f8[:])")
def expect_near(box, targets, offsets, grid, probabilities, total):
    """Set total[0] to the sum of the probabilities of all pairs, the expected number of synapses."""
    total[0] = 0.0
    for target in range(targets.shape[0]):
        x, y, z = targets[target, 0], targets[target, 1], targets[target, 2]
        for k in range(probabilities.size):
            source = source_at(
                np.int64(x) + offsets[k, 0], np.int64(y) + offsets[k, 1],
                np.int64(z) + offsets[k, 2], grid, box,
            )  # fmt: skip
            if source != NO_SOURCE:
                total[0] += probabilities[k]
    return 0
