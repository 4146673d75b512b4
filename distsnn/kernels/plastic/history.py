"""The last spikes of each neuron that plastic synapses end on, with the traces that they left.

A neuron's record is ``depth`` entries, the newest first, each of 1 + n_traces int32:

    step      trace just after the spike      second trace just before the spike

(traces as the bits of a float32). The first trace is what a presynaptic spike meets later, the second
what this spike itself met. So the record of a neuron that spikes seldom is one line of memory.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.plastic.decay import decay

LONG_AGO = -(1 << 30)  # the step of an entry that never was
# Entries of the facts.
FIRST_SLOT, DEPTH, N_TRACES, KEEP, TABLE_ROW = range(5)
N_FACTS = 5


@device
def as_float(bits):
    """Return the float32 with these bits."""
    return np.int32(bits).view(np.float32)


@device
def as_bits(x):
    """Return the bits of a float32 as int32."""
    return np.float32(x).view(np.int32)


@device
def append_spike(t, start, n_words, facts, fine, coarse, history):
    """Put the spike of step ``t`` in front of the record that begins at ``start``."""
    width = 1 + facts[N_TRACES]
    first = facts[TABLE_ROW]
    keep = np.float32(facts[KEEP])
    before = np.int64(history[start])
    lag = t - before
    trace = keep * as_float(history[start + 1]) * decay(lag, fine[first], coarse[first])
    trace += np.float32(1.0)
    met = np.float32(0.0)
    if width > 2 and before >= 0:
        met = keep * as_float(history[start + 2]) + np.float32(1.0)
        met = met * decay(lag, fine[first + 1], coarse[first + 1])
    for k in range(start + n_words - 1, start + width - 1, -1):
        history[k] = history[k - width]
    history[start] = np.int32(t)
    history[start + 1] = as_bits(trace)
    if width > 2:
        history[start + 2] = as_bits(met)


@kernel("i8(i8, i8, i8, i8[:], u4[:], u4[:], f4[:,:], f4[:,:], i4[:])")
def append_spikes(t, n_spikes, swept, facts, spikes, n_in, fine, coarse, history):
    """Enter spikes[:n_spikes] (slots) of step ``t`` for those neurons that have plastic synapses.

    n_in[k]: plastic synapses of slot FIRST_SLOT + k. Steps before ``swept`` have been seen by all
    synapses. Returns 1 where a record has only one entry from before it left, which another spike
    would push out, else 0.
    """
    width = 1 + facts[N_TRACES]
    n_words = facts[DEPTH] * width
    is_full = np.int64(0)
    for i in range(n_spikes):
        place = np.int64(spikes[i]) - facts[FIRST_SLOT]
        if 0 <= place < n_in.size and n_in[place] > np.uint32(0):
            start = place * n_words
            append_spike(t, start, n_words, facts, fine, coarse, history)
            if np.int64(history[start + n_words - 2 * width]) >= swept:
                is_full = np.int64(1)
    return is_full
