"""Read-out of a layer on a pooling grid: the features of a linear classifier.

A cell of the grid is a rectangle of positions. Per cell and map: ``add_spikes`` sums a value that
depends on each spike's bin, ``highest_potentials`` takes the largest potential.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.conv.layer import FIRST, MAPS, WIDTH, X0, X1, Y0, Y1
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT

LOWEST = -2147483648


@kernel("i8(i8, i8, i8, u4[:], i8[:], i4[:], i4[:], i4[:,:])")
def add_spikes(first, end, bits, spikes, shape, cell_of_position, values, features):
    """features[image, cell * maps + map] += values[bin] for spikes[first:end]."""
    m = shape[MAPS]
    mask = np.int64((1 << bits) - 1)
    for i in range(first, end):
        # axon field: image in batch | index of the neuron, the low ``bits`` bits
        axon = np.int64(spikes[i] & np.uint32(AXON_MASK))
        index = axon & mask
        column = np.int64(cell_of_position[index // m]) * m + index % m
        features[axon >> bits, column] += values[np.int64(spikes[i] >> np.uint32(STEP_SHIFT))]
    return 0


@kernel("i8(i8, i8[:], i8[:,:], i4[:], i4[:], i4[:,:])")
def highest_potentials(image, shape, panels, cell_of_position, v, features):
    """features[image, cell * maps + map] = max with the potentials of this rank's positions."""
    m = shape[MAPS]
    row = features[image]
    for j in range(panels.shape[0]):
        local = panels[j, FIRST]
        for y in range(panels[j, Y0], panels[j, Y1]):
            for x in range(panels[j, X0], panels[j, X1]):
                cell = np.int64(cell_of_position[y * shape[WIDTH] + x])
                # All maps of a position at once: max over the positions of a cell.
                out = row[cell * m : cell * m + m]
                potential = v[local * m : local * m + m]
                for i in range(m):
                    out[i] = max(out[i], potential[i])
                local += 1
    return 0
