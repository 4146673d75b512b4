"""Spikes of a layer -> packets to the cores of the next, and counters; packets -> sorted spikes.

Both layers are cut into patches, the next one at row_ends x column_ends. A spike is sent once to each
core whose patch it reaches. A core's packets take the physical fabrics in rotation, starting with
fabric 0 for each image, so that the packets of an image do not depend on the image before.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, FABRIC_MASK, FABRIC_SHIFT, STEP_SHIFT
from distsnn.kernels.mesh.counters import EVENTS, RECEIVED, SENT
from distsnn.kernels.mesh.link_loads import count_packet
from distsnn.kernels.numbers.mixing import mixed

HERE, NOWHERE = -1, -2  # slots of the own rank; of cores to which nothing is sent
IMAGE_SPIKES, IMAGE_PACKETS, IMAGE_EVENTS = range(3)  # columns of per_image
BIN_SHIFT = 40  # of a spike's word in the digest: bin | index of the neuron


@device
def number_of_patch(at, ends):
    """Return the patch of a row (column): ends[i] <= at < ends[i + 1]."""
    # Bisection.
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
    """Return how many of low .. high - 1 are in first .. end - 1."""
    return min(high, np.int64(end)) - max(low, np.int64(first))


@device
def count_spike(spike, index, key, here, of_image, spikes_of_core, digest):
    """Count a spike of its core and image, and add it to the digest under the image's key."""
    spikes_of_core[here] += 1
    of_image[IMAGE_SPIKES] += 1
    # digest += mix(mix(key) xor (bin << 40 | neuron)): a sum, so the order does not matter.
    t = np.uint64(spike >> np.uint32(STEP_SHIFT))
    digest[0] += mixed(mixed(np.uint64(key)) ^ (np.uint64(index) | (t << np.uint64(BIN_SHIFT))))


