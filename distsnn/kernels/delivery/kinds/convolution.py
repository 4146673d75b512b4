"""Synapses of a convolution, computed from its kernel, which a rank keeps once.

A source neuron (c, y, x) reaches the targets (o, v, u) of its group with

    y = v s_y - p_y + j d_y,   x = u s_x - p_x + i d_x

through the entry kernel[o, c, j, i]. The targets on the rank are kept as strips, runs of neighbours
within one row of one channel on one core, sorted by group and row v: for each row of the kernel the
strips of one row v are walked.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.delivery.computed import N_FACTS, computed_kernel
from distsnn.kernels.delivery.deliver import ring_mask

(
    HEIGHT, WIDTH, N_IN, N_OUT, KERNEL_ROWS, KERNEL_COLUMNS, STRIDE_Y, STRIDE_X, BEFORE_Y, BEFORE_X,
    DILATION_Y, DILATION_X, OUT_ROWS, OUT_COLUMNS,
) = range(N_FACTS, N_FACTS + 14)  # fmt: skip
# Columns of a strip: channel within its group, first column u and the one after the last, start of the
# ring of its core's group, ring index of its first neuron at slot 0 and lane 0.
CHANNEL, FIRST, END, RING_START, INDEX = range(5)


@device
def columns_that_see(x, facts, seen):
    """seen[:2 n] = (u, i) of the columns u that see x, each through entry i of a row; return n."""
    n = np.int64(0)
    for i in range(facts[KERNEL_COLUMNS]):
        # u s = x + p - i d
        place = x + facts[BEFORE_X] - i * facts[DILATION_X]
        if place >= 0 and place % facts[STRIDE_X] == 0:
            u = place // facts[STRIDE_X]
            if u < facts[OUT_COLUMNS]:
                seen[2 * n] = u
                seen[2 * n + 1] = i
                n += 1
    return n


@device
def add_strips(first_strip, end, first_word, n_seen, turn, facts, words, strips, seen, ring):
    """Add the weights of a row of the kernel to the strips that see the source through it."""
    mask, n_columns = ring_mask(ring), facts[KERNEL_COLUMNS]
    for k in range(np.uint64(first_strip), np.uint64(end)):
        low, high = np.int64(strips[k, FIRST]), np.int64(strips[k, END])
        ring_start = strips[k, RING_START]
        base = np.uint32(strips[k, INDEX] + turn - strips[k, FIRST])
        # words[channel c, row j, channel o, column i]
        at = first_word + np.int64(strips[k, CHANNEL]) * n_columns
        for m in range(n_seen):
            u = seen[2 * m]
            if low <= u and u < high:
                word = words[np.uint64(at + seen[2 * m + 1])]
                index = np.uint32(np.uint32(word) + base + np.uint32(u)) & mask
                ring[np.uint64(ring_start + index)] += word >> 16


@device
def add_convolved(source, turn, facts, words, strips, starts, seen, ring):
    """Add the weights of all synapses of a source neuron onto this rank."""
    # source = (c * height + y) * width + x
    line, x = source // facts[WIDTH], source % facts[WIDTH]
    c, y = line // facts[HEIGHT], line % facts[HEIGHT]
    n_seen = columns_that_see(x, facts, seen)
    if n_seen == 0:
        return
    n_rows, row_words = facts[KERNEL_ROWS], facts[N_OUT] * facts[KERNEL_COLUMNS]
    first_row = c // facts[N_IN] * facts[OUT_ROWS]
    for j in range(n_rows):
        # v s = y + p - j d
        place = y + facts[BEFORE_Y] - j * facts[DILATION_Y]
        if place < 0 or place % facts[STRIDE_Y] != 0:
            continue
        v = place // facts[STRIDE_Y]
        if v < facts[OUT_ROWS]:
            row = np.uint64(first_row + v)
            add_strips(starts[row], starts[row + np.uint64(1)], (c * n_rows + j) * row_words, n_seen,
                       turn, facts, words, strips, seen, ring)  # fmt: skip


deliver_convolution = computed_kernel(add_convolved)
