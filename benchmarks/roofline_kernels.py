"""Small kernels that measure what a processor core can do: read memory, add within a cache."""

from __future__ import annotations

import numpy as np

from distsnn.kernels import kernel


@kernel("i8(i8, i4[:])")
def read(n, words):
    """Return the sum of words[:n]: every word is read once, in order."""
    total = np.int64(0)
    for i in range(np.uint64(n)):
        total += np.int64(words[i])
    return total


@kernel("i8(i8, i4[:], i4[:])")
def add(n_times, words, ring):
    """Do n_times what delivery does with a synapse, for all words: ring[low half] += high half."""
    for _ in range(n_times):
        for i in range(np.uint64(words.size)):
            word = words[i]
            ring[np.uint64(np.uint32(word) & np.uint32(0xFFFF))] += word >> np.int32(16)
    return np.int64(ring[0])
