"""Packets of a batch of images -> spikes by image and bin."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT


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
