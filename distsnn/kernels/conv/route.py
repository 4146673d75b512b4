"""Spikes of a layer -> packets to the cores of the next, and what the mesh carries of them.

Both layers are cut into tiles, the next one at row_ends x column_ends. A spike goes once to each
core whose tile it reaches. The cores' turns on the physical fabrics begin anew with each image, so
that the packets of an image do not depend on the one before.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, FABRIC_MASK, FABRIC_SHIFT, STEP_SHIFT
from distsnn.kernels.mesh.link_loads import count_packet
from distsnn.kernels.numbers.mixing import mixed

HERE, NOWHERE = -1, -2  # slots of the own rank; of cores to which nothing is sent
SPIKES, SENT, RECEIVED, EVENTS = range(4)  # rows of per_core
IMAGE_SPIKES, IMAGE_PACKETS, IMAGE_EVENTS = range(3)  # columns of per_image


@device
def number_of_tile(at, ends):
    """Return the tile of a row (column): ends[i] <= at < ends[i + 1]."""
    low, high = np.int64(0), np.int64(ends.size - 1)
    while high - low > 1:
        middle = (low + high) // 2
        if ends[middle] <= at:
            low = middle
        else:
            high = middle
    return low


@device
def overlap(low, high, first, end):
    """Return how many of low .. high - 1 lie in first .. end - 1."""
    return min(high, np.int64(end)) - max(low, np.int64(first))


@device
def count_to(here, there, n_synapses, turn, differences, per_core):
    """Count one packet and its synaptic events; return the fabric that it took."""
    fabric = turn[here]
    turn[here] = (fabric + 1) % np.int64(differences.shape[0] // 4)
    count_packet(np.uint64(here), np.uint64(there), np.uint64(4 * fabric), differences)
    per_core[SENT, here] += 1
    per_core[RECEIVED, there] += 1
    per_core[EVENTS, there] += n_synapses
    return fabric


@kernel(
    "i8(i8, i8, i8, i8, u4[:], i8[:], i8[:], i4[:], i4[:,:], i4[:,:], i4[:], i4[:], i4[:], i4[:], "
    "i8[:], i8[:], i8[:], u4[:,:], u4[:], i4[:,:], i8[:,:], i8[:,:], u8[:])"
)
def route(
    n_spikes,
    salt,
    bits,
    counts_spikes,
    spikes,
    image_ids,
    shape,
    core_of_source,
    rows,
    columns,
    row_ends,
    column_ends,
    core_of_target,
    slot_of_core,
    turn,
    reached,
    out_counts,
    out_packets,
    own,
    differences,
    per_core,
    per_image,
    digest,
):
    """Turn spikes[:n_spikes] (in order of images) into packets; return the number for this rank.

    shape: maps and columns of the source layer, maps of the next. core_of_source [places].
    rows [height, 2], columns [width, 2]: rows and columns of the next layer that a source row
    (column) reaches. core_of_target [tiles]. slot_of_core [cores]: row of the outbox, HERE or
    NOWHERE. reached [slots + 1]: last spike sent there. bits: of an index; the rest of a spike's
    axon is the image in the batch. per_image [images of the batch, 3]. With
    counts_spikes (one link of a layer has it) spikes are counted, and the digest adds up a number
    for each, made of layer (salt), image (image_ids), neuron and bin.
    """
    maps, width, maps_out = shape[0], shape[1], shape[2]
    n_columns = np.int64(column_ends.size - 1)
    n_own = np.int64(0)
    image_before = np.int64(-1)
    for i in range(reached.size):
        reached[i] = -1
    for i in range(n_spikes):
        spike = spikes[i]
        axon = np.int64(spike & np.uint32(AXON_MASK))
        image = axon >> bits
        index = axon - (image << bits)
        if image != image_before:
            image_before = image
            for k in range(turn.size):
                turn[k] = 0
        place = index // maps
        y, x = place // width, place % width
        here = np.int64(core_of_source[place])
        if counts_spikes:
            per_core[SPIKES, here] += 1
            per_image[image, IMAGE_SPIKES] += 1
            late = np.uint64(spike >> np.uint32(STEP_SHIFT))
            key = mixed(np.uint64(salt + image_ids[image]))
            digest[0] += mixed(key ^ (np.uint64(index) | (late << np.uint64(40))))
        y_low, y_high = np.int64(rows[y, 0]), np.int64(rows[y, 1])
        x_low, x_high = np.int64(columns[x, 0]), np.int64(columns[x, 1])
        if y_low >= y_high or x_low >= x_high:
            continue
        tile_y = number_of_tile(y_low, row_ends)
        while tile_y + 1 < row_ends.size and np.int64(row_ends[tile_y]) < y_high:
            n_y = overlap(y_low, y_high, row_ends[tile_y], row_ends[tile_y + 1])
            tile_x = number_of_tile(x_low, column_ends)
            while tile_x < n_columns and np.int64(column_ends[tile_x]) < x_high:
                n_x = overlap(x_low, x_high, column_ends[tile_x], column_ends[tile_x + 1])
                n_synapses = n_y * n_x * maps_out
                if n_synapses > 0:
                    there = np.int64(core_of_target[tile_y * n_columns + tile_x])
                    fabric = count_to(here, there, n_synapses, turn, differences, per_core)
                    per_image[image, IMAGE_PACKETS] += 1
                    per_image[image, IMAGE_EVENTS] += n_synapses
                    slot = np.int64(slot_of_core[there])
                    if slot > NOWHERE and reached[slot + 1] != i:
                        reached[slot + 1] = i
                        if slot == HERE:
                            own[n_own] = spike
                            n_own += 1
                        else:
                            bit = np.uint32(fabric & FABRIC_MASK)
                            packet = spike | (bit << np.uint32(FABRIC_SHIFT))
                            out_packets[slot, out_counts[slot]] = packet
                            out_counts[slot] += 1
                tile_x += 1
            tile_y += 1
    return n_own
