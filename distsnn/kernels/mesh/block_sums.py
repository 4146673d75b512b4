"""Sums over a block of steps: totals of cores and links, and the busiest core and link of each step."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.mesh.counters import SUM


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
    # both[link] = sum over fabrics of loads[fabric, link]
    for i in range(n_links):
        both[i] = loads[i]
    for start in range(n_links, loads.size, n_links):
        for i in range(n_links):
            both[i] += loads[start + i]
    # tiles[t] = sum of both[link] over the core links that are part of tile link t
    tiles[:] = 0
    for i in range(n_links):
        link = tile_link[i]
        if link >= np.int32(0):
            tiles[np.uint64(link)] += both[i]
    # high 32 bits: core links, low 32: tile links; loads are int32, at least 0
    return largest(both) << 32 | largest(tiles)


@device
def sum_of(values):
    """Return the sum of int64 values."""
    total = np.int64(0)
    for i in range(values.size):
        total += values[i]
    return total


@kernel("i8(i8, i8, i8, i8[:,:], i8[:], i8[:], i8[:,:])")
def sum_counters(start, n, first, counts, over_cores, totals, of_step):
    """Add up the counters of cores over the rows start .. n - 1; row r is step ``first`` + r.

    counts: int64 [rows, counters * nodes]. over_cores: int64 [counters], SUM or MAX. totals: int64
    [counters * nodes]. of_step: int64 [counters, all steps], set; no columns if steps are not known.
    """
    # Columns of a row: [counter][node].
    n_nodes = np.int64(counts.shape[1] // over_cores.size)
    for row in range(start, n):
        add_to(totals, counts[row])
        if of_step.shape[1] > 0:
            for k in range(over_cores.size):
                of_cores = counts[row, k * n_nodes : (k + 1) * n_nodes]
                if over_cores[k] == SUM:
                    of_step[k, first + row] = sum_of(of_cores)
                else:
                    of_step[k, first + row] = largest_count(of_cores)
    return 0


@kernel("i8(i8, i8, i8, i4[:,:], i8[:], i4[:], i4[:], i4[:], i8[:], i8[:,:])")
def sum_links(start, n, first, loads, packets, tile_link, both, tiles, link_totals, busiest):
    """Add up the loads of links over the rows start .. n - 1; row r is step ``first`` + r.

    loads: int32 [steps, fabrics * 4 * nodes]. packets: int64 [all steps], those sent in each step.
    tile_link: int32 [4 * nodes], the link between tiles that a link between cores is part of, -1 within
    a tile. both, tiles: int32, room. busiest: int64 [2, all steps], most packets over a link between
    cores and over one between tiles, set.
    """
    for row in range(start, n):
        step = first + row
        busiest[0, step] = np.int64(0)
        busiest[1, step] = np.int64(0)
        if packets[step] > 0:  # without packets no link has a load
            add_to(link_totals, loads[row])
            # The two halves of the word, see busiest_links.
            most = busiest_links(loads[row], tile_link, both, tiles)
            busiest[0, step] = most >> 32
            busiest[1, step] = most & np.int64(0xFFFFFFFF)
    return 0
