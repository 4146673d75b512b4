"""Synapses that release at random: each spike passes with a probability, all or nothing.

    passes = (hash(step, synapse) < p),   delivers w if it passes, else 0

The hash is SplitMix64 of the step and 48 bits that belong to the synapse, so that what passes depends
neither on the order of synapses nor on ranks.

Source: Steele, Lea & Flood 2014, OOPSLA (SplitMix64).
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.numbers.mixing import mixed
from distsnn.kernels.plastic.calendar import deliver_kernel
from distsnn.kernels.plastic.functions import RuleKernel
from distsnn.kernels.plastic.rows import (
    CORE_BITS,
    N_ROW_PARAMETERS,
    end_of,
    first_synapse,
    ring_offset,
    ring_start,
)
from distsnn.kernels.plastic.short_term import whole

N_PARAMETERS = N_ROW_PARAMETERS
ARRAYS = {
    "weights": "f4[:]",
    "parameters": "i8[:]",
    "ring": "i4[:]",
    "probability": "f4[:]",
    "high": "f4[:]",
    "low": "f4[:]",
}
SHARE = 2.0**-24  # of one among the 24 bits that decide


@device
def segment(t, position, words, weights, parameters, ring, probability, high, low):
    """Deliver a segment. high, low: 24 bits each of the number that belongs to a synapse."""
    bits = np.uint64(parameters[CORE_BITS])
    onto = ring_start(t, parameters, ring)
    # The numbers of a step are independent of those of every other.
    of_step = mixed(np.uint64(t) + np.uint64(0x9E3779B97F4A7C15))
    for i in range(first_synapse(position), end_of(position, words)):
        own = (np.uint64(high[i]) << np.uint64(24)) | np.uint64(low[i])
        drawn = np.float32(mixed(of_step ^ own) >> np.uint64(40)) * np.float32(SHARE)
        if drawn < probability[i]:
            ring[onto + ring_offset(np.uint64(words[i]), bits)] += whole(weights[i])


def release_kernels(module: str) -> RuleKernel:
    """Return the kernel ``deliver`` of the rule file ``module``."""
    return deliver_kernel(segment, ARRAYS, module)
