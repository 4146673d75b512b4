"""A hash of 64-bit numbers, for order-independent sums."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device


@device
def mixed(x):
    """Return x, uint64, with its bits mixed (the finaliser of SplitMix64, Steele et al. 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
