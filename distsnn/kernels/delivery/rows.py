"""Builds the rows that ``deliver`` reads, in three stages: count, lay out, place.

The synapses are drawn twice, once to count them and once to place them, so that no second copy of
the table is needed. ``segments[row, column]`` first holds counts, then the index of the next word.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.delivery.marks import mark_of_synapse
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.formats import IS_LAST, MAX_WAIT, N_MASK, NO_ROW, WAIT_SHIFT
from distsnn.kernels.numbers.mixing import mixed

PAGE_BITS = 10
PAGE_SIZE = 1 << PAGE_BITS
PAGE_MASK = PAGE_SIZE - 1


@kernel("i8(i8, i8, u4[:], i4[:], u4[:,:], i8[:])")
def count_sources(first, gid_start, sources, page_of, pages, n_pages):
    """Add 1 to the count of each source's gid, from entry ``first`` on.

    The counts are stored in pages of 1,024 gids, pages[page_of[gid >> 10], gid & 1023]; a page is
    allocated when its first gid occurs. Returns the number of entries processed, which is less than
    all of them if no page is left.
    """
    n_used = n_pages[0]
    for i in range(first, sources.size):
        gid = np.uint64(np.int64(sources[i]) + gid_start)
        page = page_of[gid >> np.uint64(PAGE_BITS)]
        if page < 0:
            if n_used == pages.shape[0]:
                n_pages[0] = n_used
                return i
            page = np.int32(n_used)
            page_of[gid >> np.uint64(PAGE_BITS)] = page
            n_used += 1
        pages[np.uint64(page), gid & np.uint64(PAGE_MASK)] += np.uint32(1)
    n_pages[0] = n_used
    return sources.size


@device
def row_of(gid, page_of, pages):
    """Return the row of a source neuron (uint64), looked up in its page."""
    page = np.uint64(page_of[gid >> np.uint64(PAGE_BITS)])
    return np.uint64(pages[page, gid & np.uint64(PAGE_MASK)])


@kernel("i8(i8, i8, u4[:], i4[:], u4[:,:], u2[:], i4[:], u4[:,:])")
def count_segments(gid_start, fine_bits, sources, page_of, pages, delays, column_of_wait, segments):
    """segments[row, column of the coarse delay] += 1 for each synapse. Delays count from 1."""
    for i in range(sources.size):
        row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
        # delay - 1 = coarse << fine_bits | fine
        coarse = (np.uint64(delays[i]) - np.uint64(1)) >> np.uint64(fine_bits)
        segments[row, np.uint64(column_of_wait[coarse])] += np.uint32(1)
    return 0


@kernel("i8(i8, i8, u4[:,:], i4[:], u4[:], i4[:])")
def lay_out_rows(position, fine_bits, segments, coarse_of_column, pointers, words):
    """Write the headers of one group's rows from ``position`` on; replace counts by positions.

    pointers[row]: index of the row's first header, NO_ROW if the row is empty. Returns the end of the
    rows, or -1 - n if a segment of n synapses is too long for its header.
    """
    n_rows, n_columns = segments.shape
    for row in range(n_rows):
        pointers[row] = np.uint32(NO_ROW)
        waited = np.int64(0)
        last_header = np.int64(-1)
        for column in range(n_columns):
            n = np.int64(segments[row, column])
            if n == 0:
                continue
            if n > N_MASK:
                return -1 - n
            if last_header < 0:
                pointers[row] = np.uint32(position)
            wait = np.int64(coarse_of_column[column]) << fine_bits
            while wait - waited > MAX_WAIT:  # an empty segment extends the wait
                words[position] = np.int32(np.uint32(MAX_WAIT << WAIT_SHIFT))
                waited += MAX_WAIT
                position += 1
            # header = wait << 19 | is_last << 18 | n; the wait counts from the previous segment
            words[position] = np.int32(np.uint32(((wait - waited) << WAIT_SHIFT) | n))
            waited = wait
            last_header = position
            segments[row, column] = np.uint32(position + 1)
            position += 1 + n
        if last_header >= 0:
            words[last_header] |= np.int32(IS_LAST)
    return position


# Entries of the ``geometry`` of place_words.
GID_START, FINE_BITS, SLOT_SHIFT, INDEX_START, TARGET_GID, LANE_SHIFT, N_COLUMNS, IS_SIZE = range(8)
AT_ONCE = 128  # synapses looked up together; their cache lines fill half of the L1 cache


@device
def find_positions(first, n, geometry, sources, page_of, pages, delays, column_of_wait, cursors,
                   words, positions):  # fmt: skip
    """positions[:n] = indices in ``words`` of synapses first .. first + n - 1.

    Every synapse accesses one entry of ``cursors`` and one of ``words``, scattered over memory. Their
    cache lines are prefetched so that the accesses do not wait for memory one after another.
    """
    gid_start = geometry[GID_START]
    fine_bits = np.uint64(geometry[FINE_BITS])
    n_columns = np.uint64(geometry[N_COLUMNS])
    # Stage 1: find the cursors; each cache line is loaded while the next cursors are computed.
    for j in range(n):
        i = first + j
        row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
        coarse = (np.uint64(delays[i]) - np.uint64(1)) >> fine_bits
        cursor = row * n_columns + np.uint64(column_of_wait[coarse])
        positions[j] = cursor
        prefetch(cursors, cursor)
    # Stage 2: read the position and advance the cursor, in the order of the synapses.
    for j in range(n):
        cursor = positions[j]
        position = cursors[cursor]
        cursors[cursor] = position + np.uint32(1)
        positions[j] = np.uint64(position)
        prefetch(words, np.uint64(position))


@kernel(
    "i8(i8[:], i4[:], u4[:], i4[:], u4[:,:], u2[:], i2[:], u1[:], u8[:], i4[:], u4[:], i4[:], u8[:], "
    "u8[:])"
)
def place_words(geometry, counts, sources, page_of, pages, delays, quanta, lanes, salts,
                column_of_wait, cursors, words, digest, positions):  # fmt: skip
    """Write the words of the synapses onto consecutive neurons of one core.

    counts[k]: synapses of the k-th neuron; sources, delays and quanta have one entry per synapse,
    neuron by neuron, and so do lanes unless a single lane is given for all synapses. geometry:
    GID_START of the source population; FINE_BITS, SLOT_SHIFT and LANE_SHIFT of the ring index;
    INDEX_START, the ring index of the first neuron at slot 0 and lane 0; TARGET_GID, its gid; N_COLUMNS
    of ``segments``, which are flattened to ``cursors``; IS_SIZE, whether the receptor takes absolute
    weights. salts: by lane. digest[0] accumulates a sum over all synapses that does not depend on
    their order. positions: scratch of AT_ONCE entries.
    """
    gid_start = geometry[GID_START]
    slot_shift = np.uint64(geometry[SLOT_SHIFT])
    lane_shift = np.uint64(geometry[LANE_SHIFT])
    fine_mask = np.uint64((1 << geometry[FINE_BITS]) - 1)
    is_mixed, is_size = lanes.size > 1, geometry[IS_SIZE] != 0
    lane = np.uint64(lanes[0]) if lanes.size else np.uint64(0)
    total = digest[0]
    i, n_found = np.int64(0), np.int64(0)  # synapses written; synapses whose position is known
    for k in range(counts.size):
        first = np.uint64(geometry[INDEX_START] + k)
        target = first | (lane << lane_shift)
        target_key = mixed(np.uint64(geometry[TARGET_GID] + k) + salts[lane])
        for _ in range(counts[k]):
            if i == n_found:
                n = min(np.int64(AT_ONCE), sources.size - n_found)
                find_positions(n_found, n, geometry, sources, page_of, pages, delays, column_of_wait,
                               cursors, words, positions)  # fmt: skip
                n_found += n
            if is_mixed:
                lane = np.uint64(lanes[i])
                target = first | (lane << lane_shift)
                target_key = mixed(np.uint64(geometry[TARGET_GID] + k) + salts[lane])
            gid = np.uint64(np.int64(sources[i]) + gid_start)
            behind = np.uint64(delays[i]) - np.uint64(1)
            # Ring index: [fine delay | lane | core in group | neuron]; word: [quanta | ring index].
            index = target | ((behind & fine_mask) << slot_shift)
            position = positions[np.uint64(i & np.int64(AT_ONCE - 1))]
            weight = np.int64(quanta[i])
            weight = abs(weight) if is_size else weight
            words[position] = np.int32(np.uint32((weight << 16) | np.int64(index)))
            total += mark_of_synapse(target_key, gid, quanta[i], behind)
            i += 1
    digest[0] = total
    return 0
