"""Draws different sources for each target; see ``draw.py`` for the words."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.sources import NO_GAP, close_gap, draw_chunk
from distsnn.kernels.numbers.threefry import CHUNK

EMPTY = 0xFFFFFFFF
GOLDEN = 0x9E3779B9  # 2^32 / golden ratio: spreads keys over a table (Knuth 1973, 6.4)
MARKS_PER_ENTRY = 64  # two words of marks for each entry, as a hash table takes


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
def table_bits(count):
    """Return the logarithm of a table's size that is at most half full with ``count`` entries."""
    bits = 5
    while (1 << bits) < 2 * count:
        bits += 1
    return bits


@device
def insert(value, has_marks, shift, mask, table):
    """Add the value to the set; return 1 if it is new, 0 if it was there."""
    if has_marks:
        place = np.uint64(value >> np.uint32(5))
        mark = np.uint32(np.uint32(1) << np.uint32(value & np.uint32(31)))
        before = table[place]
        table[place] = np.uint32(before | mark)
        return np.int64((before & mark) == np.uint32(0))
    slot = find_slot(value, shift, mask, table)
    is_new = np.int64(table[slot] != value)
    table[slot] = value
    return is_new


@device
def draw_set(
    key_low, key_high, identity, n, count, has_marks, first, gap, table, spare, out, place
):
    """Put ``count`` different integers below n into the set that ``table`` holds.

    The set is a bit for every integer (has_marks) or a hash table. Unless ``place`` is negative,
    out[place :] gets first + the integers, in the order drawn.
    """
    bits = table_bits(count)
    shift, mask = np.uint32(32 - bits), np.uint32((1 << bits) - 1)
    n_cells = (np.int64(n) + 31) >> 5 if has_marks else 1 << bits
    for i in range(n_cells):
        table[i] = np.uint32(0) if has_marks else np.uint32(EMPTY)
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    n_found, chunk = np.int64(0), np.int64(0)
    while n_found < count:
        draw_chunk(
            key_low, key_high, identity, chunk, n, limit,
            np.uint32(0), np.uint32(NO_GAP), spare, 0,
        )  # fmt: skip
        chunk += 1
        for j in range(CHUNK):
            if n_found == count:
                break
            value = spare[j]
            if place >= 0:
                out[np.uint64(place + n_found)] = close_gap(np.uint32(value + first), gap)
            n_found += insert(value, has_marks, shift, mask, table)


@device
def draw_distinct(key_low, key_high, identity, n, count, first, gap, table, spare, out, place):
    """out[place : place + count] = first + different integers below n, counted on past ``gap``.

    Where more than half of all are wanted, those to leave out are drawn. Marks are used where they
    take no more memory than a hash table would.
    """
    if count == 0:
        return
    is_rest = 2 * count > np.int64(n)
    n_drawn = np.int64(n) - count if is_rest else count
    has_marks = np.int64(n) <= np.int64(MARKS_PER_ENTRY) * count
    start = np.int64(-1) if is_rest else place
    draw_set(
        key_low, key_high, identity, n, n_drawn, has_marks, first, gap, table, spare, out, start
    )
    if is_rest:  # more than half of all are wanted, so that the set has marks
        value = np.uint32(0)
        end = place + count
        while place < end:
            out[np.uint64(place)] = close_gap(np.uint32(value + first), gap)
            marks = table[np.uint64(value >> np.uint32(5))]
            place += np.int64(~(marks >> np.uint32(value & np.uint32(31))) & np.uint32(1))
            value = np.uint32(value + np.uint32(1))


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], u4[:])")
def fill_distinct_sources(
    key_low, key_high, target_start, n_sources, without_self, counts, table, spare, out
):
    """Different sources for each of consecutive targets; all sets are equally likely.

    table: at least 64 words, and 4 for each source of any target. spare: [32].
    """
    place = np.int64(0)
    low, high = np.uint32(key_low), np.uint32(key_high)
    n = np.uint32(n_sources - without_self)
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        gap = target if without_self != 0 else np.uint32(NO_GAP)
        count = np.int64(counts[k])
        draw_distinct(low, high, target, n, count, np.uint32(0), gap, table, spare, out, place)
        place += count
    return place
