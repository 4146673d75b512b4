"""The kernels that walk rows of plastic synapses, made from text around a rule's ``segment``.

``segment(t, position, words, ...)`` treats the synapses behind the header at ``position``, whose
presynaptic spike is due at the soma at step ``t``; its further arrays differ from rule to rule, and a
compiled call must name each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel
from distsnn.kernels.compile.signature import Signature
from distsnn.kernels.delivery.prefetch import prefetch
from distsnn.kernels.formats import AXON_MASK, NO_ROW, STEP_SHIFT
from distsnn.kernels.plastic.rows import (
    IS_LAST,
    N_HEADER,
    N_MASK,
    first_wait,
    let_wait,
    room_for,
)


def deliver_source(name: str, arrays: tuple[str, ...]) -> str:
    """Return the text of the kernel ``name`` that treats all rows due at step ``t``.

    ``own_axons[:n_own]`` spiked on this rank at t - 1; ``received[:n_received]`` are packets of the
    batch that began at ``batch_start``. Returns 0, or the room that the calendar needs: then nothing
    was changed and the caller comes back with a larger one.
    """
    names = ", ".join(arrays)
    return f"""
def {name}(t, batch_start, n_own, n_received, own_axons, received, pointers, calendar, n_waiting,
           words, {names}):
    room = room_for(t, n_own + n_received, n_waiting)
    if room > calendar.shape[1]:
        return room
    for i in range(n_own):
        pointer = pointers[np.uint64(own_axons[i])]
        if pointer != np.uint32(NO_ROW):
            let_wait(t - 1 + first_wait(pointer, words), pointer, calendar, n_waiting)
    for i in range(n_received):
        packet = received[i]
        pointer = pointers[np.uint64(packet & np.uint32(AXON_MASK))]
        if pointer != np.uint32(NO_ROW):
            spiked = batch_start + np.int64(packet >> np.uint32(STEP_SHIFT))
            let_wait(spiked + first_wait(pointer, words), pointer, calendar, n_waiting)
    bucket = t & np.int64(n_waiting.size - 1)
    n = n_waiting[bucket]
    n_waiting[bucket] = 0
    for i in range(n):
        if i + 1 < n:
            prefetch(words, np.uint64(calendar[bucket, i + 1]))
        position = np.uint64(calendar[bucket, i])
        header = words[position]
        segment(t, position, words, {names})
        if not header & np.uint32(IS_LAST):
            position += np.uint64(N_HEADER) + np.uint64(header & np.uint32(N_MASK))
            let_wait(t + first_wait(position, words), position, calendar, n_waiting)
    return 0
"""


def visit_source(name: str, arrays: tuple[str, ...]) -> str:
    """Return the text of the kernel ``name`` that visits every segment of a rank."""
    names = ", ".join(arrays)
    return f"""
def {name}(t, words, {names}):
    position = np.uint64(0)
    while position < np.uint64(words.size):
        header = words[position]
        visit(t, position, words, {names})
        position += np.uint64(N_HEADER) + np.uint64(header & np.uint32(N_MASK))
    return 0
"""


def deliver_kernel(
    segment: Callable[..., Any], arrays: dict[str, str], module: str, name: str = "deliver"
) -> Kernel:
    """Return the kernel ``name`` of a rule file (``module``); arrays: name -> type."""
    types = ["u4[:]", "u4[:]", "u4[:]", "u4[:,:]", "i8[:]", "u4[:]", *arrays.values()]
    text = f"i8(i8, i8, i8, i8, {', '.join(types)})"
    return _made(name, deliver_source(name, tuple(arrays)), text, module, segment=segment)


def visit_kernel(
    name: str, visit: Callable[..., Any], arrays: dict[str, str], module: str
) -> Kernel:
    """Return the kernel ``name`` of a rule file, which calls ``visit`` for every segment."""
    text = f"i8(i8, {', '.join(['u4[:]', *arrays.values()])})"
    return _made(name, visit_source(name, tuple(arrays)), text, module, visit=visit)


def _made(name: str, source: str, text: str, module: str, **functions: Any) -> Kernel:
    known = {
        "np": np, "prefetch": prefetch, "room_for": room_for, "let_wait": let_wait,
        "first_wait": first_wait, "AXON_MASK": AXON_MASK, "NO_ROW": NO_ROW,
        "STEP_SHIFT": STEP_SHIFT, "IS_LAST": IS_LAST, "N_MASK": N_MASK, "N_HEADER": N_HEADER,
        **functions,
    }  # fmt: skip
    exec(compile(source, f"<plastic {name}>", "exec"), known)
    return Kernel(known[name], Signature.parse(text), module, name)


def module_of(function: Callable[..., Any]) -> str:
    """Return the module in which a device function was defined, compiled or not."""
    return str(getattr(function, "py_func", function).__module__)
