"""Delivery: spikes -> rows of the synapse table -> input rings.

A rank's cores form groups of up to 2^c; a group has one ring of up to 65,536 int32 sums. A synapse
word is ``quanta << 16 | ring index``, the ring index is ``[fine delay | receptor | core | lid]``. A row
(all synapses of one axon in one group) is a chain of segments, one per coarse delay:

    header = wait << 19 | is_last << 18 | n,   then n words

``wait`` counts steps from the segment before (or from the step after the spike). A row whose next
segment is not due yet waits in the calendar: ``calendar[group, step mod length]`` holds pointers.
The sums are integers, so no order of arrival changes a bit of them.
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

LOOK_AHEAD = 6  # rows; the memory answers within the time of about six segments


@device
def ring_mask(ring):
    """Return the mask of an index into a ring: with several groups each has all 65,536 sums."""
    return np.uint32(min(ring.size, RING_SIZE) - 1)


@device
def add_segment(position, header, turn, ring_start, mask, words, ring):
    """Add the segment behind ``header`` to the ring of its group; return the position after it.

    ring[(index + turn) mod its size] += quanta, where ``turn`` moves slot 0 to the segment's step.
    """
    position += np.uint64(1)
    end = position + np.uint64(header & np.uint32(N_MASK))
    while position < end:
        word = words[position]
        index = np.uint32(np.uint32(word) + turn) & mask
        ring[np.uint64(ring_start + index)] += word >> 16
        position += np.uint64(1)
    return position


@device
def wait_for(due, group, position, calendar, n_waiting):
    """Let a row wait until step ``due``."""
    length = n_waiting.shape[1]
    bucket = due & np.int64(length - 1)
    calendar[group * length + bucket, n_waiting[group, bucket]] = np.uint32(position)
    n_waiting[group, bucket] += 1


@device
def follow_row(position, due, t, slot_shift, group, words, ring, calendar, n_waiting):
    """Add the segments of a row up to step ``t`` and let the rest wait.

    ``position`` points at a header whose wait counts from step ``due``.
    """
    ring_start, mask = np.uint32(group) * np.uint32(RING_SIZE), ring_mask(ring)
    while True:
        header = np.uint32(words[position])
        due += np.int64(header >> np.uint32(WAIT_SHIFT))
        if due > t:
            wait_for(due, group, position, calendar, n_waiting)
            return
        turn = np.uint32(np.uint64(due) << np.uint64(slot_shift))
        position = add_segment(position, header, turn, ring_start, mask, words, ring)
        if header & np.uint32(IS_LAST):
            return


@device
def continue_rows(t, slot_shift, group, words, ring, calendar, n_waiting):
    """Go on with every row that waited for step ``t``."""
    length = n_waiting.shape[1]
    bucket = t & np.int64(length - 1)
    n = n_waiting[group, bucket]
    n_waiting[group, bucket] = 0
    pointers = calendar[group * length + bucket]
    ring_start, mask = np.uint32(group) * np.uint32(RING_SIZE), ring_mask(ring)
    turn = np.uint32(np.uint64(t) << np.uint64(slot_shift))
    for i in range(n):
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
    """Return how many pointers one bucket may have to hold at the end of step ``t``."""
    bucket = t & np.int64(n_waiting.shape[1] - 1)
    most = np.int64(0)
    moving = np.int64(0)
    for group in range(n_waiting.shape[0]):
        moving = max(moving, n_waiting[group, bucket])
        for other in range(n_waiting.shape[1]):
            most = max(most, n_waiting[group, other])
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
    """Add to the rings all that is due at step ``t``.

    ``own_axons[:n_own]`` spiked on this rank at t - 1; ``received[:n_received]`` are packets of the
    batch that began at ``batch_start``. Shapes: row_pointers [groups, axons], ring [groups * its size],
    calendar [groups * length, room], n_waiting [groups, length]. Returns 0, or the room that the
    calendar needs: then nothing was changed and the caller comes back with a larger one.
    """
    room = room_needed(t, n_own + n_received, n_waiting)
    if room > calendar.shape[1]:
        return room
    for group in range(n_waiting.shape[0]):
        continue_rows(t, slot_shift, group, words, ring, calendar, n_waiting)
        pointers = row_pointers[group]
        for i in range(n_own):
            pointer = pointers[np.uint64(own_axons[i])]
            if pointer != np.uint32(NO_ROW):
                position = np.uint64(pointer)
                follow_row(position, t, t, slot_shift, group, words, ring, calendar, n_waiting)
        for i in range(n_received):
            packet = received[i]
            pointer = pointers[np.uint64(packet & np.uint32(AXON_MASK))]
            if pointer != np.uint32(NO_ROW):
                position = np.uint64(pointer)
                due = batch_start + np.int64(packet >> np.uint32(STEP_SHIFT)) + 1
                follow_row(position, due, t, slot_shift, group, words, ring, calendar, n_waiting)
    return 0
