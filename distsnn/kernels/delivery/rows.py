"""Builds the rows that ``deliver`` reads: count, lay out, place.

The synapses are drawn twice, once to count them and once to place them, so that no second copy of
the table ever exists. ``segments[row, column]`` holds counts first, then the place of the next word.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.formats import IS_LAST, MAX_WAIT, N_MASK, NO_ROW, WAIT_SHIFT

PAGE_BITS = 10
PAGE_SIZE = 1 << PAGE_BITS
PAGE_MASK = PAGE_SIZE - 1


@kernel("i8(i8, i8, u4[:], i4[:], u4[:,:], i8[:])")
def count_sources(first, gid_start, sources, page_of, pages, n_pages):
    """Add 1 to the count of each source's gid from entry ``first`` on.

    The counts lie in pages of 1,024 gids, pages[page_of[gid >> 10], gid & 1023], of which only those
    exist that some source needs. Returns the number of entries done: fewer than there are where all
    pages are used up.
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
        coarse = (np.uint64(delays[i]) - np.uint64(1)) >> np.uint64(fine_bits)
        segments[row, np.uint64(column_of_wait[coarse])] += np.uint32(1)
    return 0


@kernel("i8(i8, i8, u4[:,:], i4[:], u4[:], i4[:])")
def lay_out_rows(position, fine_bits, segments, coarse_of_column, pointers, words):
    """Write the headers of one group's rows from ``position`` on; counts become places.

    pointers[row]: where the row begins, NO_ROW where it is empty. Returns the end, or -1 - n where
    a segment of n synapses is too long for its header.
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
            while wait - waited > MAX_WAIT:  # a segment without synapses, only to wait
                words[position] = np.int32(np.uint32(MAX_WAIT << WAIT_SHIFT))
                waited += MAX_WAIT
                position += 1
            words[position] = np.int32(np.uint32(((wait - waited) << WAIT_SHIFT) | n))
            waited = wait
            last_header = position
            segments[row, column] = np.uint32(position + 1)
            position += 1 + n
        if last_header >= 0:
            words[last_header] |= np.int32(IS_LAST)
    return position


@device
def mixed(x):
    """Return x with its bits stirred (the finaliser of SplitMix64, Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


# Entries of the ``facts`` of place_words.
GID_START, FINE_BITS, SLOT_SHIFT, INDEX_START, TARGET_GID, LANE_SHIFT, N_COLUMNS, IS_SIZE = range(8)
AT_ONCE = 128  # synapses looked up together; their cache lines are half of the first level


@device
def find_places(first, n, facts, sources, page_of, pages, delays, column_of_wait, cells, words,
                places):  # fmt: skip
    """places[:n] = where the words of synapses first .. first + n - 1 go.

    Every synapse needs one of the ``cells`` and a line of ``words`` that lie anywhere. Stores wait
    for their lines one after another, so that lines are called for before they are written to.
    """
    gid_start = facts[GID_START]
    fine_bits = np.uint64(facts[FINE_BITS])
    n_columns = np.uint64(facts[N_COLUMNS])
    for j in range(n):
        i = first + j
        row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
        coarse = (np.uint64(delays[i]) - np.uint64(1)) >> fine_bits
        cell = row * n_columns + np.uint64(column_of_wait[coarse])
        places[j] = cell
        prefetch(cells, cell)
    for j in range(n):
        cell = places[j]
        place = cells[cell]
        cells[cell] = place + np.uint32(1)
        places[j] = np.uint64(place)
        prefetch(words, np.uint64(place))


@kernel(
    "i8(i8[:], i4[:], u4[:], i4[:], u4[:,:], u2[:], i2[:], u1[:], u8[:], i4[:], u4[:], i4[:], u8[:], "
    "u8[:])"
)
def place_words(
    facts,
    counts,
    sources,
    page_of,
    pages,
    delays,
    quanta,
    lanes,
    salts,
    column_of_wait,
    cells,
    words,
    digest,
    places,
):
    """Write the words of the synapses onto consecutive neurons of one core.

    counts[k]: synapses of the k-th neuron; sources, delays and quanta have one entry per synapse,
    neuron by neuron; so have lanes, unless all synapses are on the one lane that it names. facts:
    GID_START of the source population; FINE_BITS, SLOT_SHIFT of the ring; INDEX_START, the ring index
    of the first neuron at slot 0 and lane 0; TARGET_GID of it; LANE_SHIFT of a ring index; N_COLUMNS of
    ``segments``, whose ``cells`` these are, row by row; IS_SIZE: the receptor gets sizes of weights,
    without their sign. salts: by lane. digest[0] gathers a sum, free of order, over all synapses.
    places: room for AT_ONCE.
    """
    gid_start = facts[GID_START]
    slot_shift = np.uint64(facts[SLOT_SHIFT])
    lane_shift = np.uint64(facts[LANE_SHIFT])
    fine_mask = np.uint64((1 << facts[FINE_BITS]) - 1)
    is_mixed, is_size = lanes.size > 1, facts[IS_SIZE] != 0
    lane = np.uint64(lanes[0]) if lanes.size else np.uint64(0)
    total = digest[0]
    i = np.int64(0)
    found = np.int64(0)  # how many synapses have their place
    for k in range(counts.size):
        first = np.uint64(facts[INDEX_START] + k)
        target = first | (lane << lane_shift)
        target_key = mixed(np.uint64(facts[TARGET_GID] + k) + salts[lane])
        for _ in range(counts[k]):
            if i == found:
                n = min(np.int64(AT_ONCE), sources.size - found)
                find_places(found, n, facts, sources, page_of, pages, delays, column_of_wait, cells,
                            words, places)  # fmt: skip
                found += n
            if is_mixed:
                lane = np.uint64(lanes[i])
                target = first | (lane << lane_shift)
                target_key = mixed(np.uint64(facts[TARGET_GID] + k) + salts[lane])
            gid = np.uint64(np.int64(sources[i]) + gid_start)
            behind = np.uint64(delays[i]) - np.uint64(1)
            index = target | ((behind & fine_mask) << slot_shift)
            place = places[np.uint64(i & np.int64(AT_ONCE - 1))]
            weight = np.int64(quanta[i])
            value = np.uint64(np.uint16(quanta[i])) << np.uint64(16) | behind
            weight = abs(weight) if is_size else weight
            words[place] = np.int32(np.uint32((weight << 16) | np.int64(index)))
            total += mixed(target_key ^ (gid << np.uint64(32)) ^ value)
            i += 1
    digest[0] = total
    return 0
