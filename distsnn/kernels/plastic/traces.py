"""Trace-based learning, row by row: the parts of the kernels of a rule file.

A rule defines what postsynaptic and presynaptic spikes do to a weight u (0 to 1, in units of the range
w_min .. w_max):

    u <- potentiate(u, r1, r2, o2)    at a postsynaptic spike
    u <- depress(u, o1, r2)           at a presynaptic spike

r1, r2: traces of presynaptic spikes; o1, o2: of postsynaptic ones. Each decays exponentially and grows
by 1 at a spike (or is set to 1, if only the nearest spike counts). All are read just before the spike
itself is added. A function names those that it reads, and parameters of its rule.

Nothing happens at a postsynaptic spike. When a presynaptic spike arrives, the synapses of that axon
catch up, in order: the postsynaptic spikes since, each with the presynaptic
traces as they were, then the presynaptic spike; and the new weight is delivered. Each synapse does
the same operations in the same order whenever ``sweep`` makes it catch up in between, so sweeps
change no bit.

Order within a step at the synapse: postsynaptic spikes that came back along the dendrite; the
presynaptic spike; without a dendritic delay, the postsynaptic spike of this very step, which the
arrival may have caused. Spikes that meet in the same step do not depress.

Source: Morrison, Diesmann & Gerstner 2008, Biol Cybern 98:459 (traces, dendritic delays).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.formats import PLASTIC_MARK_1, PLASTIC_MARK_2
from distsnn.kernels.plastic.calendar import deliver_kernel, visit_kernel
from distsnn.kernels.plastic.decay import decay
from distsnn.kernels.plastic.functions import (
    RuleKernel,
    module_of,
    names_of,
    parameters_of,
    with_parameters,
)
from distsnn.kernels.plastic.history import O1, O2, as_float
from distsnn.kernels.plastic.rows import (
    CORE_BITS,
    FIRST_SLOT,
    N_ROW_PARAMETERS,
    back_of,
    end_of,
    first_synapse,
    quanta_of,
    ring_offset,
    ring_start,
)

ARRIVED, UNSEEN = PLASTIC_MARK_1, PLASTIC_MARK_2  # what the marks of a segment mean here
# Entries of the parameters after those of the rows: words of a neuron's record; 1 if traces add up.
RECORD_WORDS, KEEP = range(N_ROW_PARAMETERS, N_ROW_PARAMETERS + 2)
N_PARAMETERS = N_ROW_PARAMETERS + 2
ARRAYS = {
    "weights": "f4[:]",
    "parameters": "i8[:]",
    "constants": "f4[:]",
    "scale": "f4[:]",
    "history": "i4[:]",
    "fine": "f4[:,:]",
    "coarse": "f4[:,:]",
    "ring": "i4[:]",
}
AHEAD = 12  # a record is prefetched this many synapses before it is used
VARIABLES = ("u", "r1", "r2", "o1", "o2")
AT_POST, AT_PRE = ("u", "r1", "r2", "o2"), ("u", "o1", "r2")
ROW_R1, ROW_R2 = 0, 1  # rows of the tables of decay; those of o1 and o2 follow


@device
def prefetch_record(i, end, words, first_slot, record_words, history):
    """Ask for the record of a synapse that comes soon."""
    if i + np.uint64(AHEAD) < end:
        ahead = np.uint64(words[i + np.uint64(AHEAD)])
        prefetch(history, (ahead - first_slot) * record_words)


@device
def entry_until(step, entry, width, history):
    """Return the newest entry, from ``entry`` back in time, of a spike not later than ``step``."""
    while history[entry] > step:
        entry += width
    return entry


def trace_kernels(
    potentiate: Callable[..., Any], depress: Callable[..., Any]
) -> tuple[RuleKernel, RuleKernel]:
    """Return the kernels ``deliver`` and ``sweep`` of the file that defines the two functions.

    The rule has two presynaptic traces if one of the functions reads ``r2``, two postsynaptic ones if
    ``potentiate`` reads ``o2``, else one each. Raises NetworkError if a function reads a variable that
    has no value when it is called.
    """
    parameters = parameters_of(potentiate, depress, variables=VARIABLES)
    n_pre = 2 if "r2" in (*names_of(potentiate), *names_of(depress)) else 1
    n_post = 2 if "o2" in names_of(potentiate) else 1
    at_post = with_parameters(potentiate, AT_POST, parameters, not_here=("o1",))
    at_pre = with_parameters(depress, AT_PRE, parameters, not_here=("r1", "o2"))
    reads: dict[str, Any] = {"parameters": parameters, "n_pre": n_pre, "n_post": n_post}
    module = module_of(potentiate)

    @functools.cache
    def frozen() -> tuple[RuleKernel, RuleKernel]:
        return _trace_kernels(keep_at_post, keep_at_pre, module, reads)

    return _trace_kernels(at_post, at_pre, module, {**reads, "frozen": frozen})


@device
def keep_at_post(c, u, r1, r2, o2):
    """Keep a weight at a postsynaptic spike."""
    return u


@device
def keep_at_pre(c, u, o1, r2):
    """Keep a weight at a presynaptic spike."""
    return u


def _trace_kernels(
    at_post: Callable[..., Any], at_pre: Callable[..., Any], module: str, reads: dict[str, Any]
) -> tuple[RuleKernel, RuleKernel]:
    n_pre, n_post = reads["n_pre"], reads["n_post"]
    apply_spikes = _spikes_function(_spike_function(at_post, n_pre, n_post), n_post)
    segment = _segment_function(apply_spikes, at_pre, n_pre, n_post)
    catch_up = _catch_up_function(apply_spikes, n_post)
    return (
        deliver_kernel(segment, ARRAYS, module, **reads),
        visit_kernel("sweep", catch_up, ARRAYS, module, **reads),
    )


def _spike_function(potentiate: Callable[..., Any], n_pre: int, n_post: int) -> Callable[..., Any]:
    """Return the function that applies one postsynaptic spike to a weight."""

    @device
    def apply_spike(u, entry, since, r1, r2, c, history, fine, coarse):
        """Apply the spike of ``entry``; r1 and r2 are those of step ``since``."""
        # r(t) = r(since) exp(-(t - since) / tau)
        lag = max(history[entry] - since, np.int32(0))
        r1_now = r1 * decay(lag, fine[ROW_R1], coarse[ROW_R1])
        r2_now = np.float32(0.0)
        o2 = np.float32(0.0)
        # r2 as the presynaptic spike finds it
        if n_pre > 1:
            r2_now = r2 * decay(lag, fine[ROW_R2], coarse[ROW_R2])
        if n_post > 1:
            o2 = as_float(history[entry + np.uint64(O2)])
        return potentiate(c, u, r1_now, r2_now, o2)

    return apply_spike


def _spikes_function(apply_spike: Callable[..., Any], n_post: int) -> Callable[..., Any]:
    """Return the function that applies the postsynaptic spikes that a synapse has missed."""
    width = np.uint64(1 + n_post)

    @device
    def apply_spikes(u, newest, first, since, r1, r2, c, history, fine, coarse):
        """Apply the spikes from step ``first`` up to entry ``newest``, oldest first.

        Mostly there are none, one or two: no branches then, which could not be predicted.
        """
        before = newest + width
        if history[before + width] < first:
            new = apply_spike(u, before, since, r1, r2, c, history, fine, coarse)
            u = new if history[before] >= first else u
            new = apply_spike(u, newest, since, r1, r2, c, history, fine, coarse)
            return new if history[newest] >= first else u
        # Back to the oldest missed spike, then forward in time.
        entry = newest
        while history[entry] >= first:
            entry += width
        while entry > newest:
            entry -= width
            u = apply_spike(u, entry, since, r1, r2, c, history, fine, coarse)
        return u

    return apply_spikes


def _segment_function(
    apply_spikes: Callable[..., Any], depress: Callable[..., Any], n_pre: int, n_post: int
) -> Callable[..., Any]:
    """Return the function that applies a presynaptic spike to a segment and delivers its weights."""
    width, row_o1 = np.uint64(1 + n_post), n_pre

    @device
    def segment(t, position, words, weights, parameters, c, scale, history, fine, coarse, ring):
        back = back_of(position, words)
        last = np.int64(words[position + np.uint64(ARRIVED)])
        first = np.int32(words[position + np.uint64(UNSEEN)])
        r1, r2 = weights[position], weights[position + np.uint64(1)]
        now = t - back  # when the spike reaches the synapse
        left = np.int32(now - back)  # when a postsynaptic spike that meets it left the soma
        since = np.int32(last - back)  # the same for the spike before
        seen = min(left, np.int32(now - 1))  # the last step whose postsynaptic spikes are applied
        met = left - np.int32(1)  # the last step whose postsynaptic spikes depress
        r2_now = np.float32(0.0)
        if n_pre > 1:
            r2_now = r2 * decay(now - last, fine[ROW_R2], coarse[ROW_R2])
        record, first_slot = np.uint64(parameters[RECORD_WORDS]), np.uint64(parameters[FIRST_SLOT])
        bits = np.uint64(parameters[CORE_BITS])
        onto = ring_start(t, parameters, ring)
        end = end_of(position, words)
        for i in range(first_synapse(position), end):
            prefetch_record(i, end, words, first_slot, record, history)
            slot = np.uint64(words[i])
            # The postsynaptic spikes that the synapse has missed
            newest = entry_until(seen, (slot - first_slot) * record, width, history)
            u = apply_spikes(weights[i], newest, first, since, r1, r2, c, history, fine, coarse)
            # The presynaptic spike: o1(left) = o1(spike) exp(-(left - spike) / tau)
            newest = entry_until(met, newest, width, history)
            o1 = as_float(history[newest + np.uint64(O1)])
            o1 = o1 * decay(left - history[newest], fine[row_o1], coarse[row_o1])
            u = depress(c, u, o1, r2_now)
            weights[i] = u
            # Delivery
            ring[onto + ring_offset(slot, bits)] += quanta_of(u, scale)
        # r <- r exp(-(now - last) / tau) + 1, or r <- 1
        keep = np.float32(parameters[KEEP])
        r1_now = keep * r1 * decay(now - last, fine[ROW_R1], coarse[ROW_R1])
        weights[position] = r1_now + np.float32(1.0)
        if n_pre > 1:
            weights[position + np.uint64(1)] = keep * r2_now + np.float32(1.0)
        words[position + np.uint64(ARRIVED)] = np.uint32(now)
        words[position + np.uint64(UNSEEN)] = np.uint32(max(seen + np.int32(1), np.int32(0)))

    return segment


def _catch_up_function(apply_spikes: Callable[..., Any], n_post: int) -> Callable[..., Any]:
    """Return the function that applies the postsynaptic spikes up to a step."""
    width = np.uint64(1 + n_post)

    @device
    def catch_up(t, position, words, weights, parameters, c, scale, history, fine, coarse, ring):
        back = back_of(position, words)
        last = np.int64(words[position + np.uint64(ARRIVED)])
        first = np.int32(words[position + np.uint64(UNSEEN)])
        since = np.int32(last - back)
        # A spike that left the soma at t - 2 back is at the synapse when one that arrives at t is.
        seen = np.int32(t - 2 * back)
        if seen < first:
            return
        r1, r2 = weights[position], weights[position + np.uint64(1)]
        record, first_slot = np.uint64(parameters[RECORD_WORDS]), np.uint64(parameters[FIRST_SLOT])
        end = end_of(position, words)
        for i in range(first_synapse(position), end):
            prefetch_record(i, end, words, first_slot, record, history)
            newest = (np.uint64(words[i]) - first_slot) * record
            newest = entry_until(seen, newest, width, history)
            weights[i] = apply_spikes(
                weights[i], newest, first, since, r1, r2, c, history, fine, coarse
            )
        words[position + np.uint64(UNSEEN)] = np.uint32(seen + np.int32(1))

    return catch_up
