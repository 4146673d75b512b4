"""Levels of inputs over time, for the neurons of many stimuli at once.

An entry is a neuron of a stimulus, at its position among the stimulus's neurons; the entries 2j and
2j + 1 are a block, a pair of positions. A row is a stimulus: its entries and the levels that it has
over time. Level k of a row holds from step edges[k] on, and is 0 before the first edge.

Entries of all stimuli lie one after the other, and loops run over ``CHUNK`` of them, so that the time
of a step depends on the number of entries alone, not on the number of stimuli. What is derived from
levels is valid for the steps limits[0] .. limits[1] - 1 and derived again outside, so that a step
depends on its number alone.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device

CHUNK = 512  # entries
# Columns of a row: entries, edges, first level, levels per edge (one for all entries, or one each),
# edge whose levels are in use.
FIRST_ENTRY, END_ENTRY, FIRST_EDGE, END_EDGE, FIRST_LEVEL, WIDTH, NOW = range(7)
N_ROW_COLUMNS = 7
UNKNOWN = -2  # as NOW
BEFORE_ALL, AFTER_ALL = -(2**62), 2**62


@device
def edge_of_row(t, row, rows, edges, limits):
    """Return the last edge of a row at or before step t, its first less 1 if there is none.

    limits is narrowed to the steps for which that holds.
    """
    first, end = rows[row, FIRST_EDGE], rows[row, END_EDGE]
    while first < end:
        middle = (first + end) >> 1
        if edges[middle] <= t:
            first = middle + 1
        else:
            end = middle
    if first > rows[row, FIRST_EDGE]:
        limits[0] = max(limits[0], edges[first - 1])
    if first < rows[row, END_EDGE]:
        limits[1] = min(limits[1], edges[first])
    return first - 1


@device
def is_any(chunk, values):
    """Return 1 if any entry of a chunk has a value other than 0, else 0."""
    for i in range(chunk * CHUNK, min((chunk + 1) * CHUNK, values.size)):
        if values[i] != 0.0:
            return np.uint8(1)
    return np.uint8(0)


@device
def refresh_levels(t, rows, edges, levels, limits, level, is_active):
    """Set level [entries] to what it is at step t, and the flags of the chunks."""
    limits[0], limits[1] = BEFORE_ALL, AFTER_ALL
    for row in range(rows.shape[0]):
        edge = edge_of_row(t, row, rows, edges, limits)
        if edge == rows[row, NOW]:
            continue
        rows[row, NOW] = edge
        first, end, width = rows[row, FIRST_ENTRY], rows[row, END_ENTRY], rows[row, WIDTH]
        step = np.int64(width > 1)
        at = rows[row, FIRST_LEVEL] + (edge - rows[row, FIRST_EDGE]) * width
        for i in range(first, end):
            is_before = edge < rows[row, FIRST_EDGE]
            level[i] = 0.0 if is_before else levels[at + (i - first) * step]
        for chunk in range(first // CHUNK, (end + CHUNK - 1) // CHUNK):
            is_active[chunk] = is_any(chunk, level)