@device
def count_to(here, there, n_synapses, turn, differences, per_core, of_image):
    """Count one packet and its synaptic events; return the fabric that it took."""
    # Fabrics in rotation, for each sending core.
    fabric = turn[here]
    turn[here] = (fabric + 1) % np.int64(differences.shape[0] // 4)
    count_packet(np.uint64(here), np.uint64(there), np.uint64(4 * fabric), differences)
    per_core[SENT, here] += 1
    per_core[RECEIVED, there] += 1
    per_core[EVENTS, there] += n_synapses
    of_image[IMAGE_PACKETS] += 1
    of_image[IMAGE_EVENTS] += n_synapses
    return fabric


@device
def put_out(spike, fabric, slot, out_counts, out_packets):
    """Append a packet to a row of the outbox: bin (6) | fabric (1) | image, index (25)."""
    bit = np.uint32(fabric & FABRIC_MASK)
    out_packets[slot, out_counts[slot]] = spike | (bit << np.uint32(FABRIC_SHIFT))
    out_counts[slot] += 1


@kernel(
    "i8(i8, i8, i8, i8, u4[:], i8[:], i8[:], i4[:], i4[:,:], i4[:,:], i4[:], i4[:], i4[:], i4[:], "
    "i8[:], i8[:], i8[:], u4[:,:], u4[:], i4[:,:], i8[:,:], i8[:], i8[:,:], u8[:])"
)
def send_spikes(
    n_spikes, salt, bits, counts_spikes, spikes, image_ids, shape, core_of_source, rows, columns,
    row_ends, column_ends, core_of_target, slot_of_core, turn, reached, out_counts, out_packets, own,
    differences, per_core, spikes_of_core, per_image, digest,
):  # fmt: skip
    """Turn spikes[:n_spikes] (in order of images) into packets; return the number for this rank.

    bits: of a neuron's index; the image in the batch is above it. shape: maps and columns of the
    source, maps of the target. core_of_source [positions]. rows [height, 2], columns [width, 2]: rows
    and columns of the target that a source row (column) reaches. core_of_target [patches].
    slot_of_core [cores]: row of the outbox, HERE or NOWHERE. reached [slots + 1]: last spike sent
    there. per_core [N_COUNTERS, cores]. spikes_of_core [cores]. per_image [images, 3]. With
    counts_spikes (one connection of a layer) spikes are counted, and the digest adds up a number for
    each: layer (salt), image (image_ids), neuron and bin.
    """
    n_maps, width, n_columns = shape[0], shape[1], np.int64(column_ends.size - 1)
    n_own, image_before = np.int64(0), np.int64(-1)
    reached[:] = -1
    for i in range(n_spikes):
        spike = spikes[i]
        axon = np.int64(spike & np.uint32(AXON_MASK))
        image, index = axon >> bits, axon & ((np.int64(1) << bits) - 1)
        # New image: all cores begin with fabric 0.
        if image != image_before:
            image_before = image
            turn[:] = 0
        position, of_image = index // n_maps, per_image[image]
        here = np.int64(core_of_source[position])
        if counts_spikes:
            key = salt + image_ids[image]
            count_spike(spike, index, key, here, of_image, spikes_of_core, digest)
        y, x = position // width, position % width
        # Rectangle of target positions that the spike reaches.
        y_low, y_high = np.int64(rows[y, 0]), np.int64(rows[y, 1])
        x_low, x_high = np.int64(columns[x, 0]), np.int64(columns[x, 1])
        if y_low >= y_high or x_low >= x_high:
            continue
        # All patches that share a row and a column with the rectangle that the spike reaches.
        patch_y = number_of_patch(y_low, row_ends)
        while patch_y + 1 < row_ends.size and np.int64(row_ends[patch_y]) < y_high:
            n_y = overlap(y_low, y_high, row_ends[patch_y], row_ends[patch_y + 1])
            patch_x = number_of_patch(x_low, column_ends)
            while patch_x < n_columns and np.int64(column_ends[patch_x]) < x_high:
                n_x = overlap(x_low, x_high, column_ends[patch_x], column_ends[patch_x + 1])
                if n_y * n_x > 0:  # pooled patches can be empty
                    there = np.int64(core_of_target[patch_y * n_columns + patch_x])
                    events = n_y * n_x * shape[2]
                    fabric = count_to(here, there, events, turn, differences, per_core, of_image)
                    slot = np.int64(slot_of_core[there])
                    if slot > NOWHERE and reached[slot + 1] != i:  # once per rank
                        reached[slot + 1] = i
                        if slot == HERE:
                            own[n_own] = spike
                            n_own += 1
                        else:
                            put_out(spike, fabric, slot, out_counts, out_packets)
                patch_x += 1
            patch_y += 1
    return n_own


@device
def slot_of(packet, index_bits, n_bins):
    """Return image * n_bins + bin of a packet."""
    image = np.int64((packet & np.uint32(AXON_MASK)) >> np.uint32(index_bits))
    return image * n_bins + np.int64(packet >> np.uint32(STEP_SHIFT))


@device
def write_packets(n, index_bits, n_bins, packets, starts, spikes):
    """Write packets[:n] to their slots; starts[slot + 1] is the index of the slot's next one."""
    mask = (np.uint32(1) << np.uint32(index_bits)) - np.uint32(1)
    for i in range(n):
        slot = slot_of(packets[i], index_bits, n_bins)
        at = starts[slot + 1]
        starts[slot + 1] = at + 1
        spikes[at] = packets[i] & mask


@kernel("i8(i8, i8, i8, i8, i8, u4[:], u4[:], i8[:], u4[:])")
def sort_packets(n_own, n_received, n_images, n_bins, index_bits, own, received, starts, spikes):
    """Sort packets by image and bin.

    spikes[starts[s] : starts[s + 1]], s = image * n_bins + bin: indices of the spikes, own ones
    first. Returns their number.
    """
    n_slots = n_images * n_bins
    # Counts are kept two slots ahead: after the sums, starts[slot + 1] is the start of the slot; after
    # all packets have been written, it is its end, the start of the next.
    for slot in range(n_slots + 2):
        starts[slot] = 0
    for i in range(n_own):
        starts[slot_of(own[i], index_bits, n_bins) + 2] += 1
    for i in range(n_received):
        starts[slot_of(received[i], index_bits, n_bins) + 2] += 1
    for slot in range(n_slots):
        starts[slot + 2] += starts[slot + 1]
    write_packets(n_own, index_bits, n_bins, own, starts, spikes)
    write_packets(n_received, index_bits, n_bins, received, starts, spikes)
    return n_own + n_received
