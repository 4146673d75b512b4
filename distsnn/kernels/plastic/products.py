"""Sum-of-products learning in the chip's integers, epoch by epoch.

Traces are whole numbers of 7 bits. Within an epoch of at most 64 steps a trace is exact,

    v(s) = v(start) beta^(s + 1) + impulse sum over spikes k <= s of beta^(s - k),

rounded to the nearest where a product reads it; at the end of the epoch it is rounded up or down at
random in proportion, and kept. A mask has a bit for each step of the epoch with a spike. Products
are summed up in 1/128 with 16 bits, saturating; the sum is added to the weight and rounded at random
in proportion. All random words are functions of the network's seed, the projection, the epoch and the
ends of the synapse; weights, traces of sources and traces of targets have keys of their own, so that no
word is used twice where a neuron is source and target.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel, device, kernel
from distsnn.kernels.compile.signature import Signature
from distsnn.kernels.delivery.rows import row_of
from distsnn.kernels.formats import NO_ROW
from distsnn.kernels.numbers.threefry import threefry
from distsnn.kernels.plastic.calendar import deliver_kernel, module_of
from distsnn.kernels.plastic.rows import IS_LAST, LAST, N_HEADER, N_MASK, NEXT, WAIT, WAIT_SHIFT
from distsnn.kernels.plastic.traces import CORE_BITS, quanta_of, ring_place, ring_start

FRACTION_BITS = 7
MAX_SUM = (1 << 15) - 1
MAX_TRACE = 127
UNIT = 2.0**-32
GOLDEN = 0x9E3779B9
# Entries of the facts beyond those of the rings.
FIRST_SLOT, EPOCH_START, EPOCH_STEPS = 0, 6, 7
IS_DECIMATED, R1, KEY_LOW, KEY_HIGH, TRACE_LOW, TRACE_HIGH, EPOCH, HAS_TAG = range(8, 16)
W_MIN, W_MAX, TARGET_TRACE_LOW, TARGET_TRACE_HIGH = range(16, 20)
N_FACTS = 20
ARRAYS = {"weights": "f4[:]", "facts": "i8[:]", "scale": "f4[:]", "ring": "i4[:]"}


@device
def saturated(x):
    """Return x as a sum of 16 bits keeps it."""
    return max(min(x, MAX_SUM), -MAX_SUM - 1)


@device
def scaled(x, exponent):
    """Return x 2^exponent in 1/128, rounded down; 16 bits."""
    shift = exponent + FRACTION_BITS
    return saturated(x << shift if shift >= 0 else x >> -shift)


@device
def sign_of(x):
    """Return -1, 0 or 1."""
    return (1 if x > 0 else 0) - (1 if x < 0 else 0)


@device
def exact_trace(before, mask, at, includes, impulse, beta):
    """Return a trace at step ``at`` of the epoch, with or without a spike of that very step."""
    value = np.float32(before) * beta[at + 1]
    bits = np.uint64(mask)
    k = 0
    while bits != np.uint64(0) and k < at + includes:
        if bits & np.uint64(1):
            value += impulse * beta[at - k]
        bits >>= np.uint64(1)
        k += 1
    return value


@device
def trace_at(before, mask, at, includes, impulse, beta):
    """Return the trace as the nearest whole number, at most 127."""
    value = exact_trace(before, mask, at, includes, impulse, beta)
    return min(np.int64(np.floor(value + np.float32(0.5))), MAX_TRACE)


@device
def kept_trace(before, mask, n_steps, impulse, beta, word):
    """Return the trace at the end of the epoch, rounded at random in proportion."""
    value = np.float64(exact_trace(before, mask, n_steps - 1, 1, impulse, beta))
    return min(np.int64(np.floor(value + np.float64(word) * UNIT)), MAX_TRACE)


@device
def last_bit(mask):
    """Return the number of the highest bit that is set; mask is not 0."""
    at = -1
    bits = np.uint64(mask)
    while bits != np.uint64(0):
        bits >>= np.uint64(1)
        at += 1
    return at


@device
def rounded(value, change, word):
    """Return value + change / 128, rounded at random in proportion."""
    total = saturated((value << FRACTION_BITS) + change)
    return (total + np.int64(word & np.uint32((1 << FRACTION_BITS) - 1))) >> FRACTION_BITS


@kernel("i8(i8, i8, i8[:], u4[:], u4[:], u8[:])")
def mark_spikes(t, n_spikes, facts, spikes, n_in, masks):
    """Set the bit of step ``t`` for each of spikes[:n_spikes] (slots) with plastic synapses."""
    bit = np.uint64(1) << np.uint64(t - facts[EPOCH_START])
    for i in range(n_spikes):
        place = np.int64(spikes[i]) - facts[FIRST_SLOT]
        if 0 <= place < masks.size and n_in[place] > np.uint32(0):
            masks[place] |= bit
    return 0


@kernel("i8(i8[:], f4[:], f4[:,:], u4[:], u8[:], i8[:,:])")
def keep_target_traces(facts, impulse, beta, gid_of_slot, masks, traces):
    """Take the traces of all target neurons over an epoch. traces: int64 [slots, 3]."""
    n_steps = facts[EPOCH_STEPS]
    low, high = np.uint32(facts[TARGET_TRACE_LOW]), np.uint32(facts[TARGET_TRACE_HIGH])
    epoch = np.uint32(facts[EPOCH])
    for k in range(traces.shape[1]):
        own_low = np.uint32(low ^ np.uint32((k + 1) * GOLDEN))
        for place in range(masks.size):
            before = traces[place, k]
            if masks[place] != np.uint64(0) or before != 0:
                gid = gid_of_slot[place + facts[FIRST_SLOT]]
                word, _ = threefry(own_low, high, gid, epoch)
                traces[place, k] = kept_trace(
                    before, masks[place], n_steps, impulse[2 + k], beta[2 + k], word
                )
    for place in range(masks.size):
        masks[place] = np.uint64(0)
    return 0


def product_kernels(
    change: Callable[..., Any], *, works_without_source: bool
) -> tuple[Kernel, Kernel]:
    """Return the kernels ``deliver`` and ``learn_epoch`` of the file that defines ``change``."""

    @device
    def segment(t, position, words, weights, facts, scale, ring):
        """Deliver the weights and mark the step in the segment's mask."""
        bit = np.uint64(1) << np.uint64(t - facts[EPOCH_START])
        words[position + np.uint64(LAST)] |= np.uint32(bit & np.uint64(0xFFFFFFFF))
        words[position + np.uint64(NEXT)] |= np.uint32(bit >> np.uint64(32))
        bits = np.uint64(facts[CORE_BITS])
        onto = ring_start(t, facts, ring)
        start = position + np.uint64(N_HEADER)
        for i in range(start, start + np.uint64(words[position] & np.uint32(N_MASK))):
            place = onto + ring_place(np.uint64(words[i]), bits)
            ring[place] += quanta_of(weights[i], scale)

    @device
    def learn_segment(
        position, source, delay, words, weights, tags, numbers, facts, impulse, beta, gid_of_slot,
        masks, traces, x,
    ):  # fmt: skip
        """Apply the rule to a segment at the end of an epoch, and keep its traces."""
        x_mask = np.uint64(words[position + np.uint64(LAST)])
        x_mask |= np.uint64(words[position + np.uint64(NEXT)]) << np.uint64(32)
        x[0] = np.int64(weights[position])
        x[1] = np.int64(weights[position + np.uint64(1)])
        is_active = x_mask != np.uint64(0) or x[0] != 0 or x[1] != 0
        if not is_active and not works_without_source:
            return
        n_steps = facts[EPOCH_STEPS]
        x0 = 1 if x_mask != np.uint64(0) else 0
        t_x = last_bit(x_mask)
        key_low, key_high = np.uint32(facts[KEY_LOW]), np.uint32(facts[KEY_HIGH])
        start = position + np.uint64(N_HEADER)
        for i in range(start, start + np.uint64(words[position] & np.uint32(N_MASK))):
            place = np.int64(words[i]) - facts[FIRST_SLOT]
            y_mask = masks[place]
            y0 = 1 if y_mask != np.uint64(0) else 0
            w = np.int64(weights[i])
            tag = np.int64(tags[i]) if facts[HAS_TAG] != 0 else np.int64(0)
            dw, dt = change(
                x0, y0, facts[IS_DECIMATED], t_x, last_bit(y_mask), n_steps - 1, x, x_mask,
                traces[place], y_mask, w, delay, tag, facts[R1], impulse, beta,
            )  # fmt: skip
            if dw != 0 or dt != 0:
                low = np.uint32(key_low ^ np.uint32(np.uint32(numbers[i]) * np.uint32(GOLDEN)))
                target = gid_of_slot[np.uint64(words[i])]
                for_w, for_t = threefry(low, key_high, source, target)
                w = rounded(w, dw, for_w)
                weights[i] = np.float32(max(min(w, facts[W_MAX]), facts[W_MIN]))
                if facts[HAS_TAG] != 0:
                    tag = rounded(tag, dt, for_t)
                    tags[i] = np.float32(max(min(tag, 255), -256))
        if is_active:
            low = np.uint32(np.uint32(facts[TRACE_LOW]) ^ np.uint32(delay * GOLDEN & 0xFFFFFFFF))
            high = np.uint32(facts[TRACE_HIGH])
            first, second = threefry(low, high, source, np.uint32(facts[EPOCH]))
            weights[position] = np.float32(
                kept_trace(x[0], x_mask, n_steps, impulse[0], beta[0], first)
            )
            weights[position + np.uint64(1)] = np.float32(
                kept_trace(x[1], x_mask, n_steps, impulse[1], beta[1], second)
            )
            words[position + np.uint64(LAST)] = np.uint32(0)
            words[position + np.uint64(NEXT)] = np.uint32(0)

    def learn_epoch(
        pointers, axon_gids, words, weights, tags, numbers, facts, impulse, beta, gid_of_slot,
        masks, traces, x,
    ):  # fmt: skip
        """Apply the rule to all synapses at the end of an epoch."""
        for axon in range(pointers.size):
            if pointers[axon] == np.uint32(NO_ROW):
                continue
            position = np.uint64(pointers[axon])
            delay = np.int64(0)
            is_last = False
            while not is_last:
                header = words[position]
                is_last = (header & np.uint32(IS_LAST)) != np.uint32(0)
                delay += np.int64(words[position + np.uint64(WAIT)] >> np.uint32(WAIT_SHIFT))
                learn_segment(
                    position, axon_gids[axon], delay, words, weights, tags, numbers, facts,
                    impulse, beta, gid_of_slot, masks, traces, x,
                )  # fmt: skip
                position += np.uint64(N_HEADER) + np.uint64(header & np.uint32(N_MASK))
        return 0

    module = module_of(change)
    text = (
        "i8(u4[:], u4[:], u4[:], f4[:], f4[:], f4[:], i8[:], f4[:], f4[:,:], u4[:], u8[:], "
        "i8[:,:], i8[:])"
    )
    learn = Kernel(learn_epoch, Signature.parse(text), module, "learn_epoch")
    return deliver_kernel(segment, ARRAYS, module), learn


@kernel("i8(i8, i8, i4[:], u4[:], i4[:], u4[:,:], u4[:], u4[:], f4[:])")
def number_multapses(
    first, gid_start, counts, sources, page_of, pages, seen_by, n_seen, numbers
):  # fmt: skip
    """numbers[i] = how many synapses from the same source onto the same target come before i.

    first: number of the first target, from 1 on. page_of, pages: rows of the rank's axons by gid.
    seen_by, n_seen: uint32 [rows], scratch that is kept from call to call.
    """
    i = np.int64(0)
    for k in range(counts.size):
        target = np.uint32(first + k)
        for _ in range(counts[k]):
            row = row_of(np.uint64(np.int64(sources[i]) + gid_start), page_of, pages)
            if seen_by[row] != target:
                seen_by[row] = target
                n_seen[row] = np.uint32(0)
            numbers[i] = np.float32(n_seen[row])
            n_seen[row] += np.uint32(1)
            i += 1
    return 0
