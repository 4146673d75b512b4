"""The kernels that go over rows of plastic synapses, made from text around a function of the family.

``segment(t, position, words, ...)`` treats the synapses of the segment at ``position``, whose
presynaptic spike is due at the soma at step ``t``; ``visit`` has the same arguments. Their further
arrays differ from family to family, and a compiled call must name each.

A row waits in the calendar, which has a bucket for each of the next steps: ``calendar`` uint32
[buckets, room] holds positions, ``n_waiting`` int64 [buckets] how many there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import device
from distsnn.kernels.compile.signature import Signature
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.formats import AXON_MASK, NO_ROW, STEP_SHIFT
from distsnn.kernels.plastic.functions import RuleKernel
from distsnn.kernels.plastic.rows import end_of, is_last, wait_of


@device
def let_wait(due, position, calendar, n_waiting):
    """Let a row wait until step ``due``."""
    # due modulo the number of buckets, a power of two
    bucket = due & np.int64(n_waiting.size - 1)
    calendar[bucket, n_waiting[bucket]] = np.uint32(position)
    n_waiting[bucket] += 1


@device
def room_for(t, n_new, n_waiting):
    """Return how many positions one bucket may have to hold at the end of step ``t``."""
    most = np.int64(0)
    for bucket in range(n_waiting.size):
        most = max(most, n_waiting[bucket])
    return most + n_waiting[t & np.int64(n_waiting.size - 1)] + n_new


def deliver_source(name: str, arrays: tuple[str, ...]) -> str:
    """Return the text of the kernel ``name`` that treats all rows due at step ``t``.

    ``own_axons[:n_own]`` spiked on this rank at t - 1; ``received[:n_received]`` are packets of the
    batch that began at ``batch_start``. Returns 0, or the room that the calendar needs: then nothing
    was changed and the caller calls again with a larger calendar.
    """
    names = ", ".join(arrays)
    return f"""
def {name}(t, batch_start, n_own, n_received, own_axons, received, pointers, calendar, n_waiting,
           words, {names}):
    room = room_for(t, n_own + n_received, n_waiting)
    if room > calendar.shape[1]:
        return room
    # New spikes: their rows wait for the delay of the first segment.
    for i in range(n_own):
        pointer = pointers[np.uint64(own_axons[i])]
        if pointer != np.uint32(NO_ROW):
            let_wait(t - 1 + wait_of(pointer, words), pointer, calendar, n_waiting)
    for i in range(n_received):
        packet = received[i]
        pointer = pointers[np.uint64(packet & np.uint32(AXON_MASK))]
        if pointer != np.uint32(NO_ROW):
            spiked = batch_start + np.int64(packet >> np.uint32(STEP_SHIFT))
            let_wait(spiked + wait_of(pointer, words), pointer, calendar, n_waiting)
    # Segments that are due; then their rows wait for the next segment.
    bucket = t & np.int64(n_waiting.size - 1)
    n = n_waiting[bucket]
    n_waiting[bucket] = 0
    for i in range(n):
        if i + 1 < n:
            prefetch(words, np.uint64(calendar[bucket, i + 1]))
        position = np.uint64(calendar[bucket, i])
        was_last, end = is_last(position, words), end_of(position, words)
        segment(t, position, words, {names})
        if not was_last:
            let_wait(t + wait_of(end, words), end, calendar, n_waiting)
    return 0
"""


def visit_source(name: str, arrays: tuple[str, ...]) -> str:
    """Return the text of the kernel ``name`` that visits every segment of a rank."""
    names = ", ".join(arrays)
    return f"""
def {name}(t, words, {names}):
    position = np.uint64(0)
    while position < np.uint64(words.size):
        end = end_of(position, words)
        visit(t, position, words, {names})
        position = end
    return 0
"""


def deliver_kernel(
    segment: Callable[..., Any], arrays: dict[str, str], module: str, name: str = "deliver",
    **reads: Any,
) -> RuleKernel:  # fmt: skip
    """Return the kernel ``name`` of a rule file (``module``), which calls ``segment``.

    arrays: name -> type. reads: fields of ``RuleKernel``.
    """
    types = ["u4[:]", "u4[:]", "u4[:]", "u4[:,:]", "i8[:]", "u4[:]", *arrays.values()]
    text = f"i8(i8, i8, i8, i8, {', '.join(types)})"
    function = _made(name, deliver_source(name, tuple(arrays)), segment=segment)
    return RuleKernel(function, Signature.parse(text), module, name, **reads)


def visit_kernel(
    name: str, visit: Callable[..., Any], arrays: dict[str, str], module: str, **reads: Any
) -> RuleKernel:
    """Return the kernel ``name`` of a rule file, which calls ``visit`` for every segment."""
    text = f"i8(i8, {', '.join(['u4[:]', *arrays.values()])})"
    function = _made(name, visit_source(name, tuple(arrays)), visit=visit)
    return RuleKernel(function, Signature.parse(text), module, name, **reads)


def _made(name: str, source: str, **functions: Any) -> Callable[..., int]:
    known = {
        "np": np, "prefetch": prefetch, "room_for": room_for, "let_wait": let_wait,
        "wait_of": wait_of, "is_last": is_last, "end_of": end_of, "AXON_MASK": AXON_MASK,
        "NO_ROW": NO_ROW, "STEP_SHIFT": STEP_SHIFT, **functions,
    }  # fmt: skip
    exec(compile(source, f"<plastic {name}>", "exec"), known)
    return known[name]
