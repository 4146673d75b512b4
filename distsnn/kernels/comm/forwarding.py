"""The router of a rank: passes records on from neighbour to neighbour.

The grid of ranks may be a torus, as the mesh of cores may. The kernels are written with the default
routing order; ``routed`` gives them with another one.

A record is [destination rank, number of packets, packets]. Rows of records are given as counts
int64 [2] (words) and rows uint32 [2, words]: for x those to the neighbours east and west, for y
those north and south.
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
    """Copy n packets towards the next rank and count them by fabric bit for that direction."""
    for i in range(n):
        packet = source[at + i]
        carried[np.int64(packet >> np.uint32(FABRIC_SHIFT)) & FABRIC_MASK, direction] += 1
        target[target_at + i] = packet


@device
def route_record(
    rank, n, source, at, n_arrived, n_x, n_y, here_x, here_y, is_torus, x_counts, x_rows, y_counts,
    y_rows, inbox, carried,
):  # fmt: skip
    """Pass one record on: [rank, n, packets] to a neighbour's row, or the packets into the inbox.

    Returns the new number of packets in the inbox.
    """
    # record: destination rank | number of packets | packets
    direction, links = leg(here_x, here_y, rank % n_x, rank // n_x, n_x, n_y, is_torus)
    if links == 0:
        copy_words(n, source, at, inbox, n_arrived)
        return n_arrived + n
    if direction <= WEST:
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
    """Give the packets of an outbox to the router of this rank and empty the outbox.

    x_rows [2, words]: what goes to the neighbours east and west; y_rows: north and south. Returns
    the number of packets that were for this rank.
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
    """Pass on all records in received[:n_words]; return the new number of packets in the inbox."""
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
