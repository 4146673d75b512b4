"""Pooling: a neuron fires with the earliest spike of its map in its window, once per image."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.conv.layer import (
    BITS,
    FIRST,
    KERNEL,
    MAPS,
    N_BINS,
    PADDING,
    SILENT,
    WIDTH,
    X0,
    X1,
    Y0,
    Y1,
    place_of,
)
from distsnn.kernels.formats import STEP_SHIFT

SIZE, STRIDE = KERNEL, PADDING  # a pooling layer has them at these indices of its shape


@device
def first_window(at, size, stride):
    """Return the first window that contains row (column) ``at``; window i begins at i * stride."""
    return max(np.int64(0), (at - size + stride) // stride)


@device
def pool_spike(index, t, shape, panels, time):
    """Note bin t for the neurons whose window holds the spike, unless they have an earlier one."""
    m, size, stride = shape[MAPS], shape[SIZE], shape[STRIDE]
    c, y, x = place_of(index, shape)
    for j in range(panels.shape[0]):
        n_x = panels[j, X1] - panels[j, X0]
        # Windows i with i stride <= y < i stride + size.
        y_low = max(first_window(y, size, stride), panels[j, Y0])
        x_low = max(first_window(x, size, stride), panels[j, X0])
        for y_out in range(y_low, min(y // stride + 1, panels[j, Y1])):
            for x_out in range(x_low, min(x // stride + 1, panels[j, X1])):
                local = panels[j, FIRST] + (y_out - panels[j, Y0]) * n_x + x_out - panels[j, X0]
                time[local * m + c] = min(time[local * m + c], np.uint8(t))


@kernel("i8(i8, i8, i8[:], u4[:], i8[:], i8[:,:], u1[:], i8[:], u4[:])")
def run_pool(image, n_before, starts, arrived, shape, panels, time, counts, spikes):
    """Pool one image; append the spikes in order of bins, return the new number.

    time: bin of each neuron's spike, or SILENT. counts: room for T + 1 numbers.
    """
    n_bins, m = shape[N_BINS], shape[MAPS]
    for i in range(time.size):
        time[i] = np.uint8(SILENT)
    # Stage 1: earliest bin of each pooling neuron.
    for t in range(n_bins):
        slot = image * n_bins + t
        for s in range(starts[slot], starts[slot + 1]):
            pool_spike(np.int64(arrived[s]), t, shape, panels, time)
    # Sort by bin: count the spikes of each, add up where each bin starts, then write them.
    for t in range(n_bins + 1):
        counts[t] = 0
    for i in range(time.size):
        if time[i] != np.uint8(SILENT):
            counts[np.int64(time[i]) + 1] += 1
    counts[0] = n_before
    for t in range(n_bins):
        counts[t + 1] += counts[t]
    n = counts[n_bins]
    # A spike: bin (6) | 0 (1) | image, index (25).
    start = np.uint32(image) << np.uint32(shape[BITS])
    for j in range(panels.shape[0]):
        i = panels[j, FIRST] * m
        n_row = (panels[j, X1] - panels[j, X0]) * m
        for y in range(panels[j, Y0], panels[j, Y1]):
            first = (y * shape[WIDTH] + panels[j, X0]) * m
            for k in range(n_row):
                t = np.int64(time[i])
                if t != SILENT:
                    head = (np.uint32(t) << np.uint32(STEP_SHIFT)) | start
                    spikes[counts[t]] = head | np.uint32(first + k)
                    counts[t] += 1
                i += 1
    return n
