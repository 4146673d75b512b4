"""The router of a rank, which forwards records to the neighbouring ranks of the grid.

The grid of ranks may be a torus, as the mesh of cores may. The kernels are written with the default
routing order; ``routed`` returns them with another one.

A record is [destination rank, number of packets, packets], and the buffer of a link is a row of
records. Each axis has two rows, given as counts int64 [2], in words, and rows uint32 [2, words]: east
and west for x, north and south for y.
"""

from __future__ import annotations

import numpy as np

from distsnn.kernels.comm.packing import copy_words
from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.formats import FABRIC_MASK, FABRIC_SHIFT
from distsnn.kernels.mesh.orders.xy import leg
from distsnn.kernels.mesh.routing import NORTH, WEST


@device
def put(n, source, at, direction, carried, target, target_at):
    """Copy n packets to the buffer of a link and count them by fabric bit and direction."""
    for i in range(n):
        packet = source[at + i]
        carried[np.int64(packet >> np.uint32(FABRIC_SHIFT)) & FABRIC_MASK, direction] += 1
        target[target_at + i] = packet


@device
def route_record(
    rank, n, source, at, n_arrived, n_x, n_y, here_x, here_y, is_torus, x_counts, x_rows, y_counts,
    y_rows, inbox, carried,
):  # fmt: skip
    """Append a record to the row of its next link, or its packets to the inbox if it has arrived.

    Returns the number of packets that are then in the inbox.
    """
    # the axis and sign of the next straight run; no links are left at the destination
    direction, links = leg(here_x, here_y, rank % n_x, rank // n_x, n_x, n_y, is_torus)
    if links == 0:
        copy_words(n, source, at, inbox, n_arrived)
        return n_arrived + n
    if direction <= WEST:  # east and west are directions 0 and 1, north and south 2 and 3
        end = x_counts[direction]
        x_rows[direction, end] = np.uint32(rank)
        x_rows[direction, end + 1] = np.uint32(n)
        put(n, source, at, direction, carried, x_rows[direction], end + 2)
        x_counts[direction] = end + 2 + n
    else:
        row = direction - NORTH
        end = y_counts[row]
        y_rows[row, end] = np.uint32(rank)
        y_rows[row, end + 1] = np.uint32(n)
        put(n, source, at, direction, carried, y_rows[row], end + 2)
        y_counts[row] = end + 2 + n
    return n_arrived


@kernel(
    "i8(i8, i8, i8, i8, i8, i8[:], i8[:], u4[:,:], i8[:], u4[:,:], i8[:], u4[:,:], u4[:], i8[:,:])"
)
def inject(
    n_x, n_y, here_x, here_y, is_torus, destinations, counts, packets, x_counts, x_rows, y_counts,
    y_rows, inbox, carried,
):  # fmt: skip
    """Turn the rows of an outbox into records, route these, and empty the outbox.

    Clears the rows of all links first. carried: int64 [fabric bits, directions], counted up. Returns
    the number of packets in the inbox, those that this rank sends to itself.
    """
    x_counts[:] = 0
    y_counts[:] = 0
    n_arrived = np.int64(0)
    for k in range(destinations.size):
        if counts[k] > 0:
            n_arrived = route_record(
                destinations[k], counts[k], packets[k], 0, n_arrived, n_x, n_y, here_x, here_y,
                is_torus, x_counts, x_rows, y_counts, y_rows, inbox, carried,
            )  # fmt: skip
            counts[k] = 0
    return n_arrived


@kernel("i8(i8, i8, i8, i8, i8, i8, i8, u4[:], i8[:], u4[:,:], i8[:], u4[:,:], u4[:], i8[:,:])")
def forward(
    n_words, n_arrived, n_x, n_y, here_x, here_y, is_torus, received, x_counts, x_rows, y_counts,
    y_rows, inbox, carried,
):  # fmt: skip
    """Route all records in received[:n_words]; return the number of packets then in the inbox."""
    at = np.int64(0)
    while at < n_words:
        rank = np.int64(received[at])
        n = np.int64(received[at + 1])
        n_arrived = route_record(
            rank, n, received, at + 2, n_arrived, n_x, n_y, here_x, here_y,
            is_torus, x_counts, x_rows, y_counts, y_rows, inbox, carried,
        )  # fmt: skip
        at += 2 + n
    return n_arrived
