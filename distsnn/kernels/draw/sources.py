"""Draws sources at random, and doubles for initial states.

Each target neuron has its own words: counter (target, draw). Its sources do not depend on which
other targets are drawn in the same call.

An integer below n comes from a word u as the high half of u n; words whose low half is below
2^32 mod n are drawn again, so that all integers are exactly equally likely (Lemire 2019, ACM Trans
Model Comput Simul 29:3).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.threefry import CHUNK, HALF, threefry, unit_double

NO_GAP = 0xFFFFFFFF  # as ``gap``: leave out nothing
REDRAW = 0x80000000  # counters of words that replace rejected ones


@device
def below(word, n):
    """Return floor(word n / 2^32)."""
    return np.uint32((np.uint64(word) * np.uint64(n)) >> np.uint64(32))


@device
def is_rejected(word, n, limit):
    """Return 1 where the word would make some integers likelier than others."""
    return np.uint32(np.uint32(word * n) < limit)


@device
def close_gap(value, gap):
    """Return the value, counted on past the one that is left out."""
    return np.uint32(value + np.uint32(value >= gap))


@device
def redrawn(key_low, key_high, identity, draw, n, limit):
    """Return an integer below n for a draw whose first word was rejected."""
    attempt = np.uint32(0)
    while True:
        attempt = np.uint32(attempt + np.uint32(1))
        counter = np.uint32(np.uint32(REDRAW) | np.uint32(draw))
        x, y = threefry(np.uint32(key_low ^ attempt), key_high, identity, counter)
        if is_rejected(x, n, limit) == 0:
            return below(x, n)
        if is_rejected(y, n, limit) == 0:
            return below(y, n)


@device
def repair(key_low, key_high, identity, chunk, n, limit, first, gap, out, place):
    """Draw again what a chunk rejected."""
    for j in range(CHUNK):
        counter = np.uint32(chunk * HALF + (j & (HALF - 1)))
        x, y = threefry(key_low, key_high, identity, counter)
        if is_rejected(x if j < HALF else y, n, limit) != 0:
            value = redrawn(key_low, key_high, identity, chunk * CHUNK + j, n, limit)
            out[place + j] = close_gap(np.uint32(value + first), gap)


@device
def draw_chunk(key_low, key_high, identity, chunk, n, limit, first, gap, out, place):
    """out[place : place + 32] = first + integers below n, counted on past ``gap``."""
    rejected = np.uint32(0)
    start = np.uint64(place)
    counter = np.uint32(chunk * HALF)
    half = min(HALF, out.size)  # = HALF; a constant loop would be unrolled, not vectorised
    for j in range(half):
        x, y = threefry(key_low, key_high, identity, np.uint32(counter + np.uint32(j)))
        rejected |= np.uint32(is_rejected(x, n, limit) | is_rejected(y, n, limit))
        out[start + np.uint64(j)] = close_gap(np.uint32(below(x, n) + first), gap)
        out[start + np.uint64(HALF + j)] = close_gap(np.uint32(below(y, n) + first), gap)
    if rejected != 0:
        repair(key_low, key_high, identity, chunk, n, limit, first, gap, out, place)


@device
def draw_below(key_low, key_high, identity, chunk, n, count, first, gap, out, place, spare):
    """Write ``count`` sources from out[place] on, from the chunks from ``chunk`` on.

    A chunk is written whole where there is room for it (the next neuron writes over what is too
    much), at the end of ``out`` by way of ``spare`` (uint32 [32]).
    """
    if count == 0:
        return
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    end = place + count
    while place < end:
        if place + CHUNK <= out.size:
            draw_chunk(key_low, key_high, identity, chunk, n, limit, first, gap, out, place)
        else:
            draw_chunk(key_low, key_high, identity, chunk, n, limit, first, gap, spare, 0)
            for j in range(min(CHUNK, end - place)):
                out[place + j] = spare[j]
        place += CHUNK
        chunk += 1


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:])")
def fill_sources(key_low, key_high, target_start, n_sources, without_self, counts, spare, out):
    """Sources of consecutive targets, all of ``n_sources`` equally likely, repeats allowed.

    without_self: 1 where target i must not be its own source. spare: [32].
    """
    place = np.int64(0)
    low, high = np.uint32(key_low), np.uint32(key_high)
    n = np.uint32(n_sources - without_self)
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        gap = target if without_self != 0 else np.uint32(NO_GAP)
        draw_below(low, high, target, 0, n, counts[k], np.uint32(0), gap, out, place, spare)
        place += counts[k]
    return place


# Entries of the ``facts`` of fill_patch_sources.
KEY_LOW, KEY_HIGH, K, TARGET_SIZE, SOURCE_SIZE, WITHOUT_SELF, FIRST_ROW = range(7)


@kernel("i8(i8, i8, i8[:], i8[:], i8[:], u4[:], u4[:])")
def fill_patch_sources(start, stop, facts, row_start, patches, spare, out):
    """For each target K sources from each patch that is listed for its own patch.

    facts: TARGET_SIZE and SOURCE_SIZE are neurons per patch. The patches of target patch
    FIRST_ROW + p are patches[row_start[p] : row_start[p + 1]]. spare: [32].
    """
    place = np.int64(0)
    low, high, k = np.uint32(facts[KEY_LOW]), np.uint32(facts[KEY_HIGH]), facts[K]
    size = facts[SOURCE_SIZE]
    chunks_per_patch = (k + CHUNK - 1) // CHUNK
    for target in range(start, stop):
        row = target // facts[TARGET_SIZE] - facts[FIRST_ROW]
        for item in range(row_start[row], row_start[row + 1]):
            first = patches[item] * size
            is_own = facts[WITHOUT_SELF] != 0 and first <= target < first + size
            gap = np.uint32(target) if is_own else np.uint32(NO_GAP)
            n = np.uint32(size - 1) if is_own else np.uint32(size)
            chunk = (item - row_start[row]) * chunks_per_patch
            draw_below(
                low, high, np.uint32(target), chunk, n, k, np.uint32(first), gap, out, place, spare
            )
            place += k
    return place


@kernel("i8(i8, i8, i8, f8[:])")
def fill_doubles(key_low, key_high, start, out):
    """out[i] = a double in (0, 1) that belongs to neuron start + i."""
    for i in range(out.size):
        identity = np.uint32(start + i)
        x, y = threefry(np.uint32(key_low), np.uint32(key_high), identity, np.uint32(0))
        out[i] = unit_double(x, y)
    return out.size
