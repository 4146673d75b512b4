"""Exchanges the rows of an outbox through a window of memory that all ranks of a machine share.

The words of all rows of an outbox, one row after another, form the *stream* of a rank. Rows are given
as ``counts`` int64 [rows] and ``packets`` uint32 [rows, capacity], of which row k holds counts[k]
words. A stream that is too long for the memory is sent in several parts, one per round.

Each rank owns two regions of the window, for even and for odd rounds. Layout of a region, in words::

    0                   flag of the rank at the barrier of the round
    1 .. n_header - 1   offset of each row in the stream, then the length of the stream
    n_header ..         words first .. first + room - 1 of the stream
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.comm.barrier import FLAG_STRIDE
from distsnn.kernels.comm.packing import copy_words
from distsnn.kernels.compile.declare import kernel

# Offset of the table of rows in a region: a short table shares a cache line with the flag.
TABLE = 1

# State of a rank between rounds, int64 [7]: number of the round; first word of the part that it
# carries; whether any rank has a further part. Then the sizes in words: header of a region, room for
# a part, all regions of one parity, offset of this rank's region among them.
ROUND, FIRST, HAS_NEXT, N_HEADER, N_ROOM, N_HALF, OWN = range(7)


def new_state(n_header: int, n_room: int, n_half: int, own: int) -> np.ndarray:
    """Return the state of a rank before its first round, int64 [7], from the sizes above."""
    return np.array([0, 0, 0, n_header, n_room, n_half, own], dtype=np.int64)


@kernel("i8(i8[:], i8[:], u4[:,:], u4[:], u4[:], i8[:])")
def publish(state, counts, packets, window, more, sent):
    """Begin a round: write the table of rows and the next part of the stream to this rank's region.

    window: uint32 [2 * N_HALF]. more: uint32, one word for each parity, which a rank sets to the number
    of the round if its stream continues; a rank whose stream ends empties its rows. sent: int64
    [messages, words], counted up with the first part. Returns the number of words that remain.
    """
    state[FIRST] = state[FIRST] + state[N_ROOM] if state[HAS_NEXT] != 0 else np.int64(0)
    state[ROUND] += 1
    first = state[FIRST]
    last = first + state[N_ROOM]
    region = (state[ROUND] & 1) * state[N_HALF] + state[OWN]
    # word i of the stream is stored at data + i
    data = region + state[N_HEADER] - first
    table = region + TABLE
    start = np.int64(0)
    for k in range(counts.size):
        n = counts[k]
        window[table + k] = np.uint32(start)
        # the part of row k, [start, start + n), that lies in [first, last)
        begin = max(start, first)
        end = min(start + n, last)
        copy_words(end - begin, packets[k], begin - start, window, data + begin)
        start += n
        if first == 0 and n > 0:
            sent[0] += 1
            sent[1] += n
    window[table + counts.size] = np.uint32(start)
    if start > last:
        more[(state[ROUND] & 1) * FLAG_STRIDE] = np.uint32(state[ROUND])
        return start - last
    for k in range(counts.size):
        counts[k] = 0
    return 0


@kernel("i8(i8[:], i8[:], i8[:], u4[:], i8[:], u4[:])")
def collect(state, region, row, window, starts, inbox):
    """Copy the words that are meant for this rank from the regions of the sources to the inbox.

    region, row: int64 [sources], offset of a source's region and its row for this rank. starts: int64
    [sources + 1], where the words of each source begin in the inbox; written with the first part of the
    streams and read with the later ones. Returns the number of words of all parts together.
    """
    half = (state[ROUND] & 1) * state[N_HALF]
    first = state[FIRST]
    n_sources = region.size
    if first == 0:
        total = np.int64(0)
        for s in range(n_sources):
            entry = half + region[s] + TABLE + row[s]
            starts[s] = total
            total += np.int64(window[entry + 1]) - np.int64(window[entry])
        starts[n_sources] = total
    last = first + state[N_ROOM]
    for s in range(n_sources):
        if starts[s + 1] > starts[s]:
            base = half + region[s]
            entry = base + TABLE + row[s]
            start = np.int64(window[entry])
            # range of the source's row within this part
            begin = max(start, first)
            end = min(np.int64(window[entry + 1]), last)
            data = base + state[N_HEADER] - first
            copy_words(end - begin, window, data + begin, inbox, starts[s] + begin - start)
    return starts[n_sources]


@kernel("i8(i8[:], u4[:])")
def has_next_part(state, more):
    """Store and return whether the stream of any rank continues after the part of this round."""
    is_continued = more[(state[ROUND] & 1) * FLAG_STRIDE] == np.uint32(state[ROUND])
    state[HAS_NEXT] = np.int64(is_continued)
    return state[HAS_NEXT]
