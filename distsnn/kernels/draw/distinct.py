"""Draws sources for each target without repetition.

Integers are drawn as in ``sources.py`` and kept in a set; those that are in the set already are
dropped. The set is a bitmap (one bit for each integer) or an open-addressing hash table, whichever
takes less memory.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.draw.sources import NO_GAP, close_gap, draw_chunk
from distsnn.kernels.numbers.threefry import CHUNK

EMPTY = 0xFFFFFFFF
GOLDEN = 0x9E3779B9  # 2^32 / golden ratio: spreads keys over a table (Knuth 1973, 6.4)
BITS_PER_ENTRY = 64  # a hash table takes two words per entry, which could be 64 bits of a bitmap


@kernel("i8(i8, i8, i8, i4[:], u4[:])")
def fill_everyone(target_start, n_sources, without_self, counts, out):
    """Write all sources of each target to ``out``, ascending; return the number of synapses.

    counts: int32, one per target; only its size is read. without_self: 1 where target i must not be
    its own source.
    """
    position = np.uint64(0)
    for k in range(counts.size):
        gap = np.uint32(target_start + k) if without_self != 0 else np.uint32(NO_GAP)
        for value in range(n_sources - without_self):
            out[position + np.uint64(value)] = close_gap(np.uint32(value), gap)
        position += np.uint64(n_sources - without_self)
    return np.int64(position)


@device
def find_slot(value, shift, mask, table):
    """Return the slot of the hash table that holds the value, else the free slot for it.

    Multiplicative hashing with linear probing (Knuth 1973, 6.4).
    """
    slot = np.uint32(np.uint32(value * np.uint32(GOLDEN)) >> shift)
    while table[np.uint64(slot)] != np.uint32(EMPTY) and table[np.uint64(slot)] != value:
        slot = np.uint32(np.uint32(slot + np.uint32(1)) & mask)
    return np.uint64(slot)


@device
def table_bits(count):
    """Return log2 of the size of a hash table that is at most half full with ``count`` entries."""
    bits = 5
    while (1 << bits) < 2 * count:
        bits += 1
    return bits


@device
def insert(value, is_bitmap, shift, mask, table):
    """Add the value to the set; return 1 if it is new, 0 if it was there."""
    if is_bitmap:
        position = np.uint64(value >> np.uint32(5))
        bit = np.uint32(np.uint32(1) << np.uint32(value & np.uint32(31)))
        old_word = table[position]
        table[position] = np.uint32(old_word | bit)
        return np.int64((old_word & bit) == np.uint32(0))
    slot = find_slot(value, shift, mask, table)
    is_new = np.int64(table[slot] != value)
    table[slot] = value
    return is_new


@device
def draw_set(
    key_low, key_high, identity, n, count, is_bitmap, lowest, gap, table, scratch, out, position
):
    """Draw ``count`` different integers below n into the set held in ``table``.

    is_bitmap: the set is a bitmap, otherwise a hash table. If ``position`` is not negative,
    lowest + each integer, skipping ``gap``, is written to out[position :] in the order drawn.
    scratch: uint32 [32].
    """
    bits = table_bits(count)
    shift, mask = np.uint32(32 - bits), np.uint32((1 << bits) - 1)
    # Words of ``table`` in use: ceil(n / 32) of a bitmap, 2^bits of a hash table.
    n_cells = (np.int64(n) + 31) >> 5 if is_bitmap else 1 << bits
    for i in range(n_cells):
        table[i] = np.uint32(0) if is_bitmap else np.uint32(EMPTY)
    limit = np.uint32(np.uint64(1 << 32) % np.uint64(n))
    n_members, chunk = np.int64(0), np.int64(0)
    while n_members < count:
        draw_chunk(
            key_low, key_high, identity, chunk, n, limit,
            np.uint32(0), np.uint32(NO_GAP), scratch, 0,
        )  # fmt: skip
        chunk += 1
        for j in range(CHUNK):
            if n_members == count:
                break
            value = scratch[j]
            # A repeated integer is written too, but the next one overwrites it.
            if position >= 0:
                out[np.uint64(position + n_members)] = close_gap(np.uint32(value + lowest), gap)
            n_members += insert(value, is_bitmap, shift, mask, table)


@device
def draw_distinct(
    key_low, key_high, identity, n, count, lowest, gap, table, scratch, out, position
):
    """Write lowest + ``count`` different integers below n, skipping ``gap``, to out[position :].

    If more than half of all integers are wanted, the set of those to leave out is drawn instead and
    the others are written in ascending order.
    """
    if count == 0:
        return
    draws_complement = 2 * count > np.int64(n)
    n_drawn = np.int64(n) - count if draws_complement else count
    is_bitmap = np.int64(n) <= np.int64(BITS_PER_ENTRY) * count
    start = np.int64(-1) if draws_complement else position
    draw_set(
        key_low, key_high, identity, n, n_drawn, is_bitmap, lowest, gap, table, scratch, out, start
    )
    if draws_complement:  # n < 2 count, so the set is a bitmap
        # Every integer is written; the position advances only past those whose bit is clear.
        value = np.uint32(0)
        end = position + count
        while position < end:
            out[np.uint64(position)] = close_gap(np.uint32(value + lowest), gap)
            bitmap_word = table[np.uint64(value >> np.uint32(5))]
            position += np.int64(~(bitmap_word >> np.uint32(value & np.uint32(31))) & np.uint32(1))
            value = np.uint32(value + np.uint32(1))


@kernel("i8(i8, i8, i8, i8, i8, i4[:], u4[:], u4[:], u4[:])")
def fill_distinct_sources(
    key_low, key_high, target_start, n_sources, without_self, counts, table, scratch, out
):
    """Draw different sources for each of consecutive targets; all sets are equally likely.

    counts: int32, sources of each target. without_self: 1 where target i must not be its own source.
    table: uint32, at least 64 words and at least 4 for each source of a target. scratch: uint32 [32].
    out: uint32 [sum of counts]. Returns the number of synapses.
    """
    position = np.int64(0)
    low, high = np.uint32(key_low), np.uint32(key_high)
    n = np.uint32(n_sources - without_self)
    for k in range(counts.size):
        target = np.uint32(target_start + k)
        gap = target if without_self != 0 else np.uint32(NO_GAP)
        count = np.int64(counts[k])
        draw_distinct(low, high, target, n, count, np.uint32(0), gap, table, scratch, out, position)
        position += count
    return position
