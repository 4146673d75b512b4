"""Small kernels that measure what a processor core can do: read memory, add within a cache."""

from __future__ import annotations

import numpy as np

from distsnn.kernels import device, kernel
from distsnn.kernels.delivery.deliver import LOOK_AHEAD
from distsnn.kernels.delivery.prefetch import prefetch


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


@device
def ask_for(words, place):
    """Ask for the first cache lines of a run, as delivery does."""
    prefetch(words, place)
    prefetch(words, place + np.uint64(16))
    prefetch(words, place + np.uint64(32))


@kernel("i8(i8, i8[:], i4[:])")
def read_runs(n, starts, words):
    """Return the sum of n words from each start, asking for runs as far ahead as delivery does."""
    total = np.int64(0)
    for k in range(starts.size - LOOK_AHEAD):
        ask_for(words, np.uint64(starts[k + LOOK_AHEAD]))
        start = np.uint64(starts[k])
        for i in range(np.uint64(n)):
            total += np.int64(words[start + i])
    return total


@kernel("i8(i8, i8[:], i4[:], i4[:])")
def add_runs(n, starts, words, ring):
    """The same, with what delivery does with each word."""
    for k in range(starts.size - LOOK_AHEAD):
        ask_for(words, np.uint64(starts[k + LOOK_AHEAD]))
        start = np.uint64(starts[k])
        for i in range(np.uint64(n)):
            word = words[start + i]
            ring[np.uint64(np.uint32(word) & np.uint32(0xFFFF))] += word >> np.int32(16)
    return np.int64(ring[0])
