"""The generator of random numbers that distsnn brings itself."""

from __future__ import annotations

import numpy as np
from pyNN import random


class NativeRNG(random.NativeRNG, random.NumpyRNG):  # type: ignore[misc]
    """Numbers of PCG64, in half the time of ``NumpyRNG``; other backends draw others of the same seed.

    seed: whole number, None for one that differs from run to run.
    """

    def __init__(self, seed: int | None = None) -> None:
        random.NumpyRNG.__init__(self, seed, parallel_safe=True)
        self.rng = np.random.RandomState(np.random.PCG64(seed))
