"""Synapses of a convolution, computed from its kernel, which a rank keeps once.

A source neuron (c, y, x) reaches the targets (o, v, u) of its group with

    y = v s_y - p_y + j d_y,   x = u s_x - p_x + i d_x

through the entry kernel[o, c, j, i]. Entries along an axis are sorted by i mod (s / gcd(s, d)), so
that those through which one x is seen are neighbours; from one to the next u falls by d / gcd(s, d).
For each y and each x ``facts`` has

    (place v or u of the first of them, its position, their number, u where i = 0 would be seen)

The targets on the rank are kept as strips, runs of neighbours within one row of one channel on one
core, sorted by group and row v: for each row of the kernel the strips of one row v are walked.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.delivery.computed import N_FACTS, computed_kernel
from distsnn.kernels.delivery.deliver import ring_mask

HEIGHT, WIDTH, N_IN, OUT_ROWS, N_ROWS, ROW_WORDS, FALL_Y, FALL_X, SEEN = range(N_FACTS, N_FACTS + 9)
# Columns of what ``facts`` has from SEEN on, first for all y, then for all x.
PLACE, POSITION, NUMBER, ORIGIN, N_SEEN = range(5)
# Columns of a strip: place of its channel's words in a row, first column u and the one after the last,
# start of the ring of its core's group, ring index that column u = 0 would have at slot 0 and lane 0.
CHANNEL, FIRST, END, RING_START, INDEX = range(5)


@device
def add_strips(first_strip, end, first_word, seen, turn, facts, words, strips, ring):
    """Add the weights of a row of the kernel to the strips that see the source through it."""
    mask, n, fall = ring_mask(ring), facts[seen + NUMBER], facts[FALL_X]
    u_first = facts[seen + PLACE]
    u_last = u_first - (n - 1) * fall
    turn += np.uint32(facts[seen + ORIGIN])
    for k in range(np.uint64(first_strip), np.uint64(end)):
        low, high = np.int64(strips[k, FIRST]), np.int64(strips[k, END])
        ring_start, base = strips[k, RING_START], np.uint32(strips[k, INDEX] + turn)
        # words[channel c, row j, channel o, column i]
        at = first_word + np.int64(strips[k, CHANNEL])
        if low <= u_last and u_first < high:
            for m in range(n):
                word = words[np.uint64(at + m)]
                index = np.uint32(np.uint32(word) + base) & mask
                ring[np.uint64(ring_start + index)] += word >> 16
        elif low <= u_first and u_last < high:
            for m in range(n):
                u = u_first - m * fall
                if low <= u and u < high:
                    word = words[np.uint64(at + m)]
                    index = np.uint32(np.uint32(word) + base) & mask
                    ring[np.uint64(ring_start + index)] += word >> 16


@device
def add_convolved(source, turn, facts, words, strips, starts, ring):
    """Add the weights of all synapses of a source neuron onto this rank."""
    # source = (c * height + y) * width + x
    line, x = source // facts[WIDTH], source % facts[WIDTH]
    c, y = line // facts[HEIGHT], line % facts[HEIGHT]
    rows = SEEN + y * N_SEEN
    columns = SEEN + (facts[HEIGHT] + x) * N_SEEN
    if facts[columns + NUMBER] == 0:
        return
    first_row = c // facts[N_IN] * facts[OUT_ROWS]
    first_word = (c * facts[N_ROWS] + facts[rows + POSITION]) * facts[ROW_WORDS]
    first_word += facts[columns + POSITION]
    for m in range(facts[rows + NUMBER]):
        row = np.uint64(first_row + facts[rows + PLACE] - m * facts[FALL_Y])
        add_strips(starts[row], starts[row + np.uint64(1)], first_word + m * facts[ROW_WORDS],
                   columns, turn, facts, words, strips, ring)  # fmt: skip


deliver_convolution = computed_kernel(add_convolved)
