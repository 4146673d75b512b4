"""Delivery of computed synapses: spikes -> description of a projection -> input rings.

The synapses of a source neuron are not walked in a row but computed by ``add_synapses``, a device
function of the kind of the projection (``kinds/``), from four arrays:

    facts    int64, see below; those from N_FACTS on are the kind's
    words    int32, weights as synapse words: quanta << 16 | lane
    table    uint32 [n, columns], and starts, uint32: where the targets on this rank are

All synapses of a projection have one delay, delay - 1 = wait + fine, with ``wait`` a multiple of the
slots of a ring. Axons whose synapses are not due yet wait in a calendar of their own:

    calendar[due mod length, place],   length: a power of 2 above wait + batch

Sums are those of stored synapses, which are integers, so that not a bit differs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.kernels.compile.declare import Kernel, device, kernel
from distsnn.kernels.compile.substitute import substituted
from distsnn.kernels.delivery.deliver import room_needed, wait_for
from distsnn.kernels.formats import AXON_MASK, STEP_SHIFT

# Entries of ``facts``. The axons of the source population are consecutive.
FIRST_AXON, N_AXONS, GID_START, WAIT, FINE = range(5)
N_FACTS = 5


@device
def add_synapses(source, turn, facts, words, table, starts, ring):
    """Add the weights of all synapses of a source neuron; the function of a kind takes its place.

    ring[its start + (index + turn) mod its size] += quanta; ``turn`` moves slot 0 to that of arrival.
    """


@device
def add_axon(axon, due, slot_shift, axon_gids, facts, words, table, starts, ring):
    """Add the synapses of an axon whose segment is due at step ``due``."""
    source = np.int64(axon_gids[np.uint64(axon)]) - facts[GID_START]
    turn = np.uint32(np.uint64(due + facts[FINE]) << np.uint64(slot_shift))
    add_synapses(source, turn, facts, words, table, starts, ring)


@kernel(
    "i8(i8, i8, i8, i8, i8, u4[:], u4[:], u4[:], i8[:], i4[:], u4[:,:], u4[:], i4[:], u4[:,:], i8[:,:])"
)
def deliver_computed(t, batch_start, n_own, n_received, slot_shift, own_axons, received, axon_gids,
                     facts, words, table, starts, ring, calendar, n_waiting):  # fmt: skip
    """Add all input of one projection that is due at step ``t`` to the rings.

    own_axons, received, ring: as in ``deliver``. axon_gids: source neurons by axon. calendar [length,
    room], n_waiting [1, length]. Returns 0, or the room that the calendar needs; in that case nothing
    has been changed and the caller has to repeat the call with a larger calendar.
    """
    wait = facts[WAIT]
    first, n_axons = np.uint32(facts[FIRST_AXON]), np.uint32(facts[N_AXONS])
    # Stage 1: axons that waited for this step.
    if wait > 0:
        room = room_needed(t, n_own + n_received, n_waiting)
        if room > calendar.shape[1]:
            return room
        bucket = t & np.int64(n_waiting.shape[1] - 1)
        for i in range(n_waiting[0, bucket]):
            add_axon(calendar[bucket, i], t, slot_shift, axon_gids, facts, words, table, starts,
                     ring)  # fmt: skip
        n_waiting[0, bucket] = 0
    # Stage 2: axons of this rank.
    for i in range(n_own):
        axon = own_axons[i]
        if np.uint32(axon - first) < n_axons:
            if wait > 0:
                wait_for(t + wait, 0, axon, calendar, n_waiting)
            else:
                add_axon(axon, t, slot_shift, axon_gids, facts, words, table, starts, ring)
    # Stage 3: packets from other ranks, [step in batch | fabric | axon]; they may be late.
    for i in range(n_received):
        axon = received[i] & np.uint32(AXON_MASK)
        if np.uint32(axon - first) < n_axons:
            due = batch_start + np.int64(received[i] >> np.uint32(STEP_SHIFT)) + 1 + wait
            if due > t:
                wait_for(due, 0, axon, calendar, n_waiting)
            else:
                add_axon(axon, due, slot_shift, axon_gids, facts, words, table, starts, ring)
    return 0


def computed_kernel(add: Callable[..., Any]) -> Kernel:
    """Return ``deliver_computed`` with the function ``add`` of a kind of projection."""
    return substituted(deliver_computed, {add_synapses: add})
