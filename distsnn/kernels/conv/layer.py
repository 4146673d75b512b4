"""A convolution layer of integrate-and-fire neurons, image by image, spike by spike.

    V[m, y, x] += w[m, y_in + p - y, x_in + p - x, c]     for a spike of channel c at (y_in, x_in)

There is no leak. All spikes of a bin arrive in one step, and V is compared with the threshold at its
end. A neuron fires at most once per image; its potential keeps integrating. With inhibition at most
one neuron of a position fires: the one with the largest V - theta; the first map wins a tie.

A rank owns rectangles of positions, the panels: rows y0 <= y < y1, columns x0 <= x < x1, numbered
from ``first`` in the order (y, x). The kernels of all maps are one bank, int32 quanta
[c, dy, k - 1 - dx, m]: maps are the fastest axis and columns are reversed, so that one row of a kernel
over all maps is a contiguous run of weights and of potentials. The sums are integers: they do not
depend on the order.

Source: Kheradpisheh et al. 2018, Neural Networks 99:56.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import STEP_SHIFT

SILENT = 255  # time of a neuron that has not fired
# A layer's shape: the source's maps and width, the layer's own, bins, bits of their indices.
MAPS_IN, WIDTH_IN, KERNEL, PADDING, MAPS, WIDTH, N_BINS, SOURCE_BITS, BITS = range(9)
N_SHAPE = 9
Y0, Y1, X0, X1, FIRST = range(5)  # columns of panels


@device
def place_of(index, shape):
    """Return channel, row and column of a spike of the source: index = (y * width + x) * maps + c."""
    position = index // shape[MAPS_IN]
    return index % shape[MAPS_IN], position // shape[WIDTH_IN], position % shape[WIDTH_IN]


@device
def add_spike(index, shape, panels, bank, v, n_in):
    """Add one spike to all potentials that it reaches, and to the counts n_in of their positions."""
    k, m = shape[KERNEL], shape[MAPS]
    c, y, x = place_of(index, shape)
    y += shape[PADDING]
    x += shape[PADDING]
    for j in range(panels.shape[0]):
        # Outputs that the kernel reaches: y - k + 1 .. y, within the panel.
        y_low, y_high = max(y - k + 1, panels[j, Y0]), min(y + 1, panels[j, Y1])
        x_low, x_high = max(x - k + 1, panels[j, X0]), min(x + 1, panels[j, X1])
        if y_low >= y_high or x_low >= x_high:
            continue
        n_x = panels[j, X1] - panels[j, X0]
        n = (x_high - x_low) * m  # neurons of a row of positions, in one run
        for y_out in range(y_low, y_high):
            here = panels[j, FIRST] + (y_out - panels[j, Y0]) * n_x + x_low - panels[j, X0]
            # dy = y - y_out, dx = x - x_low: columns are reversed, so x_out + 1 has the next weight.
            there = ((c * k + y - y_out) * k + k - 1 - (x - x_low)) * m
            potential = v[here * m : here * m + n]
            weight = bank[there : there + n]
            for i in range(n):
                potential[i] += weight[i]
            for i in range(here, here + x_high - x_low):
                n_in[i] += np.int32(1)


@device
def begin_image(v, n_in, n_seen):
    """Set all potentials and counts to zero."""
    for i in range(v.size):
        v[i] = np.int32(0)
    for i in range(n_in.size):
        n_in[i] = np.int32(0)
        n_seen[i] = np.int32(0)


@device
def find_hits(potential, theta, time, hit):
    """hit[i] = neuron i has reached its threshold and has not fired yet."""
    for i in range(theta.size):
        is_new = np.uint8(time[i] == np.uint8(SILENT))
        hit[i] = np.uint8(potential[i] >= theta[i]) & is_new


@device
def fire_free(first, n_before, head, local, shape, theta, v, time, hit, spikes):
    """Append the spikes of one position; return the new number.

    first: index of the position's first neuron in the layer; head: bin and image of a spike.
    """
    m = shape[MAPS]
    a = local * m
    own_time = time[a : a + m]
    find_hits(v[a : a + m], theta, own_time, hit)
    words = hit.view(np.uint64)  # 8 neurons at a time: nearly all are 0
    n = n_before
    for w in range(words.size):
        if words[w] != np.uint64(0):
            for i in range(8 * w, 8 * w + 8):
                if hit[i] != np.uint8(0):
                    own_time[i] = np.uint8(head >> np.uint32(STEP_SHIFT))
                    spikes[n] = head | np.uint32(first + i)
                    n += 1
    return n


@device
def strongest(potential, theta):
    """Return (map, V - theta) of the neuron of a position that is furthest above its threshold."""
    # Two passes: the maximum as a vector operation, then the first map that has it.
    most = np.int32(-2147483648)
    for i in range(theta.size):
        most = max(most, potential[i] - theta[i])
    winner = np.int64(0)
    if most >= np.int32(0):
        while potential[winner] - theta[winner] != most:
            winner += 1
    return winner, most


@kernel(
    "i8(i8, i8, i8, i8, i8[:], u4[:], i8[:], i8[:,:], i4[:], i4[:], i4[:], i4[:], i4[:], u1[:], "
    "u1[:], u4[:])"
)
def run_layer(
    image, is_inhibited, min_inputs, n_before, starts, arrived, shape, panels, bank, theta, v, n_in,
    n_seen, time, hit, spikes,
):  # fmt: skip
    """Run one image of the batch; append its spikes to spikes[:n_before], return the new number.

    arrived[starts[image * T + t] : ...]: indices of the spikes that arrive in bin t. min_inputs: fewest
    input spikes with which a neuron can fire; more than there are: none fires. n_in, n_seen
    [positions]: input spikes, and those when the threshold was last compared. time: bin of each
    neuron's spike, or SILENT; with inhibition the first map's entry is that of the whole position. A
    spike: bin (6) | 0 (1) | image, index (25). Order of spikes: bin, panel, row, column, map.
    """
    begin_image(v, n_in, n_seen)
    for i in range(time.size):
        time[i] = np.uint8(SILENT)
    m = shape[MAPS]
    n = n_before
    start = np.uint32(image) << np.uint32(shape[BITS])
    for t in range(shape[N_BINS]):
        slot = image * shape[N_BINS] + t
        if starts[slot] == starts[slot + 1]:
            continue
        # All spikes of the bin arrive.
        for s in range(starts[slot], starts[slot + 1]):
            add_spike(np.int64(arrived[s]), shape, panels, bank, v, n_in)
        # Then positions that have had an input are compared with the thresholds.
        head = (np.uint32(t) << np.uint32(STEP_SHIFT)) | start
        for j in range(panels.shape[0]):
            local = panels[j, FIRST]
            for y in range(panels[j, Y0], panels[j, Y1]):
                first = (y * shape[WIDTH] + panels[j, X0]) * m
                for _ in range(panels[j, X0], panels[j, X1]):
                    if n_in[local] != n_seen[local] and n_in[local] >= min_inputs:
                        n_seen[local] = n_in[local]
                        if not is_inhibited:
                            n = fire_free(first, n, head, local, shape, theta, v, time, hit, spikes)
                        elif time[local * m] == np.uint8(SILENT):
                            winner, most = strongest(v[local * m : local * m + m], theta)
                            if most >= np.int32(0):
                                time[local * m] = np.uint8(t)
                                spikes[n] = head | np.uint32(first + winner)
                                n += 1
                    local += 1
                    first += m
    return n
