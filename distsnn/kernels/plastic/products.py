"""Sum-of-products learning in the chip's integers, epoch by epoch.

Products are summed up in 1/128 with 16 bits, saturating; the sum is added to the weight and rounded at
random in proportion. All random words are functions of the network's seed, the projection, the epoch
and the two neurons of the synapse; weights, traces of sources and traces of targets have keys of their
own, so that no word is used twice if a neuron is source and target.

Source: Davies et al. 2018, IEEE Micro 38:82 (learning epochs; see ``plasticity/sum_of_products.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel, device, kernel
from distsnn.kernels.compile.signature import Signature
from distsnn.kernels.formats import NO_ROW, PLASTIC_MARK_1, PLASTIC_MARK_2
from distsnn.kernels.numbers.threefry import threefry
from distsnn.kernels.plastic.calendar import deliver_kernel
from distsnn.kernels.plastic.functions import module_of
from distsnn.kernels.plastic.product_numbers import kept_trace, last_bit, rounded
from distsnn.kernels.plastic.rows import (
    CORE_BITS,
    FIRST_SLOT,
    N_ROW_PARAMETERS,
    end_of,
    first_synapse,
    is_last,
    quanta_of,
    ring_offset,
    ring_start,
    wait_of,
)

MASK_LOW, MASK_HIGH = PLASTIC_MARK_1, PLASTIC_MARK_2  # what the marks of a segment mean here
GOLDEN = 0x9E3779B9
MIN_TAG, MAX_TAG = -256, 255
# Entries of the parameters after those of the rows. *_LOW, *_HIGH: halves of a key for random words.
EPOCH_START, EPOCH_STEPS, IS_DECIMATED, R1, EPOCH, HAS_TAG, W_MIN, W_MAX = range(
    N_ROW_PARAMETERS, N_ROW_PARAMETERS + 8
)
KEY_LOW, KEY_HIGH, TRACE_LOW, TRACE_HIGH, TARGET_TRACE_LOW, TARGET_TRACE_HIGH = range(
    W_MAX + 1, W_MAX + 7
)
N_PARAMETERS = TARGET_TRACE_HIGH + 1
ARRAYS = {"weights": "f4[:]", "parameters": "i8[:]", "scale": "f4[:]", "ring": "i4[:]"}
LEARN_SIGNATURE = (
    "i8(u4[:], u4[:], u4[:], f4[:], f4[:], f4[:], i8[:], f4[:], f4[:,:], u4[:], u8[:], i8[:,:], "
    "i8[:])"
)


@kernel("i8(i8, i8, i8[:], u4[:], u4[:], u8[:])")
def mark_spikes(t, n_spikes, parameters, spikes, n_in, masks):
    """Set the bit of step ``t`` for each of spikes[:n_spikes] (slots) with plastic synapses."""
    bit = np.uint64(1) << np.uint64(t - parameters[EPOCH_START])
    for i in range(n_spikes):
        target = np.int64(spikes[i]) - parameters[FIRST_SLOT]
        if 0 <= target < masks.size and n_in[target] > np.uint32(0):
            masks[target] |= bit
    return 0


@kernel("i8(i8[:], f4[:], f4[:,:], u4[:], u8[:], i8[:,:])")
def keep_target_traces(parameters, impulse, beta, gid_of_slot, masks, traces):
    """Take the traces of all target neurons over an epoch. traces: int64 [slots, 3]."""
    n_steps = parameters[EPOCH_STEPS]
    low, high = np.uint32(parameters[TARGET_TRACE_LOW]), np.uint32(parameters[TARGET_TRACE_HIGH])
    epoch = np.uint32(parameters[EPOCH])
    for k in range(traces.shape[1]):
        # Random words by trace, target and epoch
        own_low = np.uint32(low ^ np.uint32((k + 1) * GOLDEN & 0xFFFFFFFF))
        for target in range(masks.size):
            before = traces[target, k]
            if masks[target] != np.uint64(0) or before != 0:
                gid = gid_of_slot[target + parameters[FIRST_SLOT]]
                word, _ = threefry(own_low, high, gid, epoch)
                traces[target, k] = kept_trace(
                    before, masks[target], n_steps, impulse[2 + k], beta[2 + k], word
                )
    for target in range(masks.size):
        masks[target] = np.uint64(0)
    return 0


@device
def segment(t, position, words, weights, parameters, scale, ring):
    """Deliver the weights of a segment and mark the step in its mask."""
    # Bit of the step in the mask of 64 bits, whose halves are the marks
    bit = np.uint64(1) << np.uint64(t - parameters[EPOCH_START])
    words[position + np.uint64(MASK_LOW)] |= np.uint32(bit & np.uint64(0xFFFFFFFF))
    words[position + np.uint64(MASK_HIGH)] |= np.uint32(bit >> np.uint64(32))
    bits = np.uint64(parameters[CORE_BITS])
    onto = ring_start(t, parameters, ring)
    for i in range(first_synapse(position), end_of(position, words)):
        ring[onto + ring_offset(np.uint64(words[i]), bits)] += quanta_of(weights[i], scale)


@device
def keep_source_traces(
    position, source, delay, words, weights, parameters, impulse, beta, x, x_mask
):
    """Take the traces x1 and x2 of a segment over an epoch, and clear its mask."""
    n_steps = parameters[EPOCH_STEPS]
    # Random words by source, delay and epoch
    low = np.uint32(np.uint32(parameters[TRACE_LOW]) ^ np.uint32(delay * GOLDEN & 0xFFFFFFFF))
    high = np.uint32(parameters[TRACE_HIGH])
    first, second = threefry(low, high, source, np.uint32(parameters[EPOCH]))
    weights[position] = np.float32(kept_trace(x[0], x_mask, n_steps, impulse[0], beta[0], first))
    weights[position + np.uint64(1)] = np.float32(
        kept_trace(x[1], x_mask, n_steps, impulse[1], beta[1], second)
    )
    words[position + np.uint64(MASK_LOW)] = np.uint32(0)
    words[position + np.uint64(MASK_HIGH)] = np.uint32(0)


def product_kernels(
    change: Callable[..., Any], *, works_without_source: bool
) -> tuple[Kernel, Kernel]:
    """Return the kernels ``deliver`` and ``learn_epoch`` of the module that defines ``change``.

    works_without_source: whether synapses can change though their source has been silent for long.
    """
    learn_segment = _segment_function(_synapse_function(change), works_without_source)

    def learn_epoch(
        pointers, axon_gids, words, weights, tags, numbers, parameters, impulse, beta, gid_of_slot,
        masks, traces, x,
    ):  # fmt: skip
        """Apply the rule to all synapses at the end of an epoch. x: int64 [2], scratch."""
        for axon in range(pointers.size):
            if pointers[axon] == np.uint32(NO_ROW):
                continue
            position = np.uint64(pointers[axon])
            delay = np.int64(0)
            was_last = False
            while not was_last:
                was_last = is_last(position, words)
                end = end_of(position, words)
                delay += wait_of(position, words)
                learn_segment(
                    position, axon_gids[axon], delay, words, weights, tags, numbers, parameters,
                    impulse, beta, gid_of_slot, masks, traces, x,
                )  # fmt: skip
                position = end
        return 0

    module = module_of(change)
    learn = Kernel(learn_epoch, Signature.parse(LEARN_SIGNATURE), module, "learn_epoch")
    return deliver_kernel(segment, ARRAYS, module), learn


def _synapse_function(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that applies a rule to one synapse."""

    @device
    def learn_synapse(
        i, source, delay, t_x, x_mask, words, weights, tags, numbers, parameters, impulse, beta,
        gid_of_slot, masks, traces, x,
    ):  # fmt: skip
        """Change weight and tag of synapse ``i`` by the sums of the rule's products.

        t_x: step of the epoch in which the source's last spike arrived, -1 if there was none.
        """
        target = np.int64(words[i]) - parameters[FIRST_SLOT]
        y_mask = masks[target]
        x0 = 1 if t_x >= 0 else 0
        y0 = 1 if y_mask != np.uint64(0) else 0
        w = np.int64(weights[i])
        tag = np.int64(tags[i]) if parameters[HAS_TAG] != 0 else np.int64(0)
        # Sums of products in 1/128
        dw, dt = change(
            x0, y0, parameters[IS_DECIMATED], t_x, last_bit(y_mask),
            parameters[EPOCH_STEPS] - 1, x, x_mask, traces[target], y_mask, w, delay, tag,
            parameters[R1], impulse, beta,
        )  # fmt: skip
        if dw != 0 or dt != 0:
            # Random words by source, target, number among multapses and epoch (in the key)
            golden = np.uint32(np.uint32(numbers[i]) * np.uint32(GOLDEN))
            low = np.uint32(np.uint32(parameters[KEY_LOW]) ^ golden)
            high = np.uint32(parameters[KEY_HIGH])
            for_w, for_t = threefry(low, high, source, gid_of_slot[np.uint64(words[i])])
            w = rounded(w, dw, for_w)
            weights[i] = np.float32(max(min(w, parameters[W_MAX]), parameters[W_MIN]))
            if parameters[HAS_TAG] != 0:
                tag = rounded(tag, dt, for_t)
                tags[i] = np.float32(max(min(tag, MAX_TAG), MIN_TAG))

    return learn_synapse


