"""What synapses add to the digest of a run, in whatever form a rank holds them."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.mixing import mixed


@device
def mark_of_synapse(target_key, gid, quanta, behind):
    """Return what a synapse adds to the digest. behind: delay - 1; gid: of the source, uint64."""
    # h(h(target, lane) ^ (source << 32 | quanta << 16 | delay - 1))
    value = np.uint64(np.uint16(quanta)) << np.uint64(16) | behind
    return mixed(target_key ^ (gid << np.uint64(32)) ^ value)


@kernel("i8(i8, i8, i8, i4[:], u4[:], i2[:], u1[:], u8[:], u8[:])")
def mark_synapses(gid_start, target_gid, delay, counts, sources, quanta, lanes, salts, digest):
    """Add the synapses onto consecutive neurons to digest[0], as ``place_words`` does.

    counts, sources, quanta, lanes, salts: see there. gid_start: of the source population. target_gid:
    of the first target. delay: of all synapses, in steps.
    """
    is_mixed = lanes.size > 1
    behind = np.uint64(delay) - np.uint64(1)
    total = digest[0]
    i = np.int64(0)
    for k in range(counts.size):
        for _ in range(counts[k]):
            lane = np.uint64(lanes[i if is_mixed else 0])
            target_key = mixed(np.uint64(target_gid + k) + salts[lane])
            gid = np.uint64(np.int64(sources[i]) + gid_start)
            total += mark_of_synapse(target_key, gid, quanta[i], behind)
            i += 1
    digest[0] = total
    return 0
