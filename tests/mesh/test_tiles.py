"""Loads of tile links: derived from core links, against packets walked from tile to tile."""

import numpy as np
import pytest
from mesh_walker import as_array, walk_all, walk_packet

from distsnn.errors import UsageError
from distsnn.mesh import Mesh, Tiling, link_loads

CASES = [
    (16, 8, 2, 2), (16, 8, 1, 1), (16, 8, 4, 1), (6, 6, 3, 2), (6, 6, 6, 6), (6, 6, 6, 1),
    (1, 8, 1, 4), (12, 1, 3, 1), (15, 10, 5, 2),
]  # fmt: skip


def traffic(n_nodes, seed):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(0, n_nodes, 400),
        rng.integers(0, n_nodes, 400),
        rng.integers(1, 50, 400),
    )


@pytest.mark.parametrize(("width", "height", "tile_width", "tile_height"), CASES)
def test_tile_loads_are_those_of_packets_between_tiles(width, height, tile_width, tile_height):
    tiling = Tiling(Mesh(width, height), tile_width, tile_height)
    source, target, packets = traffic(width * height, width + 31 * height)
    loads = tiling.tile_loads(link_loads(tiling.cores, source, target, packets))
    columns, rows = width // tile_width, height // tile_height

    def tile(core):
        return core // width // tile_height * columns + core % width // tile_width

    pairs = zip(source.tolist(), target.tolist(), packets.tolist(), strict=True)
    triples = [(tile(s), tile(t), n) for s, t, n in pairs]
    assert loads.tolist() == as_array(walk_all(triples, columns, rows), columns, rows)
    assert tiling.tile_of(source).tolist() == [tile(core) for core in source.tolist()]


@pytest.mark.parametrize(("width", "height", "tile_width", "tile_height"), CASES)
def test_on_a_torus_tiles_see_the_crossings_of_the_core_route(
    width, height, tile_width, tile_height
):
    tiling = Tiling(Mesh(width, height, wrap=True), tile_width, tile_height)
    source, target, packets = traffic(width * height, 7)
    loads = tiling.tile_loads(link_loads(tiling.cores, source, target, packets))
    columns, rows = width // tile_width, height // tile_height
    expected = [[0] * (columns * rows) for _ in range(4)]
    for s, t, n in zip(source.tolist(), target.tolist(), packets.tolist(), strict=True):
        taken = walk_packet(s, t, width, height, wrap=True)
        for x, y, direction in taken:
            here = (x // tile_width, y // tile_height)
            x_next = (x + (1, -1, 0, 0)[direction]) % width
            y_next = (y + (0, 0, -1, 1)[direction]) % height
            if (x_next // tile_width, y_next // tile_height) != here:
                expected[direction][here[1] * columns + here[0]] += n
    assert loads.tolist() == expected


def test_leading_axes_are_kept():
    tiling = Tiling(Mesh(4, 4), 2, 2)
    rng = np.random.default_rng(0)
    loads = np.stack(
        [
            link_loads(tiling.cores, *rng.integers(0, 16, (2, 50)), np.ones(50, np.int64))
            for _ in range(6)
        ]
    )
    shaped = loads.reshape(3, 2, 4, 16)
    together = tiling.tile_loads(shaped)
    assert together.shape == (3, 2, 4, 4)
    for step in range(3):
        for fabric in range(2):
            alone = tiling.tile_loads(shaped[step, fabric])
            assert np.array_equal(together[step, fabric], alone)


def test_tiles_must_divide_the_mesh():
    with pytest.raises(UsageError, match="3 x 1"):
        Tiling(Mesh(16, 8), 3, 1)
