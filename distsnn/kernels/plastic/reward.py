"""Learning with an eligibility trace and a reward for all synapses, row by row.

As in ``traces.py``, but spikes change an eligibility e of the synapse, which decays, and only a reward
changes the weight:

    e <- potentiate(e, r1)        at a postsynaptic spike
    e <- depress(e, o1)           at a presynaptic spike
    u <- reinforce(u, e, m)       at a reward of size m

e is kept as it was after the last spike of either side, so nothing has to be done in between: the
time of that spike is the later one of the axon's last spike and the neuron's last spike applied.

Source: Izhikevich 2007, Cereb Cortex 17:2443, eqs. 1-2 (eligibility between spikes and reward).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.plastic.calendar import deliver_kernel, visit_kernel
from distsnn.kernels.plastic.decay import decay
from distsnn.kernels.plastic.functions import (
    RuleKernel,
    module_of,
    parameters_of,
    with_parameters,
)
from distsnn.kernels.plastic.history import O1, as_float
from distsnn.kernels.plastic.rows import (
    CORE_BITS,
    FIRST_SLOT,
    REWARD,
    back_of,
    end_of,
    first_synapse,
    quanta_of,
    ring_offset,
    ring_start,
)
from distsnn.kernels.plastic.traces import (
    ARRAYS,
    ARRIVED,
    KEEP,
    RECORD_WORDS,
    UNSEEN,
    entry_until,
    prefetch_record,
)

REWARD_ARRAYS = {**ARRAYS, "tags": "f4[:]"}
VARIABLES = ("u", "e", "m", "r1", "o1")
AT_POST, AT_PRE, AT_REWARD = ("e", "r1"), ("e", "o1"), ("u", "e", "m")
WIDTH = np.uint64(2)  # words of an entry of the history: step and trace
ROW_R, ROW_O, ROW_E = range(3)  # rows of the tables of decay


def reward_kernels(
    potentiate: Callable[..., Any], depress: Callable[..., Any], reinforce: Callable[..., Any]
) -> tuple[RuleKernel, RuleKernel, RuleKernel]:
    """Return the kernels ``deliver``, ``sweep`` and ``reward`` of the functions' file.

    Raises NetworkError if a function reads a variable that has no value when it is called.
    """
    parameters = parameters_of(potentiate, depress, reinforce, variables=VARIABLES)
    at_post, at_pre, at_reward = (
        with_parameters(
            function, here, parameters, [name for name in VARIABLES if name not in here]
        )
        for function, here in (
            (potentiate, AT_POST), (depress, AT_PRE), (reinforce, AT_REWARD),
        )
    )  # fmt: skip
    apply_spikes = _spikes_function(at_post)
    segment = _segment_function(apply_spikes, at_pre)
    catch_up = _catch_up_function(apply_spikes)
    module = module_of(potentiate)
    reads: dict[str, Any] = {"parameters": parameters, "n_pre": 1, "n_post": 1}
    return (
        deliver_kernel(segment, REWARD_ARRAYS, module, **reads),
        visit_kernel("sweep", catch_up, REWARD_ARRAYS, module, **reads),
        visit_kernel("reward", _reward_function(at_reward), REWARD_ARRAYS, module, **reads),
    )


def _spikes_function(potentiate: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that applies the postsynaptic spikes that a synapse has missed."""

    @device
    def apply_spikes(e, newest, first, back, last, r1, c, history, fine, coarse):
        """Apply the spikes from step ``first`` up to entry ``newest``; return e and its time."""
        entry = newest
        while np.int64(history[entry]) >= first:
            entry += WIDTH
        since = max(last, np.int64(history[entry]) + back)
        while entry > newest:
            entry -= WIDTH
            now = np.int64(history[entry]) + back
            # e(now) = e(since) exp(-(now - since) / tau_e), and r1 likewise since ``last``
            e = e * decay(now - since, fine[ROW_E], coarse[ROW_E])
            e = potentiate(c, e, r1 * decay(now - last, fine[ROW_R], coarse[ROW_R]))
            since = now
        return e, since

    return apply_spikes


