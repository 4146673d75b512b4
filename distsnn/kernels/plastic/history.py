"""The last spikes of each target of plastic synapses, with the postsynaptic traces that they left.

A neuron's record is ``depth`` entries, the newest first, each of 1 + n_traces int32:

    word 0    step of the spike
    word 1    o1 just after the spike, which later presynaptic spikes read (bits of a float32)
    word 2    o2 just before the spike, which the spike itself reads (bits of a float32)

The newest entries of a record share a line of the cache.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.plastic.decay import decay

LONG_AGO = -(1 << 30)  # the step of an entry without a spike
O1, O2 = 1, 2  # words of an entry
# Entries of the parameters: slot of the first record; entries of a record; traces; 1 if traces add
# up; row of o1 in the tables of decay, which that of o2 follows.
FIRST_SLOT, DEPTH, N_TRACES, KEEP, TABLE_ROW = range(5)
N_PARAMETERS = 5


@device
def as_float(bits):
    """Return the float32 with these bits."""
    return np.int32(bits).view(np.float32)


@device
def as_bits(x):
    """Return the bits of a float32 as int32."""
    return np.float32(x).view(np.int32)


@device
def append_spike(t, start, n_words, parameters, fine, coarse, history):
    """Put the spike of step ``t`` in front of the record that begins at ``start``."""
    # o1 <- keep o1 exp(-lag / tau_1) + 1, with keep = 0 if only the nearest spike counts
    width = 1 + parameters[N_TRACES]
    first = parameters[TABLE_ROW]
    keep = np.float32(parameters[KEEP])
    before = np.int64(history[start])
    # Steps since the neuron's spike before; the decay of both traces.
    lag = t - before
    trace = keep * as_float(history[start + O1]) * decay(lag, fine[first], coarse[first])
    trace += np.float32(1.0)
    # o2 before this spike = (keep o2 before the last one + 1) exp(-lag / tau_2)
    o2 = np.float32(0.0)
    if width > 2 and before >= 0:
        o2 = keep * as_float(history[start + O2]) + np.float32(1.0)
        o2 = o2 * decay(lag, fine[first + 1], coarse[first + 1])
    # The oldest entry is dropped.
    for k in range(start + n_words - 1, start + width - 1, -1):
        history[k] = history[k - width]
    history[start] = np.int32(t)
    history[start + O1] = as_bits(trace)
    if width > 2:
        history[start + O2] = as_bits(o2)


@kernel("i8(i8, i8, i8, i8[:], u4[:], u4[:], f4[:,:], f4[:,:], i4[:])")
def append_spikes(t, n_spikes, swept, parameters, spikes, n_in, fine, coarse, history):
    """Enter spikes[:n_spikes] (slots) of step ``t`` for those neurons that have plastic synapses.

    n_in[k]: plastic synapses of slot FIRST_SLOT + k. All synapses have applied the spikes of steps
    before ``swept``. Returns 1 if a record has a spike of a later step in its last entry but one, so
    that the next spikes would push out what is still needed, else 0.
    """
    width = 1 + parameters[N_TRACES]
    n_words = parameters[DEPTH] * width
    is_full = np.int64(0)
    for i in range(n_spikes):
        target = np.int64(spikes[i]) - parameters[FIRST_SLOT]
        if 0 <= target < n_in.size and n_in[target] > np.uint32(0):
            start = target * n_words
            append_spike(t, start, n_words, parameters, fine, coarse, history)
            # Last entry but one still needed: the next spike would push out one not applied.
            if np.int64(history[start + n_words - 2 * width]) >= swept:
                is_full = np.int64(1)
    return is_full
