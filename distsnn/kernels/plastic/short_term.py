"""Short-term plasticity: a weight times the share of it that the synapse can release at present.

    u' = U + u (1 - U) exp(-D / tau_facil),   R' = 1 + (R (1 - u) - 1) exp(-D / tau_rec)

D: time since the previous spike; u' = U, R' = 1 at the first. ``deliver`` keeps u and R per axon and
delay, in the header of the segment; ``deliver_each`` per synapse, each with parameters of its own.

Source: Markram, Wang & Tsodyks 1998, PNAS 95:5323.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.formats import PLASTIC_MARK_1, PLASTIC_MARK_2
from distsnn.kernels.numbers.exponential import exp_f4
from distsnn.kernels.plastic.calendar import deliver_kernel
from distsnn.kernels.plastic.decay import decay
from distsnn.kernels.plastic.functions import RuleKernel
from distsnn.kernels.plastic.rows import (
    CORE_BITS,
    N_ROW_PARAMETERS,
    end_of,
    first_synapse,
    ring_offset,
    ring_start,
)

LAST, HAS_SPIKED = PLASTIC_MARK_1, PLASTIC_MARK_2  # what the marks of a segment mean here
N_PARAMETERS = N_ROW_PARAMETERS
ARRAYS = {
    "weights": "f4[:]",
    "parameters": "i8[:]",
    "constants": "f4[:]",
    "fine": "f4[:,:]",
    "coarse": "f4[:,:]",
    "ring": "i4[:]",
}
EACH_ARRAYS = {
    "weights": "f4[:]",
    "parameters": "i8[:]",
    "ring": "i4[:]",
    "utilisation": "f4[:]",
    "rec_rate": "f4[:]",
    "facil_rate": "f4[:]",
    "u": "f4[:]",
    "r": "f4[:]",
}
ROW_FACIL, ROW_REC = range(2)  # rows of the tables of decay
UTILISATION, N_CONSTANTS = 0, 1


@device
def whole(x):
    """Return the nearest integer, halves up, as int32."""
    return np.int32(np.floor(x + np.float32(0.5)))


@device
def segment(t, position, words, weights, parameters, constants, fine, coarse, ring):
    """Deliver a segment whose synapses share u and R, kept in the header."""
    lag = t - np.int64(words[position + np.uint64(LAST)])
    one = np.float32(1.0)
    utilisation = constants[UTILISATION]
    u = utilisation
    r = one
    if words[position + np.uint64(HAS_SPIKED)] != np.uint32(0):
        u_before = weights[position]
        r_before = weights[position + np.uint64(1)]
        # u' = U + u (1 - U) exp(-D / tau_facil)
        u = utilisation + u_before * (one - utilisation) * decay(
            lag, fine[ROW_FACIL], coarse[ROW_FACIL]
        )
        # R' = 1 + (R (1 - u) - 1) exp(-D / tau_rec)
        rest = r_before * (one - u_before) - one
        r = one + rest * decay(lag, fine[ROW_REC], coarse[ROW_REC])
    weights[position] = u
    weights[position + np.uint64(1)] = r
    words[position + np.uint64(LAST)] = np.uint32(t)
    words[position + np.uint64(HAS_SPIKED)] = np.uint32(1)
    # A spike delivers w u R.
    share = u * r
    bits = np.uint64(parameters[CORE_BITS])
    onto = ring_start(t, parameters, ring)
    for i in range(first_synapse(position), end_of(position, words)):
        ring[onto + ring_offset(np.uint64(words[i]), bits)] += whole(weights[i] * share)


@device
def segment_each(
    t, position, words, weights, parameters, ring, utilisation, rec_rate, facil_rate, u, r
):
    """Deliver a segment whose synapses have parameters and state of their own.

    rec_rate, facil_rate: 1 / tau per step.
    """
    lag = np.float32(t - np.int64(words[position + np.uint64(LAST)]))
    is_first = words[position + np.uint64(HAS_SPIKED)] == np.uint32(0)
    words[position + np.uint64(LAST)] = np.uint32(t)
    words[position + np.uint64(HAS_SPIKED)] = np.uint32(1)
    one = np.float32(1.0)
    a, b = first_synapse(position), end_of(position, words)
    us, rs, rec, facil, start = u[a:b], r[a:b], rec_rate[a:b], facil_rate[a:b], utilisation[a:b]
    if is_first:
        for i in range(us.size):
            us[i] = start[i]
            rs[i] = one
    else:
        for i in range(us.size):
            # R' = 1 + (R (1 - u) - 1) exp(-D / tau_rec), with u of the spike before
            rest = rs[i] * (one - us[i]) - one
            rs[i] = one + rest * exp_f4(-lag * rec[i])
            # u' = U + u (1 - U) exp(-D / tau_facil)
            us[i] = start[i] + us[i] * (one - start[i]) * exp_f4(-lag * facil[i])
    # A spike delivers w u R.
    bits = np.uint64(parameters[CORE_BITS])
    onto = ring_start(t, parameters, ring)
    for i in range(a, b):
        ring[onto + ring_offset(np.uint64(words[i]), bits)] += whole(weights[i] * u[i] * r[i])


def short_term_kernels(module: str) -> tuple[RuleKernel, RuleKernel]:
    """Return the kernels ``deliver`` and ``deliver_each`` of the rule file ``module``."""
    return (
        deliver_kernel(segment, ARRAYS, module),
        deliver_kernel(segment_each, EACH_ARRAYS, module, "deliver_each"),
    )
