"""exp(-k / tau) for whole numbers of steps k, from tables.

    exp(-k / tau) = fine[k mod 1024] coarse[k div 1024]

so that two short tables serve any k. Both are rounded once from float64; coarse[0] is 1, so the value
is the nearest float32 for all k < 1024. A value below 1e-12 is 0.
"""

from __future__ import annotations

import math

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.time_grid import MAX_RUN_STEPS

FINE_BITS = 10
N_FINE = 1 << FINE_BITS
MAX_EXPONENT = 28.0  # exp(-28) = 7e-13
MIN_TAU = 1e-3  # steps: from here down exp(-1 / tau) is 0 in float64


@device
def decay(k, fine, coarse):
    """Return exp(-k / tau), float32; k >= 0. fine, coarse: float32, one row of the tables."""
    # k = 1024 high + low; all k beyond the table have the last entry
    high = min(np.uint64(k) >> np.uint64(FINE_BITS), np.uint64(coarse.size - 1))
    return fine[np.uint64(k) & np.uint64(N_FINE - 1)] * coarse[high]


def decay_tables(taus_in_steps: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return fine float32 [taus, 1024] and coarse float32 [taus, n].

    The last coarse entry is 0, or belongs to more steps than a run can have.
    """
    longest = max(taus_in_steps, default=1.0)
    n_coarse = max(2, math.ceil(min(MAX_EXPONENT * longest, MAX_RUN_STEPS) / N_FINE) + 1)
    taus = np.maximum(taus_in_steps or [1.0], MIN_TAU)[:, np.newaxis]
    # fine[k] = exp(-k / tau), coarse[k] = exp(-1024 k / tau)
    fine = np.exp(-np.arange(N_FINE) / taus)
    exponent = np.arange(n_coarse) * N_FINE / taus
    coarse = np.where(exponent < MAX_EXPONENT, np.exp(-exponent), 0.0)
    return fine.astype(np.float32), coarse.astype(np.float32)
