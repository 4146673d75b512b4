"""Reads rows of plastic synapses and adds their weights to the rings, inside other kernels.

The bits of a row are in ``kernels/formats.py``. ``position``: index of a segment's header in the words,
uint64. ``parameters``: int64, whole numbers that a kernel reads; the first ones are common to all
families.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.delivery.deliver import ring_mask
from distsnn.kernels.formats import (
    PLASTIC_BACK_MASK,
    PLASTIC_HEADER,
    PLASTIC_IS_LAST,
    PLASTIC_N_MASK,
    PLASTIC_WAIT,
    PLASTIC_WAIT_SHIFT,
    RING_BITS,
)

# Entries of the parameters: slot of the first target neuron; bits of a neuron's index within its
# group of cores; index of the receptor's sums in a ring; bits by which a step is shifted in a ring's
# index.
FIRST_SLOT, CORE_BITS, INDEX_START, SLOT_SHIFT = range(4)
RING_PARAMETERS = (CORE_BITS, INDEX_START, SLOT_SHIFT)
N_ROW_PARAMETERS = 4
# Entries of the scale: quanta of a change of u by 1; quanta at u = 0; size of a reward.
SCALE, OFFSET, REWARD = range(3)
N_SCALES = 3


@device
def is_last(position, words):
    """Return whether a segment is the last of its row."""
    return (words[position] & np.uint32(PLASTIC_IS_LAST)) != np.uint32(0)


@device
def first_synapse(position):
    """Return the index of a segment's first synapse."""
    return np.uint64(position) + np.uint64(PLASTIC_HEADER)


@device
def end_of(position, words):
    """Return the index behind a segment's last synapse, where the next segment begins."""
    n = np.uint64(words[position] & np.uint32(PLASTIC_N_MASK))
    return np.uint64(position) + np.uint64(PLASTIC_HEADER) + n


@device
def wait_of(position, words):
    """Return the steps from the segment before, or from the spike, to this segment, int64."""
    word = words[np.uint64(position) + np.uint64(PLASTIC_WAIT)]
    return np.int64(word >> np.uint32(PLASTIC_WAIT_SHIFT))


@device
def back_of(position, words):
    """Return the part of the delay between synapse and soma in steps, int64."""
    word = words[position + np.uint64(PLASTIC_WAIT)]
    return np.int64(word & np.uint32(PLASTIC_BACK_MASK))


@device
def ring_start(t, parameters, ring):
    """Return the index in the first ring at which the receptor's inputs of step ``t`` begin."""
    # Index in a ring: fine delay | lane | core in group | neuron
    turned = (np.uint64(t) << np.uint64(parameters[SLOT_SHIFT])) & np.uint64(ring_mask(ring))
    return np.uint64(parameters[INDEX_START]) + turned


@device
def ring_offset(slot, core_bits):
    """Return how far a neuron's sum is from that of slot 0.

    slot: group of cores | index within the group (core_bits). Each group has a ring of its own.
    """
    # slot = group << core_bits | inside;  offset = group << RING_BITS | inside
    inside = slot & ((np.uint64(1) << core_bits) - np.uint64(1))
    return ((slot >> core_bits) << np.uint64(RING_BITS)) + inside


@device
def quanta_of(u, scale):
    """Return a weight as the nearest whole number of quanta, int32."""
    # quanta = floor(SCALE u + OFFSET + 1/2)
    return np.int32(np.floor(u * scale[SCALE] + scale[OFFSET] + np.float32(0.5)))
