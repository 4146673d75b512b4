"""Learning with an eligibility trace and a reward for all synapses, row by row.

As ``plastic_traces``, but spikes change an eligibility e of the synapse, which decays, and only a
reward changes the weight:

    e = potentiate(c, e, r1)        at a postsynaptic spike
    e = depress(c, e, o1)           at a presynaptic spike
    u = reinforce(c, u, e, m)       at a reward of size m

e is kept as it was after the last spike of either side, so nothing has to be done in between: the
time of that spike is the later one of the axon's last spike and the neuron's last spike treated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel, device
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.plastic.calendar import deliver_kernel, module_of, visit_kernel
from distsnn.kernels.plastic.decay import decay
from distsnn.kernels.plastic.history import as_float
from distsnn.kernels.plastic.rows import BACK_MASK, LAST, N_HEADER, N_MASK, NEXT, WAIT
from distsnn.kernels.plastic.traces import (
    AHEAD,
    ARRAYS,
    CORE_BITS,
    FIRST_SLOT,
    KEEP,
    RECORD_WORDS,
    quanta_of,
    ring_place,
    ring_start,
)

REWARD_ARRAYS = {**ARRAYS, "tags": "f4[:]"}
WIDTH = 2  # words of an entry of the history: step and trace
ROW_R, ROW_O, ROW_E = range(3)  # rows of the tables of decay


def reward_kernels(
    potentiate: Callable[..., Any], depress: Callable[..., Any], reinforce: Callable[..., Any]
) -> tuple[Kernel, Kernel, Kernel]:
    """Return the kernels ``deliver``, ``sweep`` and ``reward`` of the functions' file."""
    width = np.uint64(WIDTH)

    @device
    def see_spikes(e, newest, first, back, last, r1, c, history, fine, coarse):
        """Treat the spikes from step ``first`` up to entry ``newest``; return e and its time."""
        at = newest
        while np.int64(history[at]) >= first:
            at += width
        since = max(last, np.int64(history[at]) + back)
        while at > newest:
            at -= width
            now = np.int64(history[at]) + back
            e = e * decay(now - since, fine[ROW_E], coarse[ROW_E])
            e = potentiate(c, e, r1 * decay(now - last, fine[ROW_R], coarse[ROW_R]))
            since = now
        return e, since

    @device
    def segment(t, position, words, weights, facts, c, scale, history, fine, coarse, ring, tags):
        n = np.uint64(words[position] & np.uint32(N_MASK))
        back = np.int64(words[position + np.uint64(WAIT)] & np.uint32(BACK_MASK))
        last = np.int64(words[position + np.uint64(LAST)])
        first = np.int64(words[position + np.uint64(NEXT)])
        r1 = weights[position]
        now = t - back
        seen = now - max(back, np.int64(1))
        met = now - back - 1
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
            while np.int64(history[newest]) > seen:
                newest += width
            e, since = see_spikes(tags[i], newest, first, back, last, r1, c, history, fine, coarse)
            while np.int64(history[newest]) > met:
                newest += width
            lag = now - back - np.int64(history[newest])
            o1 = as_float(history[newest + np.uint64(1)])
            o1 = o1 * decay(lag, fine[ROW_O], coarse[ROW_O])
            e = e * decay(now - since, fine[ROW_E], coarse[ROW_E])
            tags[i] = depress(c, e, o1)
            ring[onto + ring_place(slot, bits)] += quanta_of(weights[i], scale)
        lag = now - last
        keep = np.float32(facts[KEEP])
        weights[position] = keep * r1 * decay(lag, fine[ROW_R], coarse[ROW_R]) + np.float32(1.0)
        words[position + np.uint64(LAST)] = np.uint32(now)
        words[position + np.uint64(NEXT)] = np.uint32(max(seen + 1, np.int64(0)))

    @device
    def catch_up(t, position, words, weights, facts, c, scale, history, fine, coarse, ring, tags):
        n = np.uint64(words[position] & np.uint32(N_MASK))
        back = np.int64(words[position + np.uint64(WAIT)] & np.uint32(BACK_MASK))
        last = np.int64(words[position + np.uint64(LAST)])
        first = np.int64(words[position + np.uint64(NEXT)])
        seen = t - 2 * back
        if seen >= first:
            record = np.uint64(facts[RECORD_WORDS])
            first_slot = np.uint64(facts[FIRST_SLOT])
            start = position + np.uint64(N_HEADER)
            for i in range(start, start + n):
                newest = (np.uint64(words[i]) - first_slot) * record
                while np.int64(history[newest]) > seen:
                    newest += width
                tags[i], _ = see_spikes(
                    tags[i], newest, first, back, last, weights[position], c, history, fine, coarse
                )
            words[position + np.uint64(NEXT)] = np.uint32(seen + 1)

    @device
    def reward_segment(
        t, position, words, weights, facts, c, scale, history, fine, coarse, ring, tags
    ):
        """After ``catch_up``: apply a reward of size ``scale[2]`` at step ``t``."""
        n = np.uint64(words[position] & np.uint32(N_MASK))
        back = np.int64(words[position + np.uint64(WAIT)] & np.uint32(BACK_MASK))
        last = np.int64(words[position + np.uint64(LAST)])
        now = t - back
        record = np.uint64(facts[RECORD_WORDS])
        first_slot = np.uint64(facts[FIRST_SLOT])
        start = position + np.uint64(N_HEADER)
        for i in range(start, start + n):
            newest = (np.uint64(words[i]) - first_slot) * record
            while np.int64(history[newest]) > now - back:
                newest += width
            since = max(last, np.int64(history[newest]) + back)
            e = tags[i] * decay(now - since, fine[ROW_E], coarse[ROW_E])
            weights[i] = reinforce(c, weights[i], e, scale[2])

    module = module_of(potentiate)
    return (
        deliver_kernel(segment, REWARD_ARRAYS, module),
        visit_kernel("sweep", catch_up, REWARD_ARRAYS, module),
        visit_kernel("reward", reward_segment, REWARD_ARRAYS, module),
    )
