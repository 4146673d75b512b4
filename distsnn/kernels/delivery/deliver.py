"""Delivery: spikes -> rows of the synapse table -> input rings.

The cores of a rank form groups of up to 2^c cores; a group has one ring of up to 65,536 int32 sums. A
synapse word is ``quanta << 16 | ring index``, the ring index is ``[fine delay | lane | core | lid]``. A
row (all synapses of one axon in one group) is a chain of segments, one per coarse delay:

    header = wait << 19 | is_last << 18 | n,   then n words

``wait`` is the number of steps after the previous segment (or after the step that follows the spike). A
row whose next segment is not yet due waits in the calendar, whose buckets hold pointers to headers:

    calendar[group * length + (due mod length)],   length: a power of 2 above longest wait + batch

Sums are integers, so they do not depend on the order of arrival.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.formats import (
    AXON_MASK,
    IS_LAST,
    N_MASK,
    NO_ROW,
    RING_SIZE,
    STEP_SHIFT,
    WAIT_SHIFT,
)

LOOK_AHEAD = 6  # rows to prefetch; memory latency is about the time of six segments


@device
def ring_mask(ring):
    """Return the mask of a ring index; with several groups, every ring has 65,536 sums."""
    return np.uint32(min(ring.size, RING_SIZE) - 1)


@device
def add_segment(position, header, turn, ring_start, mask, words, ring):
    """Add the segment behind ``header`` to the ring of its group; return the position after it.

    ring[(index + turn) mod its size] += quanta, where ``turn`` moves slot 0 to the segment's step.
    """
    # The header itself, then n words.
    position += np.uint64(1)
    end = position + np.uint64(header & np.uint32(N_MASK))
    while position < end:
        # word = quanta << 16 | ring index; adding ``turn`` advances the fine delay modulo the ring.
        word = words[position]
        index = np.uint32(np.uint32(word) + turn) & mask
        ring[np.uint64(ring_start + index)] += word >> 16
        position += np.uint64(1)
    return position


@device
def wait_for(due, group, position, calendar, n_waiting):
    """Put a row into the calendar bucket of step ``due``."""
    # The length is a power of 2: bucket = due mod length.
    length = n_waiting.shape[1]
    bucket = due & np.int64(length - 1)
    calendar[group * length + bucket, n_waiting[group, bucket]] = np.uint32(position)
    n_waiting[group, bucket] += 1


@device
def follow_row(position, due, t, slot_shift, group, words, ring, calendar, n_waiting):
    """Add the segments of a row that are due by step ``t``; put the rest into the calendar.

    position: index of a header whose wait counts from step ``due``.
    """
    ring_start, mask = np.uint32(group) * np.uint32(RING_SIZE), ring_mask(ring)
    while True:
        # header = wait << 19 | is_last << 18 | n
        header = np.uint32(words[position])
        due += np.int64(header >> np.uint32(WAIT_SHIFT))
        if due > t:
            wait_for(due, group, position, calendar, n_waiting)
            return
        # Slot 0 of the segment is the ring slot of step ``due``, which may be earlier than t.
        turn = np.uint32(np.uint64(due) << np.uint64(slot_shift))
        position = add_segment(position, header, turn, ring_start, mask, words, ring)
        if header & np.uint32(IS_LAST):
            return


@device
def continue_rows(t, slot_shift, group, words, ring, calendar, n_waiting):
    """Continue every row that waits for step ``t``."""
    length = n_waiting.shape[1]
    bucket = t & np.int64(length - 1)
    n = n_waiting[group, bucket]
    n_waiting[group, bucket] = 0  # rows that wait on go to other buckets
    pointers = calendar[group * length + bucket]
    ring_start, mask = np.uint32(group) * np.uint32(RING_SIZE), ring_mask(ring)
    turn = np.uint32(np.uint64(t) << np.uint64(slot_shift))
    for i in range(n):
        # Three cache lines (48 words) cover the header and most segments.
        if i + LOOK_AHEAD < n:
            ahead = np.uint64(pointers[i + LOOK_AHEAD])
            prefetch(words, ahead)
            prefetch(words, ahead + np.uint64(16))
            prefetch(words, ahead + np.uint64(32))
        position = np.uint64(pointers[i])
        header = np.uint32(words[position])
        position = add_segment(position, header, turn, ring_start, mask, words, ring)
        if not header & np.uint32(IS_LAST):
            follow_row(position, t, t, slot_shift, group, words, ring, calendar, n_waiting)


@device
def room_needed(t, n_new, n_waiting):
    """Return an upper bound of the pointers in one bucket at the end of step ``t``."""
    bucket = t & np.int64(n_waiting.shape[1] - 1)
    most = np.int64(0)
    moving = np.int64(0)
    for group in range(n_waiting.shape[0]):
        moving = max(moving, n_waiting[group, bucket])
        for other in range(n_waiting.shape[1]):
            most = max(most, n_waiting[group, other])
    # Fullest bucket + rows that leave this step's bucket for another + rows of new spikes.
    return most + moving + n_new


@kernel("i8(i8, i8, i8, i8, i8, u4[:], u4[:], u4[:,:], i4[:], i4[:], u4[:,:], i8[:,:])")
def deliver(
    t,
    batch_start,
    n_own,
    n_received,
    slot_shift,
    own_axons,
    received,
    row_pointers,
    words,
    ring,
    calendar,
    n_waiting,
):
    """Add all input that is due at step ``t`` to the rings.

    own_axons[:n_own]: axons that spiked on this rank at t - 1. received[:n_received]: packets of the
    batch that began at ``batch_start``. row_pointers [groups, axons]. ring [groups * sums of a ring].
    calendar [groups * length, room]. n_waiting [groups, length], rows in each bucket. Returns 0, or the
    room that the calendar needs; in that case nothing has been changed and the caller has to repeat
    the call with a larger calendar.
    """
    room = room_needed(t, n_own + n_received, n_waiting)
    if room > calendar.shape[1]:
        return room
    for group in range(n_waiting.shape[0]):
        # Stage 1: rows from the calendar.
        continue_rows(t, slot_shift, group, words, ring, calendar, n_waiting)
        pointers = row_pointers[group]
        # Stage 2: axons of this rank, whose waits count from step t.
        for i in range(n_own):
            pointer = pointers[np.uint64(own_axons[i])]
            if pointer != np.uint32(NO_ROW):
                position = np.uint64(pointer)
                follow_row(position, t, t, slot_shift, group, words, ring, calendar, n_waiting)
        # Stage 3: packets from other ranks, [step in batch | fabric | axon]; they may be late.
        for i in range(n_received):
            packet = received[i]
            pointer = pointers[np.uint64(packet & np.uint32(AXON_MASK))]
            if pointer != np.uint32(NO_ROW):
                position = np.uint64(pointer)
                due = batch_start + np.int64(packet >> np.uint32(STEP_SHIFT)) + 1
                follow_row(position, due, t, slot_shift, group, words, ring, calendar, n_waiting)
    return 0