def _segment_function(
    apply_spikes: Callable[..., Any], depress: Callable[..., Any]
) -> Callable[..., Any]:
    """Return the function that applies a presynaptic spike to a segment and delivers its weights."""

    @device
    def segment(
        t, position, words, weights, parameters, c, scale, history, fine, coarse, ring, tags
    ):
        back = back_of(position, words)
        last = np.int64(words[position + np.uint64(ARRIVED)])
        first = np.int64(words[position + np.uint64(UNSEEN)])
        r1 = weights[position]
        now = t - back  # when the spike reaches the synapse
        seen = now - max(back, np.int64(1))  # the last step whose postsynaptic spikes are applied
        met = now - back - 1  # the last step whose postsynaptic spikes depress
        record, first_slot = np.uint64(parameters[RECORD_WORDS]), np.uint64(parameters[FIRST_SLOT])
        bits = np.uint64(parameters[CORE_BITS])
        onto = ring_start(t, parameters, ring)
        end = end_of(position, words)
        for i in range(first_synapse(position), end):
            prefetch_record(i, end, words, first_slot, record, history)
            slot = np.uint64(words[i])
            # The postsynaptic spikes that the synapse has missed
            newest = entry_until(seen, (slot - first_slot) * record, WIDTH, history)
            e, since = apply_spikes(
                tags[i], newest, first, back, last, r1, c, history, fine, coarse
            )
            # The presynaptic spike: o1(left) = o1(spike) exp(-(left - spike) / tau), left = now - back
            newest = entry_until(met, newest, WIDTH, history)
            lag = now - back - np.int64(history[newest])
            o1 = as_float(history[newest + np.uint64(O1)])
            o1 = o1 * decay(lag, fine[ROW_O], coarse[ROW_O])
            # e(now) = e(since) exp(-(now - since) / tau_e)
            e = e * decay(now - since, fine[ROW_E], coarse[ROW_E])
            tags[i] = depress(c, e, o1)
            # Delivery
            ring[onto + ring_offset(slot, bits)] += quanta_of(weights[i], scale)
        # r <- r exp(-(now - last) / tau) + 1, or r <- 1
        keep = np.float32(parameters[KEEP])
        r1_now = keep * r1 * decay(now - last, fine[ROW_R], coarse[ROW_R])
        weights[position] = r1_now + np.float32(1.0)
        words[position + np.uint64(ARRIVED)] = np.uint32(now)
        words[position + np.uint64(UNSEEN)] = np.uint32(max(seen + 1, np.int64(0)))

    return segment


def _catch_up_function(apply_spikes: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that applies what postsynaptic spikes there are up to a step."""

    @device
    def catch_up(
        t, position, words, weights, parameters, c, scale, history, fine, coarse, ring, tags
    ):
        back = back_of(position, words)
        last = np.int64(words[position + np.uint64(ARRIVED)])
        first = np.int64(words[position + np.uint64(UNSEEN)])
        # A spike that left the soma at t - 2 back is at the synapse when one that arrives at t is.
        seen = t - 2 * back
        if seen < first:
            return
        record, first_slot = np.uint64(parameters[RECORD_WORDS]), np.uint64(parameters[FIRST_SLOT])
        r1 = weights[position]
        for i in range(first_synapse(position), end_of(position, words)):
            newest = (np.uint64(words[i]) - first_slot) * record
            newest = entry_until(seen, newest, WIDTH, history)
            tags[i], _ = apply_spikes(
                tags[i], newest, first, back, last, r1, c, history, fine, coarse
            )
        words[position + np.uint64(UNSEEN)] = np.uint32(seen + 1)

    return catch_up


def _reward_function(reinforce: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that applies a reward to a segment whose synapses have caught up."""

    @device
    def reward_segment(
        t, position, words, weights, parameters, c, scale, history, fine, coarse, ring, tags
    ):
        back = back_of(position, words)
        last = np.int64(words[position + np.uint64(ARRIVED)])
        now = t - back
        record, first_slot = np.uint64(parameters[RECORD_WORDS]), np.uint64(parameters[FIRST_SLOT])
        for i in range(first_synapse(position), end_of(position, words)):
            newest = (np.uint64(words[i]) - first_slot) * record
            newest = entry_until(now - back, newest, WIDTH, history)
            since = max(last, np.int64(history[newest]) + back)
            # e(now) = e(since) exp(-(now - since) / tau_e)
            e = tags[i] * decay(now - since, fine[ROW_E], coarse[ROW_E])
            weights[i] = reinforce(c, weights[i], e, scale[REWARD])

    return reward_segment
