"""Unsupervised learning of a convolution layer: which neurons learn, and how weights change.

While a layer learns, at most one neuron of a position fires (the one with the largest V - theta). The
spikes of an image are candidates. In the order (bin, V - theta descending, map, row, column), a
candidate becomes a winner if its map has not won in this image and no winner is within ``radius`` rows
and columns of it, until there are enough. For a winner at bin t, for each of its synapses,

    w += a_plus w (1 - w)    if the input came in a bin <= t
    w -= a_minus w (1 - w)   otherwise

and all copies of the kernel change alike. Source: Kheradpisheh et al. 2018, Neural Networks 99:56.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.conv.layer import (
    FIRST,
    KERNEL,
    MAPS,
    N_BINS,
    PADDING,
    SILENT,
    X0,
    X1,
    Y0,
    Y1,
    add_spike,
    begin_image,
    place_of,
    strongest,
)

# Columns of candidates; EXCESS is V - theta in quanta.
BIN, EXCESS, MAP, ROW, COLUMN = range(5)
ONE = 65536.0  # weight 1 in quanta


@device
def comes_before(a, b):
    """Return whether candidate a (a row) comes before candidate b."""
    if a[BIN] != b[BIN]:
        return a[BIN] < b[BIN]
    if a[EXCESS] != b[EXCESS]:
        return a[EXCESS] > b[EXCESS]
    if a[MAP] != b[MAP]:
        return a[MAP] < b[MAP]
    if a[ROW] != b[ROW]:
        return a[ROW] < b[ROW]
    return a[COLUMN] < b[COLUMN]


@device
def is_free(candidate, radius, n_winners, winners, candidates):
    """Return whether no winner keeps this candidate from learning."""
    for k in range(n_winners):
        other = candidates[np.int64(winners[k])]
        near_y = abs(candidate[ROW] - other[ROW]) <= radius
        near_x = abs(candidate[COLUMN] - other[COLUMN]) <= radius
        if candidate[MAP] == other[MAP] or (near_y and near_x):
            return False
    return True


@device
def add_winners(first, end, radius, n_winners, winners, candidates):
    """Choose winners among candidates[first:end], all of which are later than those before ``first``.

    winners: rows of candidates, filled up to its size. Returns the new number of winners.
    """
    # Selection, winner by winner: there are few.
    while n_winners < winners.size:
        best = np.int64(-1)
        for i in range(first, end):
            candidate = candidates[i]
            is_earlier = best < 0 or comes_before(candidate, candidates[best])
            if is_earlier and is_free(candidate, radius, n_winners, winners, candidates):
                best = np.int64(i)
        if best < 0:
            return n_winners
        winners[n_winners] = np.int32(best)
        n_winners += 1
    return n_winners


@kernel("i8(i8, i8, i4[:,:], i4[:])")
def choose_winners(n_candidates, radius, candidates, winners):
    """Choose among candidates[:n_candidates], in any order; return the number of winners."""
    return add_winners(np.int64(0), n_candidates, radius, np.int64(0), winners, candidates)


@device
def find_in_bin(
    t, min_inputs, n_before, shape, panels, theta, v, n_in, n_seen, inhibited, candidates
):
    """Append the spikes at the end of bin t to candidates[:n_before]; return the new number.

    A position is considered if it has had an input since it last was, and has not fired.
    """
    m, n = shape[MAPS], n_before
    for j in range(panels.shape[0]):
        local = panels[j, FIRST]
        for y in range(panels[j, Y0], panels[j, Y1]):
            for x in range(panels[j, X0], panels[j, X1]):
                if n_in[local] != n_seen[local] and n_in[local] >= min_inputs:
                    n_seen[local] = n_in[local]
                    if inhibited[local] == np.uint8(SILENT):
                        winner, excess = strongest(v[local * m : local * m + m], theta)
                        if excess >= np.int32(0):
                            inhibited[local] = np.uint8(t)
                            candidates[n, BIN] = np.int32(t)
                            candidates[n, EXCESS] = excess
                            candidates[n, MAP] = np.int32(winner)
                            candidates[n, ROW] = np.int32(y)
                            candidates[n, COLUMN] = np.int32(x)
                            n += 1
                local += 1
    return n


@kernel(
    "i8(i8, i8, i8, i8, i8, i8, i8[:], u4[:], i8[:], i8[:,:], i4[:], i4[:], i4[:], i4[:], i4[:], "
    "u1[:], i4[:], i4[:,:], i8[:])"
)
def find_candidates(
    image, first_bin, is_stopping, min_inputs, radius, n_before, starts, arrived, shape, panels, bank,
    theta, v, n_in, n_seen, inhibited, winners, candidates, reached,
):  # fmt: skip
    """Run one image from ``first_bin`` on; append this rank's spikes to candidates[:n_before].

    With is_stopping it stops after the bin in which the winners among its own candidates are
    complete. inhibited [positions]: bin of the position's spike, after which it cannot fire again, or
    SILENT. reached[0] = the bin after the last one that was run, reached[1] = number of own winners.
    Returns the new number of candidates.
    """
    # A later call goes on from the state at the end of an earlier one.
    if first_bin == 0:
        begin_image(v, n_in, n_seen)
        for i in range(inhibited.size):
            inhibited[i] = np.uint8(SILENT)
        reached[1] = 0
    n = n_before
    t = first_bin
    while t < shape[N_BINS] and not (is_stopping and reached[1] == winners.size):
        # Input spikes of bins 0 .. last_bin are one run of the sorted list.
        slot = image * shape[N_BINS] + t
        # V += w for all spikes of the bin, before any comparison.
        for s in range(starts[slot], starts[slot + 1]):
            add_spike(np.int64(arrived[s]), shape, panels, bank, v, n_in)
        first = n
        n = find_in_bin(
            t, min_inputs, first, shape, panels, theta, v, n_in, n_seen, inhibited, candidates
        )
        if is_stopping and n > first:
            reached[1] = add_winners(first, n, radius, reached[1], winners, candidates)
        t += 1
    reached[0] = t
    return n


@kernel("i8(i8, i8, i8, i8, i8[:], u4[:], i8[:], u1[:])")
def mark_pre_before_post(image, row, column, last_bin, starts, arrived, shape, mask):
    """mask [c * k * k + dy * k + dx] = 1 if the synapse had its input in a bin <= last_bin, else 0.

    For the neurons at row, column. Returns the number of such synapses.
    """
    k = shape[KERNEL]
    for i in range(mask.size):
        mask[i] = np.uint8(0)
    n = np.int64(0)
    slot = image * shape[N_BINS]
    for s in range(starts[slot], starts[slot + last_bin + 1]):
        c, y, x = place_of(np.int64(arrived[s]), shape)
        dy, dx = y + shape[PADDING] - row, x + shape[PADDING] - column
        # Within the window of the neuron: synapse (c, dy, dx).
        if 0 <= dy < k and 0 <= dx < k:
            mask[(c * k + dy) * k + dx] = np.uint8(1)
            n += 1
    return n


@kernel("i8(i8, u1[:], f4[:], i8[:], f4[:,:], i4[:])")
def update_map(winner, mask, rates, shape, weights, bank):
    """Let map ``winner`` learn. weights [maps, c * k * k]; bank: the same in quanta.

    mask: see ``mark_pre_before_post``. rates: a_plus, a_minus, and the smallest distance that weights
    keep from 0 and 1.
    """
    k, m = shape[KERNEL], shape[MAPS]
    one = np.float32(1.0)
    w = weights[winner]
    for i in range(w.size):
        change = w[i] * (one - w[i])  # w += a_plus w (1 - w), or w -= a_minus w (1 - w)
        change *= rates[0] if mask[i] != np.uint8(0) else -rates[1]
        w[i] = min(max(w[i] + change, rates[2]), one - rates[2])
    write_map(winner, k, m, w, bank)
    return 0


@device
def write_map(number, k, m, w, bank):
    """Write the weights of one map into the bank: columns from right to left, maps fastest."""
    for i in range(w.size):
        # w: [c, dy, dx]; row = c * k + dy. Quanta of 2^-16, rounded half up.
        row, dx = i // k, i % k
        bank[(row * k + k - 1 - dx) * m + number] = np.int32(
            w[i] * np.float32(ONE) + np.float32(0.5)
        )


@kernel("i8(i8[:], f4[:,:], i4[:])")
def write_bank(shape, weights, bank):
    """Write all maps into the bank."""
    for number in range(weights.shape[0]):
        write_map(number, shape[KERNEL], shape[MAPS], weights[number], bank)
    return 0
