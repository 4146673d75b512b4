"""Delivers rows N times and nothing else, for a counter of instructions around the process.

Usage: delivery_work.py REPEATS. Each repeat lets N_ROWS axons spike, whose rows have one segment of
N_SYNAPSES synapses, due at once: N_ROWS * N_SYNAPSES synaptic events.
"""

from __future__ import annotations

import sys

import numpy as np

from distsnn.kernels.delivery.deliver import deliver
from distsnn.kernels.formats import IS_LAST

N_ROWS, N_SYNAPSES = 1024, 25  # synapses of a segment in the cortical microcircuit


def main() -> None:
    rng = np.random.default_rng(1)
    rows = np.empty((N_ROWS, N_SYNAPSES + 1), dtype=np.int32)
    rows[:, 0] = IS_LAST + N_SYNAPSES
    rows[:, 1:] = rng.integers(0, 1 << 31, (N_ROWS, N_SYNAPSES))
    pointers = (np.arange(N_ROWS, dtype=np.uint32) * (N_SYNAPSES + 1))[None]
    own, received = np.arange(N_ROWS, dtype=np.uint32), np.zeros(1, np.uint32)
    ring, calendar = np.zeros(1 << 16, np.int32), np.zeros((2, 2048), np.uint32)
    run = deliver.bind(
        own, received, pointers, rows.ravel(), ring, calendar, np.zeros((1, 2), np.int64)
    )
    for t in range(int(sys.argv[1])):
        run(t, 0, N_ROWS, 0, 16)
    print(int(ring.astype(np.int64).sum() & 0xFFFFFFFF))


if __name__ == "__main__":
    main()
