"""Lays out rows of plastic synapses and fills them. The bits of a row are in ``kernels/formats.py``."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.delivery.rows import row_of
from distsnn.kernels.formats import (
    NO_ROW,
    PLASTIC_HEADER,
    PLASTIC_IS_LAST,
    PLASTIC_MARK_1,
    PLASTIC_MARK_2,
    PLASTIC_WAIT,
    PLASTIC_WAIT_SHIFT,
)


@kernel("i8(i8, u4[:,:], i4[:], i4[:], u4[:], u4[:], f4[:])")
def lay_out_plastic(position, segments, delay_of_column, back_of_column, pointers, words, weights):
    """Write the headers of all rows from ``position`` on; counts in ``segments`` become positions.

    segments [rows, columns]: synapses of each axon and delay. pointers[row]: position of the row,
    NO_ROW if it is empty. Returns the end, or -1 - n if the rows need n words and there are fewer.
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
            if position + PLASTIC_HEADER + n > words.size:
                return -1 - (position + PLASTIC_HEADER + n)
            if last_header < 0:
                pointers[row] = np.uint32(position)
            # Header: number of synapses; wait | back; two marks. Its column entries are traces of 0.
            wait = np.int64(delay_of_column[column]) - waited
            words[position] = np.uint32(n)
            words[position + PLASTIC_WAIT] = np.uint32(
                (wait << PLASTIC_WAIT_SHIFT) | np.int64(back_of_column[column])
            )
            words[position + PLASTIC_MARK_1] = np.uint32(0)
            words[position + PLASTIC_MARK_2] = np.uint32(0)
            for k in range(PLASTIC_HEADER):
                weights[position + k] = np.float32(0.0)
            # The synapses of this axon and delay come behind the header.
            waited = np.int64(delay_of_column[column])
            last_header = position
            segments[row, column] = np.uint32(position + PLASTIC_HEADER)
            position += PLASTIC_HEADER + n
        if last_header >= 0:
            words[last_header] |= np.uint32(PLASTIC_IS_LAST)
    return position


@kernel("i8(i8, i8, i4[:], u4[:], i4[:], u4[:,:], u2[:], i4[:], u4[:,:], u4[:], u4[:])")
def place_plastic(
    gid_start, target, counts, sources, page_of, pages, delays, column_of_delay, segments, words,
    positions,
):  # fmt: skip
    """Write the targets of the synapses onto consecutive neurons, whose first slot is ``target``.

    counts[k]: synapses of the k-th neuron; the other arrays have one entry per synapse, neuron by
    neuron. positions[i] gets the index of synapse i in ``words``.
    """
    i = np.int64(0)
    for k in range(counts.size):
        for _ in range(counts[k]):
            # gid of the source -> row of its axon; delay in steps -> column.
            row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
            column = np.uint64(column_of_delay[np.int64(delays[i]) - 1])
            position = segments[row, column]
            words[np.uint64(position)] = np.uint32(target + k)
            positions[i] = position
            segments[row, column] = np.uint32(position + np.uint32(1))
            i += 1
    return i


@kernel("i8(i8, i8, i4[:], u4[:], i4[:], u4[:,:], u4[:], u4[:], f4[:])")
def number_multapses(
    first, gid_start, counts, sources, page_of, pages, last_target, n_of_target, numbers
):  # fmt: skip
    """numbers[i] = how many earlier synapses have the same source and target as synapse i.

    first: number of the first target, at least 1. page_of, pages: rows of the rank's axons by gid.
    last_target, n_of_target: uint32 [rows], scratch that is kept from call to call.
    """
    i = np.int64(0)
    for k in range(counts.size):
        target = np.uint32(first + k)
        for _ in range(counts[k]):
            row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
            # A new target of this axon: its multapses are numbered from 0 again.
            if last_target[row] != target:
                last_target[row] = target
                n_of_target[row] = np.uint32(0)
            numbers[i] = np.float32(n_of_target[row])
            n_of_target[row] += np.uint32(1)
            i += 1
    return 0
