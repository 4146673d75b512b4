"""Rows of plastic synapses: what they look like, how they are built and how they wait.

A row holds all plastic synapses of one axon on one rank that belong to one projection. It is a chain
of segments, one per delay, each of a header of four entries and then its synapses. Two arrays run in
parallel, ``words`` (uint32) and ``weights`` (float32):

    words    is_last << 31 | n      wait << 16 | back      last      next      target, target, ...
    weights  trace                  trace                  -         -         weight, weight, ...

wait: steps from the segment before (or from the spike) to this one; the row waits for them in the
calendar. back: the part of the delay, in steps, between synapse and soma. last: step in which the
axon's previous spike reached the synapses. next: the first step whose postsynaptic spikes these
synapses have not seen yet. target: slot of the target neuron on the rank.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.delivery.rows import row_of
from distsnn.kernels.formats import NO_ROW
from distsnn.kernels.numbers.mixing import mixed

N_HEADER = 4
IS_LAST = 1 << 31
N_MASK = IS_LAST - 1
WAIT, LAST, NEXT = 1, 2, 3  # places in the header
BACK_MASK = 0xFFFF
WAIT_SHIFT = 16


@device
def let_wait(due, position, calendar, n_waiting):
    """Let a row wait until step ``due``. calendar [length, room], n_waiting [length]."""
    bucket = due & np.int64(n_waiting.size - 1)
    calendar[bucket, n_waiting[bucket]] = np.uint32(position)
    n_waiting[bucket] += 1


@device
def first_wait(position, words):
    """Return the delay of the first segment of a row."""
    return np.int64(words[np.uint64(position) + np.uint64(WAIT)] >> np.uint32(WAIT_SHIFT))


@device
def room_for(t, n_new, n_waiting):
    """Return how many pointers one bucket may have to hold at the end of step ``t``."""
    most = np.int64(0)
    for bucket in range(n_waiting.size):
        most = max(most, n_waiting[bucket])
    return most + n_waiting[t & np.int64(n_waiting.size - 1)] + n_new


@kernel("i8(i8, u4[:,:], i4[:], i4[:], u4[:], u4[:], f4[:])")
def lay_out_plastic(position, segments, delay_of_column, back_of_column, pointers, words, weights):
    """Write the headers of all rows from ``position`` on; counts in ``segments`` become places.

    segments [rows, columns]: synapses of each axon and delay. pointers[row]: where the row begins,
    NO_ROW where it is empty. Returns the end, or -1 - n where n words are more than pointers reach.
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
            if position + N_HEADER + n > words.size:
                return -1 - (position + N_HEADER + n)
            if last_header < 0:
                pointers[row] = np.uint32(position)
            wait = np.int64(delay_of_column[column]) - waited
            words[position] = np.uint32(n)
            words[position + WAIT] = np.uint32(
                (wait << WAIT_SHIFT) | np.int64(back_of_column[column])
            )
            words[position + LAST] = np.uint32(0)
            words[position + NEXT] = np.uint32(0)
            for k in range(N_HEADER):
                weights[position + k] = np.float32(0.0)
            waited = np.int64(delay_of_column[column])
            last_header = position
            segments[row, column] = np.uint32(position + N_HEADER)
            position += N_HEADER + n
        if last_header >= 0:
            words[last_header] |= np.uint32(IS_LAST)
    return position


@kernel("i8(i8, i8, i4[:], u4[:], i4[:], u4[:,:], u2[:], i4[:], u4[:,:], u4[:], u4[:])")
def place_plastic(
    gid_start, target, counts, sources, page_of, pages, delays, column_of_delay, segments, words,
    places,
):  # fmt: skip
    """Write the targets of the synapses onto consecutive neurons from slot ``target`` on.

    counts[k]: synapses of the k-th neuron; the other arrays have one entry per synapse, neuron by
    neuron. places[i] gets the place of synapse i in ``words``.
    """
    i = np.int64(0)
    for k in range(counts.size):
        for _ in range(counts[k]):
            row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
            column = np.uint64(column_of_delay[np.int64(delays[i]) - 1])
            place = segments[row, column]
            words[np.uint64(place)] = np.uint32(target + k)
            places[i] = place
            segments[row, column] = np.uint32(place + np.uint32(1))
            i += 1
    return i


