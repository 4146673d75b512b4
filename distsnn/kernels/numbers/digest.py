"""Sums over spikes and states that do not depend on the order of summation."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import kernel
from distsnn.kernels.numbers.mixing import mixed


@kernel("i8(u4[:], u4[:], u8[:])")
def digest_spikes(steps, gids, digest):
    """digest[0] += h(step << 32 | gid) for each spike, modulo 2^64; h: ``mixed``."""
    total = digest[0]
    for i in range(steps.size):
        total += mixed((np.uint64(steps[i]) << np.uint64(32)) | np.uint64(gids[i]))
    digest[0] = total
    return 0


@kernel("i8(i8, i8, u4[:], u8[:])")
def digest_state(gid_start, salt, bits, digest):
    """digest[0] += h(h(gid + salt << 40) ^ bits) for the variable of each consecutive neuron."""
    total = digest[0]
    for i in range(bits.size):
        key = mixed(np.uint64(gid_start + i) + (np.uint64(salt) << np.uint64(40)))
        total += mixed(key ^ np.uint64(bits[i]))
    digest[0] = total
    return 0
