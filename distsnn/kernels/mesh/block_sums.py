"""What a block of steps says about the mesh: totals, and the busiest link and core of each."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel

N_SENT, N_RECEIVED, N_EVENTS = range(3)


@device
def largest(values):
    """Return the largest of int32 values, at least 0."""
    most = np.int32(0)
    for i in range(values.size):
        most = max(most, values[i])
    return np.int64(most)


@device
def largest_count(values):
    """Return the largest of int64 values, at least 0."""
    most = np.int64(0)
    for i in range(values.size):
        most = max(most, values[i])
    return most


@device
def add_to(totals, values):
    """totals[i] += values[i]."""
    for i in range(values.size):
        totals[i] += np.int64(values[i])


@device
def busiest_links(loads, tile_link, both, tiles):
    """Return the largest load of a link, fabrics together, in the high half and of a tile's link in
    the low half. loads: one step. both, tiles: room for links and tile links, overwritten.
    """
    n_links = both.size
    for i in range(n_links):
        both[i] = loads[i]
    for start in range(n_links, loads.size, n_links):
        for i in range(n_links):
            both[i] += loads[start + i]
    tiles[:] = 0
    for i in range(n_links):
        link = tile_link[i]
        if link >= np.int32(0):
            tiles[np.uint64(link)] += both[i]
    return largest(both) << 32 | largest(tiles)


@kernel(
    "i8(i8, i8, i4[:,:], i8[:,:], i4[:], i4[:], i4[:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:], i8[:])"
)
def sum_steps(
    n,
    first,
    loads,
    per_core,
    tile_link,
    both,
    tiles,
    link_totals,
    core_totals,
    packets,
    busiest_link,
    busiest_tile_link,
    most_received,
    most_events,
):
    """Add up the first n steps of a block; they are steps ``first`` and on of the run.

    loads: int32 [steps, fabrics * 4 * nodes], per_core: int64 [steps, 3 * nodes]; see
    ``MeshRecorder``. tile_link: int32 [4 * nodes], the link between tiles that a link between cores
    is part of, -1 within a tile. both, tiles: int32, room. The last five: int64 [all steps].
    """
    n_nodes = np.int64(per_core.shape[1] // 3)
    for row in range(n):
        at = first + row
        cores = per_core[row]
        sent = np.int64(0)
        for node in range(n_nodes):
            sent += np.int64(cores[node])
        packets[at] = sent
        most_received[at] = largest_count(cores[N_RECEIVED * n_nodes : N_EVENTS * n_nodes])
        most_events[at] = largest_count(cores[N_EVENTS * n_nodes :])
        add_to(core_totals, cores)
        busiest_link[at] = np.int64(0)
        busiest_tile_link[at] = np.int64(0)
        if sent > 0:  # without packets no link has a load
            add_to(link_totals, loads[row])
            most = busiest_links(loads[row], tile_link, both, tiles)
            busiest_link[at] = most >> 32
            busiest_tile_link[at] = most & np.int64(0xFFFFFFFF)
    return 0