@kernel("i8(i8, u4[:], u4[:])")
def count_targets(first_slot, words, n_in):
    """n_in[slot - first_slot] += 1 for each synapse."""
    position = np.uint64(0)
    first = np.uint64(first_slot)
    while position < np.uint64(words.size):
        n = np.uint64(words[position] & np.uint32(N_MASK))
        start = position + np.uint64(N_HEADER)
        position = start + n
        for i in range(start, position):
            n_in[np.uint64(words[i]) - first] += np.uint32(1)
    return 0


@kernel("i8(i8, u4[:], u4[:], u4[:], u2[:], u4[:])")
def count_onto_cores(lid_bits, pointers, words, core_start, core, n_onto):
    """n_onto[k] += 1 for each synapse of an axon onto the core ``core[k]``.

    core[core_start[axon] : core_start[axon + 1]]: the local cores that an axon reaches, ascending.
    """
    for axon in range(pointers.size):
        if pointers[axon] == np.uint32(NO_ROW):
            continue
        position = np.uint64(pointers[axon])
        is_last = False
        while not is_last:
            is_last = (words[position] & np.uint32(IS_LAST)) != np.uint32(0)
            n = np.uint64(words[position] & np.uint32(N_MASK))
            start = position + np.uint64(N_HEADER)
            position = start + n
            k = np.int64(core_start[axon])
            for i in range(start, position):
                onto = np.int64(words[i]) >> lid_bits
                while np.int64(core[k]) < onto:
                    k += 1
                n_onto[k] += np.uint32(1)
    return 0


@kernel("i8(u4[:], u4[:], u4[:], u4[:], u2[:], u4[:])")
def list_synapses(pointers, words, axons, slots, delays, places):
    """List all synapses, row by row: axon, slot of the target, delay in steps, place in ``words``."""
    count = np.int64(0)
    for axon in range(pointers.size):
        if pointers[axon] == np.uint32(NO_ROW):
            continue
        position = np.uint64(pointers[axon])
        delay = np.uint32(0)
        is_last = False
        while not is_last:
            is_last = (words[position] & np.uint32(IS_LAST)) != np.uint32(0)
            n = np.uint64(words[position] & np.uint32(N_MASK))
            delay += words[position + np.uint64(WAIT)] >> np.uint32(WAIT_SHIFT)
            start = position + np.uint64(N_HEADER)
            position = start + n
            for i in range(start, position):
                axons[count] = np.uint32(axon)
                slots[count] = words[i]
                delays[count] = np.uint16(delay)
                places[count] = np.uint32(i)
                count += 1
    return count


@kernel("i8(i8, u4[:], u4[:], u4[:], u4[:], u4[:], u8[:])")
def digest_plastic(salt, pointers, words, axon_gids, gid_of_slot, bits, digest):
    """digest[0] += a mixed number for each synapse: ends, delay, and the bits of its variable."""
    total = digest[0]
    for axon in range(pointers.size):
        if pointers[axon] == np.uint32(NO_ROW):
            continue
        position = np.uint64(pointers[axon])
        source = np.uint64(axon_gids[axon]) << np.uint64(32)
        delay = np.uint32(0)
        is_last = False
        while not is_last:
            is_last = (words[position] & np.uint32(IS_LAST)) != np.uint32(0)
            n = np.uint64(words[position] & np.uint32(N_MASK))
            delay += words[position + np.uint64(WAIT)] >> np.uint32(WAIT_SHIFT)
            key = mixed(source + (np.uint64(salt) << np.uint64(16)) + np.uint64(delay))
            start = position + np.uint64(N_HEADER)
            position = start + n
            for i in range(start, position):
                target = np.uint64(gid_of_slot[np.uint64(words[i])]) << np.uint64(32)
                total += mixed(key ^ (target + np.uint64(bits[i])))
    digest[0] = total
    return 0


@kernel("i8(u4[:])")
def forget(words):
    """Set the marks of all segments to those of an axon that has not spiked yet."""
    position = np.uint64(0)
    while position < np.uint64(words.size):
        words[position + np.uint64(LAST)] = np.uint32(0)
        words[position + np.uint64(NEXT)] = np.uint32(0)
        position += np.uint64(N_HEADER) + np.uint64(words[position] & np.uint32(N_MASK))
    return 0
