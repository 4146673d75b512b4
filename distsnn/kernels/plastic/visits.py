"""Kernels over all rows of plastic synapses: counts, lists, digests, and the reset of marks."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.formats import NO_ROW, PLASTIC_MARK_1, PLASTIC_MARK_2
from distsnn.kernels.numbers.mixing import mixed
from distsnn.kernels.plastic.rows import end_of, first_synapse, is_last, wait_of


@kernel("i8(i8, u4[:], u4[:])")
def count_targets(first_slot, words, n_in):
    """n_in[slot - first_slot] += 1 for each synapse."""
    position = np.uint64(0)
    first = np.uint64(first_slot)
    while position < np.uint64(words.size):
        end = end_of(position, words)
        for i in range(first_synapse(position), end):
            n_in[np.uint64(words[i]) - first] += np.uint32(1)
        position = end
    return 0


@kernel("i8(i8, u4[:], u4[:], u4[:], u2[:], u4[:])")
def count_onto_cores(lid_bits, pointers, words, core_start, core, n_onto):
    """n_onto[k] += 1 for each synapse of an axon onto the core ``core[k]``.

    core[core_start[axon] : core_start[axon + 1]]: the local cores that an axon reaches, ascending.
    """
    for axon in range(pointers.size):
        if pointers[axon] == np.uint32(NO_ROW):
            continue
        position = np.uint64(pointers[axon])
        was_last = False
        while not was_last:
            was_last = is_last(position, words)
            end = end_of(position, words)
            k = np.int64(core_start[axon])  # targets of a segment ascend, as cores do
            for i in range(first_synapse(position), end):
                onto = np.int64(words[i]) >> lid_bits
                while np.int64(core[k]) < onto:
                    k += 1
                n_onto[k] += np.uint32(1)
            position = end
    return 0


@kernel("i8(u4[:], u4[:], u4[:], u4[:], u2[:], u4[:])")
def list_synapses(pointers, words, axons, slots, delays, positions):
    """List all synapses, row by row: axon, slot of the target, delay in steps, index in ``words``."""
    count = np.int64(0)
    for axon in range(pointers.size):
        if pointers[axon] == np.uint32(NO_ROW):
            continue
        position = np.uint64(pointers[axon])
        delay = np.int64(0)
        was_last = False
        while not was_last:
            was_last = is_last(position, words)
            end = end_of(position, words)
            # Delay of a segment: the sum of the waits up to it.
            delay += wait_of(position, words)
            for i in range(first_synapse(position), end):
                axons[count] = np.uint32(axon)
                slots[count] = words[i]
                delays[count] = np.uint16(delay)
                positions[count] = np.uint32(i)
                count += 1
            position = end
    return count


@kernel("i8(i8, u4[:], u4[:], u4[:], u4[:], u4[:], u8[:])")
def digest_plastic(salt, pointers, words, axon_gids, gid_of_slot, bits, digest):
    """digest[0] += a mixed number for each synapse, modulo 2^64.

    The number depends on source, target, delay and the bits of the variable.
    """
    total = digest[0]
    for axon in range(pointers.size):
        if pointers[axon] == np.uint32(NO_ROW):
            continue
        position = np.uint64(pointers[axon])
        # source gid (32) | variable (16) | delay (16)
        source = np.uint64(axon_gids[axon]) << np.uint64(32)
        delay = np.int64(0)
        was_last = False
        while not was_last:
            was_last = is_last(position, words)
            end = end_of(position, words)
            delay += wait_of(position, words)
            key = mixed(source + (np.uint64(salt) << np.uint64(16)) + np.uint64(delay))
            for i in range(first_synapse(position), end):
                target = np.uint64(gid_of_slot[np.uint64(words[i])]) << np.uint64(32)
                total += mixed(key ^ (target + np.uint64(bits[i])))
            position = end
    digest[0] = total
    return 0


@kernel("i8(u4[:])")
def forget(words):
    """Set the marks of all segments to those of an axon that has not spiked yet."""
    position = np.uint64(0)
    while position < np.uint64(words.size):
        words[position + np.uint64(PLASTIC_MARK_1)] = np.uint32(0)
        words[position + np.uint64(PLASTIC_MARK_2)] = np.uint32(0)
        position = end_of(position, words)
    return 0
