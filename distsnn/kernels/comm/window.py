"""Rows of an outbox through memory that all ranks of a machine share, part after part.

The words of all rows of an outbox, one row after another, are its *stream*. Rows are given as
``counts`` int64 [rows] and ``packets`` uint32 [rows, capacity]; row k holds counts[k] words. Every rank
has two regions, used alternately; a region holds its flag, a table of rows, then the part
[first, first + room) of its rank's stream.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.comm.packing import copy_words
from distsnn.kernels.compile.declare import device, kernel

FLAG_STRIDE = 16  # words between flags that are written by different ranks: one cache line each
# Word of a region at which its table of rows begins: short tables share a cache line with the flag.
TABLE = 1

# State of a rank between rounds, int64: number of the round, first word of its part, whether the part
# before was not the last one; then the sizes: words of a table, room of a part, words of all regions
# of a round, offset of this rank's region in them.
ROUND, FIRST, HAS_NEXT, N_HEADER, N_ROOM, N_HALF, OWN = range(7)


def new_state(n_header: int, n_room: int, n_half: int, own: int) -> np.ndarray:
    """Return the state of a rank before its first round; see the sizes above."""
    return np.array([0, 0, 0, n_header, n_room, n_half, own], dtype=np.int64)


# State of a barrier, int64: number of the meeting, this rank, number of ranks; words between the flags
# of two ranks, and between those of even and of odd meetings.
PHASE, RANK, N_RANKS, RANK_STRIDE, PARITY_STRIDE = range(5)


def new_barrier(rank: int, n_ranks: int, stride: int = FLAG_STRIDE, odd: int = 0) -> np.ndarray:
    """Return the state of a barrier before the first meeting; see above."""
    return np.array([0, rank, n_ranks, stride, odd], dtype=np.int64)


@kernel("i8(i8[:], i8[:], u4[:,:], u4[:], u4[:], i8[:])")
def publish(state, counts, packets, window, more, sent):
    """Begin a round: write the next part of the stream into this rank's region.

    The region: a word for the flag, where each row starts in the stream, at last its length (N_HEADER
    words in all), then the part. A rank with more sets more[half of the round]; one without empties
    its rows. sent [messages, words] is counted up with the first part. Returns how many words remain.
    """
    state[FIRST] = state[FIRST] + state[N_ROOM] if state[HAS_NEXT] != 0 else np.int64(0)
    state[ROUND] += 1
    first = state[FIRST]
    last = first + state[N_ROOM]
    base = (state[ROUND] & 1) * state[N_HALF] + state[OWN]
    # region: flag | start of each row, then the length | words first .. last - 1 of the stream
    data = base + state[N_HEADER] - first
    base += TABLE
    start = np.int64(0)
    for k in range(counts.size):
        n = counts[k]
        window[base + k] = np.uint32(start)
        begin = max(start, first)
        end = min(start + n, last)
        copy_words(end - begin, packets[k], begin - start, window, data + begin)
        start += n
        if first == 0 and n > 0:
            sent[0] += 1
            sent[1] += n
    window[base + counts.size] = np.uint32(start)
    if start > last:
        more[(state[ROUND] & 1) * FLAG_STRIDE] = np.uint32(state[ROUND])
        return start - last
    for k in range(counts.size):
        counts[k] = 0
    return 0


@kernel("i8(i8[:], i8[:], i8[:], u4[:], i8[:], u4[:])")
def collect(state, region, row, window, starts, inbox):
    """Read the words that the sources have for this rank from shared memory.

    region, row: int64 [sources], where a source's regions begin and which of its rows is ours.
    starts: int64 [sources + 1], where each source's words begin in the inbox: set with the first
    part of the streams, used for the later ones. Returns the number of words of all parts together.
    """
    half = (state[ROUND] & 1) * state[N_HALF]
    first = state[FIRST]
    n_sources = region.size
    if first == 0:
        total = np.int64(0)
        for s in range(n_sources):
            base = half + region[s] + TABLE + row[s]
            starts[s] = total
            total += np.int64(window[base + 1]) - np.int64(window[base])
        starts[n_sources] = total
    # range of each source's row within this part
    last = first + state[N_ROOM]
    for s in range(n_sources):
        if starts[s + 1] > starts[s]:
            base = half + region[s]
            table = base + TABLE + row[s]
            start = np.int64(window[table])
            begin = max(start, first)
            end = min(np.int64(window[table + 1]), last)
            data = base + state[N_HEADER] - first
            copy_words(end - begin, window, data + begin, inbox, starts[s] + begin - start)
    return starts[n_sources]


@kernel("i8(i8[:], u4[:])")
def has_next_part(state, more):
    """Return and store whether any rank has words left after the part of this round."""
    has_more = more[(state[ROUND] & 1) * FLAG_STRIDE] == np.uint32(state[ROUND])
    state[HAS_NEXT] = np.int64(has_more)
    return state[HAS_NEXT]


# Words of a bell, one cache line each: in which even and in which odd meeting a rank last went to
# sleep, then which was last rung. See ``distsnn.comm.shared.futex.WakeUpWords``.
N_WAKE_UP_WORDS = 4 * FLAG_STRIDE


@device
def all_arrived(meeting, flags):
    """Return whether all ranks have come to this meeting (their numbers are modulo 2^32)."""
    number = np.uint32(meeting[PHASE])
    first = (meeting[PHASE] & 1) * meeting[PARITY_STRIDE]
    for r in range(meeting[N_RANKS]):
        if np.int32(flags[first + r * meeting[RANK_STRIDE]] - number) < np.int32(0):
            return 0
    return 1


@kernel("i8(i8[:], u4[:], u4[:])")
def arrive(meeting, flags, bell):
    """Set the flag of this rank at its next meeting; return 1 if it must wake sleeping ranks.

    A fence between the two would cost as much as all else here. Without one, a rank that goes to sleep
    at this very moment may be overlooked: it sleeps only briefly at first, see ``WakeUpWords``.
    """
    meeting[PHASE] += 1
    half = meeting[PHASE] & 1
    at = half * meeting[PARITY_STRIDE] + meeting[RANK] * meeting[RANK_STRIDE]
    flags[at] = np.uint32(meeting[PHASE])
    if bell[half * FLAG_STRIDE] != np.uint32(meeting[PHASE]):
        return 0
    return all_arrived(meeting, flags)


@kernel("i8(i8[:], u4[:])")
def have_all_arrived(meeting, flags):
    """Return whether all ranks have come to this meeting."""
    return all_arrived(meeting, flags)
