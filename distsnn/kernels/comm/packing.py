"""Copies packets between outboxes, message buffers and inboxes.

Rows are given as ``counts`` int64 [rows] and ``packets`` uint32 [rows, capacity], of which row k holds
counts[k] words.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel


@device
def copy_words(n, source, source_at, target, target_at):
    """Copy n words, or none if n is negative."""
    # with unsigned indices there are no negative ones to wrap, and the loop vectorises
    first, to = np.uint64(source_at), np.uint64(target_at)
    for i in range(np.uint64(max(n, 0))):
        target[to + i] = source[first + i]


@kernel("i8(i8, i8[:], u4[:,:], u4[:,:], i8[:])")
def stage(own_row, counts, packets, eager, sent):
    """Fill the first message of each row: the number of words, then as many of them as fit.

    own_row: the row for this rank itself, which is not sent, or -1. eager: uint32 [rows, words], the
    first messages. sent: int64 [messages, words], counted up. Returns the number of rows that need a
    second message.
    """
    n_room = np.int64(eager.shape[1] - 1)
    n_long = np.int64(0)
    for k in range(counts.size):
        if k != own_row:
            n = counts[k]
            eager[k, 0] = np.uint32(n)
            copy_words(min(n, n_room), packets[k], 0, eager[k], 1)
            sent[0] += 1
            sent[1] += n_room + 1
            if n > n_room:
                n_long += 1
                sent[0] += 1
                sent[1] += n - n_room
    return n_long


@kernel("i8(i8, i8, i8[:], u4[:,:], u4[:,:], i8[:], u4[:], i8[:])")
def unstage(own_row, own_source, counts, packets, eager, starts, inbox, n_long):
    """Copy the first messages, and the row for this rank itself, to the inbox.

    eager: uint32 [sources, words], the first messages received. starts: int64 [sources + 1], set to
    where the words of each source begin in the inbox. n_long: int64 [1], set to the number of sources
    that send a second message. Returns the number of words, including those of second messages, for
    which room is left in the inbox.
    """
    n_room = np.int64(eager.shape[1] - 1)
    total = np.int64(0)
    n_long[0] = 0
    for s in range(eager.shape[0]):
        starts[s] = total
        if s == own_source:
            n = counts[own_row]
            copy_words(n, packets[own_row], 0, inbox, total)
        else:
            n = np.int64(eager[s, 0])
            copy_words(min(n, n_room), eager[s], 1, inbox, total)
            if n > n_room:
                n_long[0] += 1
        total += n
    starts[eager.shape[0]] = total
    return total


@kernel("i8(i8[:], i8[:], i8[:], u4[:,:], i8[:], u4[:,:])")
def pack_sections(member_start, member, counts, packets, row_counts, rows):
    """Join the rows of an outbox that share their next rank into one row, and empty the outbox.

    member_start: int64 [next ranks + 1], offsets into member: int64, rows of the outbox. rows: uint32
    [next ranks, words]; a row holds the lengths of its sections, then the sections. Returns the number
    of words.
    """
    total = np.int64(0)
    for k in range(rows.shape[0]):
        first = member_start[k]
        n_sections = member_start[k + 1] - first
        # row: length of each section | first section | second section | ...
        at = n_sections
        for j in range(n_sections):
            m = member[first + j]
            n = counts[m]
            rows[k, j] = np.uint32(n)
            copy_words(n, packets[m], 0, rows[k], at)
            at += n
            counts[m] = 0
        row_counts[k] = at
        total += at
    return total


@kernel("i8(i8[:], u4[:], i8[:], i8[:], i8[:], u4[:,:])")
def unpack_sections(starts, received, section_start, section_row, row_counts, rows):
    """Append the sections of received messages to the rows of the ranks that they go to next.

    starts: int64 [sources + 1], where each message begins in ``received``. section_start: int64
    [sources + 1], offsets into section_row: int64, the row of each section. Returns the number of
    words.
    """
    row_counts[:] = 0
    total = np.int64(0)
    for s in range(starts.size - 1):
        first = section_start[s]
        n_sections = section_start[s + 1] - first
        at = starts[s] + n_sections
        for j in range(n_sections):
            n = np.int64(received[starts[s] + j])
            row = section_row[first + j]
            copy_words(n, received, at, rows[row], row_counts[row])
            row_counts[row] += n
            at += n
            total += n
    return total
