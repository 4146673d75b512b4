"""Draws sources at random, and doubles for initial states.

Each target neuron has a stream of words of its own, with the counter (target, draw), so its sources
do not depend on which other targets are drawn in the same call.

A word u gives the integer floor(u n / 2^32), the high half of the 64-bit product u n. Words whose
low half is below 2^32 mod n are drawn again, which makes all integers below n exactly equally likely
(Lemire 2019, ACM Trans Model Comput Simul 29:3).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import CHUNK, HALF, threefry, unit_double

NO_GAP = 0xFFFFFFFF  # as ``gap``: no integer is skipped
REDRAW = 0x80000000  # bit of the counters of words that replace rejected ones


@device
def below(word, n):
    """Return floor(word n / 2^32)."""
    return np.uint32((np.uint64(word) * np.uint64(n)) >> np.uint64(32))


@device
def is_rejected(word, n, limit):
    """Return 1 if the word must be drawn again, else 0. limit: 2^32 mod n."""
    # The low half of word n; the 2^32 mod n words below the limit are surplus.
    return np.uint32(np.uint32(word * n) < limit)


@device
def close_gap(value, gap):
    """Return the value, or the value + 1 from ``gap`` on, so that ``gap`` is skipped."""
    return np.uint32(value + np.uint32(value >= gap))


@device
def redrawn(key_low, key_high, identity, draw, n, limit):
    """Return an integer below n for a draw whose first word was rejected."""
    attempt = np.uint32(0)
    while True:
        attempt = np.uint32(attempt + np.uint32(1))
        counter = np.uint32(np.uint32(REDRAW) | np.uint32(draw))
        # A key of its own for each attempt: the words are independent of all others.
        x, y = threefry(np.uint32(key_low ^ attempt), key_high, identity, counter)
        if is_rejected(x, n, limit) == 0:
            return below(x, n)
        if is_rejected(y, n, limit) == 0:
            return below(y, n)


@device
def repair(key_low, key_high, identity, chunk, n, limit, lowest, gap, out, position):
    """Replace the integers of a chunk whose words were rejected."""
    for j in range(CHUNK):
        counter = np.uint32(chunk * HALF + (j & (HALF - 1)))
        x, y = threefry(key_low, key_high, identity, counter)
        if is_rejected(x if j < HALF else y, n, limit) != 0:
            value = redrawn(key_low, key_high, identity, chunk * CHUNK + j, n, limit)
            out[position + j] = close_gap(np.uint32(value + lowest), gap)


@device
def draw_chunk(key_low, key_high, identity, chunk, n, limit, lowest, gap, out, position):
    """Write lowest + 32 integers below n, skipping ``gap``, to out[position : position + 32]."""
    # Layout of a chunk: the first words of its 16 counters, then their second words.
    any_rejected = np.uint32(0)
    start = np.uint64(position)
    counter = np.uint32(chunk * HALF)
    half = min(HALF, out.size)  # = HALF; a constant loop would be unrolled, not vectorised
    for j in range(half):
        x, y = threefry(key_low, key_high, identity, np.uint32(counter + np.uint32(j)))
        any_rejected |= np.uint32(is_rejected(x, n, limit) | is_rejected(y, n, limit))
        out[start + np.uint64(j)] = close_gap(np.uint32(below(x, n) + lowest), gap)
        out[start + np.uint64(HALF + j)] = close_gap(np.uint32(below(y, n) + lowest), gap)
    if any_rejected != 0:
        repair(key_low, key_high, identity, chunk, n, limit, lowest, gap, out, position)


@device
def draw_below(key_low, key_high, identity, chunk, n, count, lowest, gap, out, position, scratch):
    """Write ``count`` integers, drawn from the chunks from ``chunk`` on, to out[position :].

    Chunks are written whole as long as ``out`` has room, and the next target overwrites the excess.
    At the end of ``out``, a chunk is drawn into ``scratch`` (uint32 [32]) and copied as far as needed.
    """
    if count == 0:
        return
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    end = position + count
    while position < end:
        if position + CHUNK <= out.size:
            draw_chunk(key_low, key_high, identity, chunk, n, limit, lowest, gap, out, position)
        else:
            draw_chunk(key_low, key_high, identity, chunk, n, limit, lowest, gap, scratch, 0)
            for j in range(min(CHUNK, end - position)):
                out[position + j] = scratch[j]
        position += CHUNK
        chunk += 1


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:])")
def fill_sources(key_low, key_high, target_start, n_sources, without_self, counts, scratch, out):
    """Draw sources of consecutive targets with repetition, each of ``n_sources`` equally likely.

    counts: int32, sources of each target. without_self: 1 where target i must not be its own source.
    scratch: uint32 [32]. out: uint32 [sum of counts]. Returns the number of synapses.
    """
    position = np.int64(0)
    low, high = np.uint32(key_low), np.uint32(key_high)
    n = np.uint32(n_sources - without_self)
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        gap = target if without_self != 0 else np.uint32(NO_GAP)
        draw_below(low, high, target, 0, n, counts[k], np.uint32(0), gap, out, position, scratch)
        position += counts[k]
    return position


# Entries of ``parameters`` of fill_patch_sources.
KEY_LOW, KEY_HIGH, K, TARGET_SIZE, SOURCE_SIZE, WITHOUT_SELF, FIRST_ROW = range(7)


@kernel("i8(i8, i8, i8[:], i8[:], i8[:], u4[:], u4[:])")
def fill_patch_sources(start, stop, parameters, row_start, patches, scratch, out):
    """Draw, for each target start .. stop - 1, K sources from each patch listed for its own patch.

    parameters: int64 [7], the constants above; TARGET_SIZE and SOURCE_SIZE in neurons per patch. The
    source patches of target patch FIRST_ROW + p are patches[row_start[p] : row_start[p + 1]].
    scratch: uint32 [32]. Returns the number of synapses.
    """
    position = np.int64(0)
    low, high, k = np.uint32(parameters[KEY_LOW]), np.uint32(parameters[KEY_HIGH]), parameters[K]
    size = parameters[SOURCE_SIZE]
    chunks_per_patch = (k + CHUNK - 1) // CHUNK
    for target in range(start, stop):
        row = target // parameters[TARGET_SIZE] - parameters[FIRST_ROW]
        for entry in range(row_start[row], row_start[row + 1]):
            # One target reads separate chunks for each of its patches.
            lowest = patches[entry] * size
            is_own = parameters[WITHOUT_SELF] != 0 and lowest <= target < lowest + size
            gap = np.uint32(target) if is_own else np.uint32(NO_GAP)
            n = np.uint32(size - 1) if is_own else np.uint32(size)
            chunk = (entry - row_start[row]) * chunks_per_patch
            draw_below(
                low, high, np.uint32(target), chunk, n, k, np.uint32(lowest), gap, out, position,
                scratch,
            )  # fmt: skip
            position += k
    return position


@kernel("i8(i8, i8, i8, f8[:])")
def fill_doubles(key_low, key_high, start, out):
    """Set out[i] to a float64 in (0, 1) that depends on the key and neuron start + i alone."""
    for i in range(out.size):
        identity = np.uint32(start + i)
        x, y = threefry(np.uint32(key_low), np.uint32(key_high), identity, np.uint32(0))
        out[i] = unit_double(x, y)
    return out.size
