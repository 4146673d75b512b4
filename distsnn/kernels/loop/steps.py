"""Bookkeeping of the time loop: the number of the step, and what follows from it.

``values`` are the values of the program, in the order of ``NAMES``; the constants are their indices.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.numbers.mixing import mixed

# ignored: see Program. t: the current step. until: the program stops before this step.
# Set from outside: n steps, batch (steps per exchange), window (steps between two sums of the mesh
# counters), rows (of these counters), block (steps after which they are gathered), settle at, record
# from (first step of the spike record), given from (first step of the injected spikes).
# Derived for each step: number in the batch, row of the counters, whether the step ends a window or a
# batch, whether all packets must have arrived at its end, index in the spike record and in the
# injected spikes, whether steps remain, first step and row of the batch that was sent last.
NAMES = (
    "ignored", "t", "until", "n steps", "batch", "window", "rows", "block", "settle at",
    "record from", "given from", "step in batch", "row", "ends window", "ends batch", "settles",
    "recorded step", "given step", "goes on", "sent from", "sent row",
)  # fmt: skip
(
    _, T, UNTIL, N_STEPS, BATCH, WINDOW, ROWS, BLOCK, SETTLE_AT, RECORD_FROM,
    GIVEN_FROM, STEP_IN_BATCH, ROW, ENDS_WINDOW, ENDS_BATCH, SETTLES, RECORDED_STEP,
    GIVEN_STEP, GOES_ON, SENT_FROM, SENT_ROW,
) = range(len(NAMES))  # fmt: skip


@kernel("i8(i8[:])")
def begin_step(values):
    """Set all values that follow from the number of the step, ``t``."""
    t, window, batch = values[T], values[WINDOW], values[BATCH]
    is_last = t + 1 == values[N_STEPS]
    in_batch = t % batch
    # A 64-bit division takes as long as the update of several neurons, so the usual case avoids it:
    # windows of one step, and blocks that end with the last row of the counters.
    n_window, in_window = (t, np.int64(0)) if window == 1 else (t // window, t % window)
    row = n_window % values[ROWS]
    if window == 1 and values[BLOCK] == values[ROWS]:
        ends_block = row + 1 == values[ROWS]
    else:
        ends_block = (t + 1) % values[BLOCK] == 0
    # All packets must have arrived before counters are gathered, at the end, and on request.
    values[STEP_IN_BATCH] = in_batch
    values[ROW] = row
    values[ENDS_WINDOW] = is_last or in_window + 1 == window
    values[ENDS_BATCH] = is_last or in_batch + 1 == batch
    values[SETTLES] = is_last or ends_block or t + 1 == values[SETTLE_AT]
    values[RECORDED_STEP] = t - values[RECORD_FROM]
    values[GIVEN_STEP] = t - values[GIVEN_FROM]
    return 0


@kernel("i8(i8[:])")
def begin_exchange(values):
    """Store the first step, and its row of counters, of the batch that is about to be sent."""
    first = values[T] - values[STEP_IN_BATCH]
    n_window = first if values[WINDOW] == 1 else first // values[WINDOW]
    values[SENT_FROM] = first
    values[SENT_ROW] = n_window % values[ROWS]
    return 0


@kernel("i8(i8[:])")
def end_step(values):
    """Advance to the next step."""
    values[T] += 1
    values[GOES_ON] = values[T] < values[UNTIL]
    return 0


AS_BITS = 1 << 31  # flag in n_of_step: the spikes of the step are stored as a bit mask


@device
def set_bits(slots, words):
    """Set the bit of each slot in words of 0; return whether the slots ascend, as they have to."""
    ascend = True
    before = np.int64(-1)
    word, bits = np.uint64(0), np.uint32(0)
    for i in range(slots.size):
        slot = np.uint64(slots[i])
        ascend &= np.int64(slot) > before
        before = np.int64(slot)
        if slot >> np.uint64(5) != word:
            words[word] = bits
            word, bits = slot >> np.uint64(5), np.uint32(0)
        bits |= np.uint32(np.uint64(1) << (slot & np.uint64(31)))
    words[word] = bits
    return ascend


@kernel("i8(i8, i8, u4[:], u4[:], u4[:], i8[:])")
def record_spikes(step, n, spikes, n_of_step, block, used):
    """Append spikes[:n] of a step to block[:used[0]]; return 0, or 1 if there is not enough room.

    If a bit mask over all slots, of used[1] words, is shorter, it is stored instead, and n_of_step gets
    the flag AS_BITS. This pays because the main cost is touching new memory.
    """
    at, n_words = used[0], used[1]
    if at + n > block.size:
        return 1
    if n > n_words:
        block[at : at + n_words] = np.uint32(0)
        if set_bits(spikes[:n], block[at : at + n_words]):
            n_of_step[step] = n | AS_BITS
            used[0] += n_words
            return 0
    n_of_step[step] = n
    for i in range(n):
        block[at + i] = spikes[i]
    used[0] += n
    return 0


@kernel("i8(i8, i8, u4[:], u1[:], u4[:], i8[:], u8[:])")
def count_unrecorded(step, n, spikes, is_recorded, gids, counts, digest):
    """Move the spikes of recorded slots to spikes[:k], count the others, and return k.

    is_recorded, gids, counts: by slot. The others are added to digest[0] as ``digest_spikes`` does it.
    """
    kept = np.int64(0)
    total = digest[0]
    for i in range(n):
        slot = np.uint64(spikes[i])
        if is_recorded[slot]:
            spikes[kept] = spikes[i]
            kept += 1
        else:
            counts[slot] += 1
            total += mixed((np.uint64(step) << np.uint64(32)) | np.uint64(gids[slot]))
    digest[0] = total
    return kept


@kernel("i8(i8, i8, i8[:], u4[:], u4[:])")
def append_given(step, n, start, slots, spikes):
    """Append slots[start[step] : start[step + 1]] to spikes[:n]; return the new n."""
    if step >= 0 and step + 1 < start.size:
        for k in range(start[step], start[step + 1]):
            spikes[n] = slots[k]
            n += 1
    return n


@kernel("i8(i8, i8, i8[:], u4[:], u4[:])")
def replace_by_given(step, n, start, slots, spikes):
    """Replace spikes[:n], those of the neurons, by injected spikes; return their number."""
    n = np.int64(0)
    for k in range(start[step], start[step + 1]):
        spikes[n] = slots[k]
        n += 1
    return n
