"""Boxes around used nodes: routes stay inside, numbers keep their order, counts come back."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.mesh import Box, Mesh, Tiling, link_loads


@pytest.mark.parametrize("seed", range(6))
def test_routes_between_nodes_stay_in_the_box_around_them(seed):
    rng = np.random.default_rng(seed)
    mesh = Mesh(16, 8)
    nodes = np.unique(rng.integers(0, mesh.n_nodes, rng.integers(1, 6)))
    box = Box.around(mesh, nodes)
    inside = set(box.nodes.tolist())
    assert set(nodes.tolist()) <= inside
    for source in nodes:
        for target in nodes:
            assert {divmod(link, mesh.n_nodes)[1] for link in links(mesh, source, target)} <= inside
    x, y = box.nodes % 16, box.nodes // 16
    assert set(x.tolist()) == set(range(min(nodes % 16), max(nodes % 16) + 1))
    assert set(y.tolist()) == set(range(min(nodes // 16), max(nodes // 16) + 1))


def links(mesh, source, target):
    loads = link_loads(mesh, np.array([source]), np.array([target]), np.array([1]))
    return np.flatnonzero(loads.ravel()).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_loads_in_the_box_are_those_of_the_mesh(seed):
    rng = np.random.default_rng(seed)
    mesh = Mesh(12, 8)
    nodes = np.unique(rng.integers(0, mesh.n_nodes, 5))
    box = Box.around(mesh, nodes, 4, 2)
    assert (box.x % 4, box.y % 2) == (0, 0)
    source, target = rng.choice(nodes, (2, 30))
    packets = rng.integers(1, 9, 30)
    whole = link_loads(mesh, source, target, packets)
    part = link_loads(box.inner, box.number_of(source), box.number_of(target), packets)
    assert np.array_equal(box.spread(part), whole)
    outer = Tiling(mesh, 4, 2).tile_of(nodes)
    inner = box.number_of(nodes)
    assert np.array_equal(box.nodes[inner], nodes)
    same = Tiling(Mesh(12, 8), 4, 2)
    y, x = np.divmod(inner, box.inner.width)
    moved = same.tile_of(y * 12 + x)
    assert np.array_equal(outer[:, None] == outer, moved[:, None] == moved)


def test_a_torus_and_an_empty_mesh_are_taken_whole():
    torus = Mesh(6, 4, wrap=True)
    assert Box.around(torus, np.array([7, 8])).inner == torus
    assert Box.around(Mesh(6, 4), np.empty(0, np.int64)).inner == Mesh(6, 4)
    box = Box.around(Mesh(6, 4), np.array([8, 15], dtype=np.int32))
    assert (box.x, box.y, box.inner) == (2, 1, Mesh(2, 2))
    assert box.number_of(np.array([8, 9, 14, 15], dtype=np.uint32)).tolist() == [0, 1, 2, 3]
