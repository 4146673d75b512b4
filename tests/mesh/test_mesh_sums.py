"""Sums over blocks of steps against plain numpy, on tiles of every shape."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.kernels.mesh.block_sums import sum_counters, sum_links
from distsnn.kernels.mesh.counters import MAX, SUM
from distsnn.mesh import Mesh, Tiling


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("tile", [(1, 1), (2, 2), (3, 1), (6, 2), (6, 4)])
@pytest.mark.parametrize("n_fabrics", [1, 2])
def test_sums_of_steps(wrap, tile, n_fabrics):
    rng = np.random.default_rng(3)
    width, height, n, first = 6, 4, 7, 2
    tiling = Tiling(Mesh(width, height, wrap), *tile)
    n_nodes = width * height
    loads = rng.integers(0, 1 << 20, (n + 1, n_fabrics * 4 * n_nodes)).astype(np.int32)
    per_core = rng.integers(0, 1 << 40, (n + 1, 3 * n_nodes))
    loads[3], per_core[3, :n_nodes] = 0, 0  # a step without packets, whose synapses are busy
    both, tiles = np.zeros((2, 4 * n_nodes), dtype=np.int32)
    link_totals, core_totals = np.zeros(loads.shape[1], np.int64), np.zeros(3 * n_nodes, np.int64)
    of_step = np.full((3, first + n), -1, dtype=np.int64)
    busiest = np.full((2, first + n), -1, dtype=np.int64)
    over_cores = np.array([SUM, MAX, MAX])
    sum_counters(0, n, first, per_core, over_cores, core_totals, of_step)
    sum_links(
        0,
        n,
        first,
        loads,
        of_step[0],
        tiling.link_of_core_link(),
        both,
        tiles,
        link_totals,
        busiest,
    )
    links = loads[:n].astype(np.int64).reshape(n, n_fabrics, 4, n_nodes)
    cores = per_core[:n].astype(np.int64).reshape(n, 3, n_nodes)
    assert np.array_equal(link_totals, links.sum(0).ravel())
    assert np.array_equal(core_totals, cores.sum(0).ravel())
    together = links.sum(1)
    expected = [
        cores[:, 0].sum(1),
        cores[:, 1].max(1),
        cores[:, 2].max(1),
        together.max((1, 2)),
        tiling.tile_loads(together).max((1, 2)),
    ]
    found = np.concatenate([of_step, busiest])
    assert np.array_equal(found[:, first:], expected)
    assert (found[:, :first] == -1).all()
