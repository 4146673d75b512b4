"""Trace-based learning, row by row: what a rule file's kernels are made of.

A rule says what a postsynaptic and a presynaptic spike do to a weight u (0 to 1, in units of the
range w_min .. w_max):

    u = potentiate(c, u, r1, r2, o2)    at a postsynaptic spike
    u = depress(c, u, o1, r2)           at a presynaptic spike

c: the rule's constants. r1, r2: traces that presynaptic spikes leave, o1, o2: those of postsynaptic
ones; each decays exponentially and grows by 1 at a spike (or is set to 1, where only the nearest spike
counts). All are read just before the spike itself is added.

Nothing happens at a postsynaptic spike. When a presynaptic spike arrives, the synapses of that axon
make up for what they missed, in order: the postsynaptic spikes since, each with the presynaptic
traces as they were, then the presynaptic spike; and the new weight is delivered. Each synapse does
the same operations in the same order whenever ``sweep`` makes it catch up in between, so sweeps
change no bit.

Order within a step at the synapse: postsynaptic spikes that came back along the dendrite; the
presynaptic spike; without a dendritic delay, the postsynaptic spike of this very step, which the
arrival may have caused. Spikes that meet in the same step do not depress.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel, device
from distsnn.kernels.delivery.deliver import ring_mask
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.plastic.calendar import deliver_kernel, module_of, visit_kernel
from distsnn.kernels.plastic.decay import decay
from distsnn.kernels.plastic.history import as_float
from distsnn.kernels.plastic.rows import BACK_MASK, LAST, N_HEADER, N_MASK, NEXT, WAIT

# Entries of the facts.
FIRST_SLOT, RECORD_WORDS, CORE_BITS, INDEX_START, SLOT_SHIFT, KEEP = range(6)
N_FACTS = 6
ARRAYS = {
    "weights": "f4[:]",
    "facts": "i8[:]",
    "constants": "f4[:]",
    "scale": "f4[:]",
    "history": "i4[:]",
    "fine": "f4[:,:]",
    "coarse": "f4[:,:]",
    "ring": "i4[:]",
}
AHEAD = 12  # synapses: so long before its use a record is asked for


@device
def ring_start(t, facts, ring):
    """Return where the inputs of step ``t`` to the receptor begin in the first ring."""
    turned = (np.uint64(t) << np.uint64(facts[SLOT_SHIFT])) & np.uint64(ring_mask(ring))
    return np.uint64(facts[INDEX_START]) + turned


@device
def ring_place(slot, bits):
    """Return the place of a slot in the rings, at slot 0 and receptor 0."""
    inside = slot & ((np.uint64(1) << bits) - np.uint64(1))
    return ((slot >> bits) << np.uint64(16)) + inside


@device
def quanta_of(u, scale):
    """Return a weight as the nearest whole number of quanta."""
    return np.int32(np.floor(u * scale[0] + scale[1] + np.float32(0.5)))


def trace_kernels(
    potentiate: Callable[..., Any], depress: Callable[..., Any], n_pre: int, n_post: int
) -> tuple[Kernel, Kernel]:
    """Return the kernels ``deliver`` and ``sweep`` of the file that defines the two functions.

    n_pre, n_post: traces of pre- and postsynaptic spikes, 1 or 2 each; absent ones are given as 0.
    """
    width = np.uint64(1 + n_post)
    row_o1 = n_pre

    @device
    def see_spike(u, at, since, r1, r2, c, history, fine, coarse):
        """Treat the postsynaptic spike of entry ``at``; the traces decay from step ``since`` on."""
        lag = max(history[at] - since, np.int32(0))
        x1 = r1 * decay(lag, fine[0], coarse[0])
        x2 = np.float32(0.0)
        o2 = np.float32(0.0)
        if n_pre > 1:
            x2 = r2 * decay(lag, fine[1], coarse[1])
        if n_post > 1:
            o2 = as_float(history[at + np.uint64(2)])
        return potentiate(c, u, x1, x2, o2)

    @device
    def see_spikes(u, newest, first, since, r1, r2, c, history, fine, coarse):
        """Treat the postsynaptic spikes from step ``first`` up to entry ``newest``, oldest first.

        Mostly there are none, one or two: without branches, which nobody could foretell.
        """
        before = newest + width
        if history[before + width] < first:
            seen = see_spike(u, before, since, r1, r2, c, history, fine, coarse)
            u = seen if history[before] >= first else u
            seen = see_spike(u, newest, since, r1, r2, c, history, fine, coarse)
            return seen if history[newest] >= first else u
        at = newest
        while history[at] >= first:
            at += width
        while at > newest:
            at -= width
            u = see_spike(u, at, since, r1, r2, c, history, fine, coarse)
        return u

    @device
    def segment(t, position, words, weights, facts, c, scale, history, fine, coarse, ring):
        n = np.uint64(words[position] & np.uint32(N_MASK))
        back = np.int64(words[position + np.uint64(WAIT)] & np.uint32(BACK_MASK))
        last = np.int64(words[position + np.uint64(LAST)])
        first = np.int32(words[position + np.uint64(NEXT)])
        r1 = weights[position]
        r2 = weights[position + np.uint64(1)]
        now = t - back  # when the spike reaches the synapse
        left = np.int32(now - back)  # when a postsynaptic spike that meets it left the soma
        since = np.int32(last - back)
        seen = min(left, np.int32(now - 1))  # the last step whose postsynaptic spikes are treated
        met = left - np.int32(1)  # the last step whose postsynaptic spikes depress
        x2 = np.float32(0.0)
        if n_pre > 1:
            x2 = r2 * decay(now - last, fine[1], coarse[1])
        record = np.uint64(facts[RECORD_WORDS])
        first_slot = np.uint64(facts[FIRST_SLOT])
        bits = np.uint64(facts[CORE_BITS])
        onto = ring_start(t, facts, ring)
        end = position + np.uint64(N_HEADER) + n
        for i in range(position + np.uint64(N_HEADER), end):
            if i + np.uint64(AHEAD) < end:
                ahead = np.uint64(words[i + np.uint64(AHEAD)])
                prefetch(history, (ahead - first_slot) * record)
            slot = np.uint64(words[i])
            newest = (slot - first_slot) * record
            while history[newest] > seen:
                newest += width
            u = see_spikes(weights[i], newest, first, since, r1, r2, c, history, fine, coarse)
            while history[newest] > met:
                newest += width
            o1 = as_float(history[newest + np.uint64(1)])
            o1 = o1 * decay(left - history[newest], fine[row_o1], coarse[row_o1])
            u = depress(c, u, o1, x2)
            weights[i] = u
            ring[onto + ring_place(slot, bits)] += quanta_of(u, scale)
        keep = np.float32(facts[KEEP])
        lag = now - last
        weights[position] = keep * r1 * decay(lag, fine[0], coarse[0]) + np.float32(1.0)
        if n_pre > 1:
            weights[position + np.uint64(1)] = keep * x2 + np.float32(1.0)
        words[position + np.uint64(LAST)] = np.uint32(now)
        words[position + np.uint64(NEXT)] = np.uint32(max(seen + np.int32(1), np.int32(0)))

    @device
    def catch_up(t, position, words, weights, facts, c, scale, history, fine, coarse, ring):
        n = np.uint64(words[position] & np.uint32(N_MASK))
        back = np.int64(words[position + np.uint64(WAIT)] & np.uint32(BACK_MASK))
        last = np.int64(words[position + np.uint64(LAST)])
        first = np.int32(words[position + np.uint64(NEXT)])
        since = np.int32(last - back)
        seen = np.int32(t - 2 * back)
        if seen < first:
            return
        r1 = weights[position]
        r2 = weights[position + np.uint64(1)]
        record = np.uint64(facts[RECORD_WORDS])
        first_slot = np.uint64(facts[FIRST_SLOT])
        end = position + np.uint64(N_HEADER) + n
        for i in range(position + np.uint64(N_HEADER), end):
            if i + np.uint64(AHEAD) < end:
                ahead = np.uint64(words[i + np.uint64(AHEAD)])
                prefetch(history, (ahead - first_slot) * record)
            newest = (np.uint64(words[i]) - first_slot) * record
            while history[newest] > seen:
                newest += width
            weights[i] = see_spikes(
                weights[i], newest, first, since, r1, r2, c, history, fine, coarse
            )
        words[position + np.uint64(NEXT)] = np.uint32(seen + np.int32(1))

    module = module_of(potentiate)
    return deliver_kernel(segment, ARRAYS, module), visit_kernel("sweep", catch_up, ARRAYS, module)
