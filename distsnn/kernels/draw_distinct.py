"""Draws different sources for each target; see ``draw.py`` for the words."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.declare import device, kernel
from distsnn.kernels.draw import NO_GAP, close_gap, draw_chunk
from distsnn.kernels.threefry import CHUNK

EMPTY = 0xFFFFFFFF
GOLDEN = 0x9E3779B9  # 2^32 / golden ratio: spreads keys over a table (Knuth 1973, 6.4)


@kernel("i8(i8, i8, i8, i4[:], u4[:])")
def fill_everyone(target_start, n_sources, without_self, counts, out):
    """All sources of each target, ascending."""
    place = np.uint64(0)
    for k in range(counts.size):
        gap = np.uint32(target_start + k) if without_self != 0 else np.uint32(NO_GAP)
        for value in range(n_sources - without_self):
            out[place + np.uint64(value)] = close_gap(np.uint32(value), gap)
        place += np.uint64(n_sources - without_self)
    return np.int64(place)


@device
def find_slot(value, shift, mask, table):
    """Return where the value is in the table, or where it would go."""
    slot = np.uint32(np.uint32(value * np.uint32(GOLDEN)) >> shift)
    while table[np.uint64(slot)] != np.uint32(EMPTY) and table[np.uint64(slot)] != value:
        slot = np.uint32(np.uint32(slot + np.uint32(1)) & mask)
    return np.uint64(slot)


@device
def draw_set(key_low, key_high, identity, n, count, bits, table, spare, gap, out, place):
    """Put ``count`` different integers below n into the table of 2^bits slots.

    Unless ``place`` is negative, out[place :] gets them too, in the order drawn.
    """
    for i in range(1 << bits):
        table[i] = np.uint32(EMPTY)
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    shift, mask = np.uint32(32 - bits), np.uint32((1 << bits) - 1)
    n_found, chunk, j = np.int64(0), np.int64(0), np.int64(CHUNK)
    while n_found < count:
        if j == CHUNK:
            draw_chunk(
                key_low, key_high, identity, chunk, n, limit,
                np.uint32(0), np.uint32(NO_GAP), spare, 0,
            )  # fmt: skip
            chunk += 1
            j = 0
        value = spare[j]
        j += 1
        slot = find_slot(value, shift, mask, table)
        if table[slot] != value:
            table[slot] = value
            if place >= 0:
                out[place + n_found] = close_gap(value, gap)
            n_found += 1


@device
def table_bits(count):
    """Return the logarithm of a table's size that is at most half full with ``count`` entries."""
    bits = 5
    while (1 << bits) < 2 * count:
        bits += 1
    return bits


@device
def draw_distinct(key_low, key_high, identity, n, count, gap, table, spare, out, place):
    """out[place : place + count] = different integers below n, counted on past ``gap``.

    Where more than half of all are wanted, those to leave out are drawn.
    """
    if count == 0:
        return
    if 2 * count <= np.int64(n):
        bits = table_bits(count)
        draw_set(key_low, key_high, identity, n, count, bits, table, spare, gap, out, place)
        return
    n_missing = np.int64(n) - count
    bits = table_bits(n_missing)
    draw_set(key_low, key_high, identity, n, n_missing, bits, table, spare, gap, out, -1)
    shift, mask = np.uint32(32 - bits), np.uint32((1 << bits) - 1)
    for i in range(np.int64(n)):
        value = np.uint32(i)
        if table[find_slot(value, shift, mask, table)] != value:
            out[place] = close_gap(value, gap)
            place += 1


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], u4[:])")
def fill_distinct_sources(
    key_low, key_high, target_start, n_sources, without_self, counts, table, spare, out
):
    """Different sources for each of consecutive targets; all sets are equally likely.

    table: a power of two, at least 64 and twice min(count, options - count) of any target.
    spare: [32].
    """
    place = np.int64(0)
    low, high = np.uint32(key_low), np.uint32(key_high)
    n = np.uint32(n_sources - without_self)
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        gap = target if without_self != 0 else np.uint32(NO_GAP)
        count = np.int64(counts[k])
        draw_distinct(low, high, target, n, count, gap, table, spare, out, place)
        place += count
    return place