def _segment_function(
    learn_synapse: Callable[..., Any], works_without_source: bool
) -> Callable[..., Any]:
    """Return the function that applies a rule to a segment."""

    @device
    def learn_segment(
        position, source, delay, words, weights, tags, numbers, parameters, impulse, beta, gid_of_slot,
        masks, traces, x,
    ):  # fmt: skip
        """Apply the rule to a segment at the end of an epoch, and keep its traces."""
        # Spikes and traces of the source in this epoch
        x_mask = np.uint64(words[position + np.uint64(MASK_LOW)])
        x_mask |= np.uint64(words[position + np.uint64(MASK_HIGH)]) << np.uint64(32)
        x[0] = np.int64(weights[position])
        x[1] = np.int64(weights[position + np.uint64(1)])
        is_active = x_mask != np.uint64(0) or x[0] != 0 or x[1] != 0
        if not is_active and not works_without_source:
            return
        t_x = last_bit(x_mask)
        for i in range(first_synapse(position), end_of(position, words)):
            learn_synapse(
                i, source, delay, t_x, x_mask, words, weights, tags, numbers, parameters, impulse, beta,
                gid_of_slot, masks, traces, x,
            )  # fmt: skip
        if is_active:
            keep_source_traces(
                position, source, delay, words, weights, parameters, impulse, beta, x, x_mask
            )

    return learn_segment
