"""Link loads: numpy and kernels against the walker, and against closed forms."""

import numpy as np
import pytest
from mesh_walker import as_array, walk_all

from distsnn.errors import CapacityError, UsageError
from distsnn.kernels.mesh.link_loads import (
    IN_TILE,
    IN_TILE_BITS,
    N_SPARE,
    count_packet,
    count_packets,
    finish_step,
    in_tile_packets,
    new_differences,
)
from distsnn.mesh import EAST, NORTH, SOUTH, WEST, Mesh, link_loads, matrix_link_loads

SIZES = [(1, 1), (1, 7), (7, 1), (2, 2), (2, 3), (5, 4), (16, 8), (9, 11), (31, 2), (128, 3)]


def random_traffic(rng, n_nodes, n_pairs):
    source = rng.integers(0, n_nodes, n_pairs)
    target = rng.integers(0, n_nodes, n_pairs)
    return source, target, rng.integers(0, 1000, n_pairs)


def kernel_loads(mesh, source, target, n_fabrics=1, fabric=0):
    differences = new_differences(n_fabrics, mesh.width, mesh.height, wrap=mesh.wrap)
    loads = np.zeros((1, n_fabrics * 4 * mesh.n_nodes), dtype=np.int32)
    count_packets(fabric, source.astype(np.int64), target.astype(np.int64), differences)
    finish_step(0, differences, loads)
    return loads.reshape(n_fabrics, 4, mesh.n_nodes)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_random_traffic_link_by_link(width, height, wrap):
    mesh = Mesh(width, height, wrap)
    rng = np.random.default_rng(width * 1000 + height)
    source, target, packets = random_traffic(rng, mesh.n_nodes, 300)
    triples = list(zip(source.tolist(), target.tolist(), packets.tolist(), strict=True))
    expected = as_array(walk_all(triples, width, height, wrap), width, height)
    assert link_loads(mesh, source, target, packets).tolist() == expected
    singles = [(s, t, 1) for s, t, _ in triples]
    expected = as_array(walk_all(singles, width, height, wrap), width, height)
    assert kernel_loads(mesh, source, target)[0].tolist() == expected


@pytest.mark.parametrize("wrap", [False, True])
def test_largest_mesh_of_the_kernels_layout(wrap):
    mesh = Mesh(128, 128, wrap)
    rng = np.random.default_rng(5)
    source, target, _ = random_traffic(rng, mesh.n_nodes, 20_000)
    expected = link_loads(mesh, source, target, np.ones(20_000, dtype=np.int64))
    assert np.array_equal(kernel_loads(mesh, source, target)[0], expected)
    corners = [0, 127, 128 * 127, 128 * 128 - 1]
    triples = [(s, t, 1) for s in corners for t in corners]
    walked = as_array(walk_all(triples, 128, 128, wrap), 128, 128)
    source, target = (np.array([triple[k] for triple in triples]) for k in (0, 1))
    assert kernel_loads(mesh, source, target)[0].tolist() == walked


def test_fabrics_are_counted_apart_and_rows_of_steps_too():
    mesh = Mesh(5, 3)
    rng = np.random.default_rng(0)
    differences = new_differences(3, 5, 3)
    loads = np.zeros((4, 3 * 4 * 15), dtype=np.int32)
    expected = np.zeros((4, 3, 4, 15), dtype=np.int64)
    for row in (2, 0, 3):
        for fabric in range(3):
            source, target, _ = random_traffic(rng, 15, 40)
            count_packets(fabric, source, target, differences)
            expected[row, fabric] = link_loads(mesh, source, target, np.ones(40, np.int64))
        finish_step(row, differences, loads)
        assert not differences[:, :15].any()
    assert np.array_equal(loads.reshape(expected.shape), expected)


def test_finish_step_adds_to_what_the_row_holds():
    mesh = Mesh(4, 2)
    source, target = np.array([0, 7]), np.array([6, 0])
    differences = new_differences(1, 4, 2)
    loads = np.zeros((1, 32), dtype=np.int32)
    for _ in range(3):
        count_packets(0, source, target, differences)
        finish_step(0, differences, loads)
    once = link_loads(mesh, source, target, np.ones(2, np.int64))
    assert np.array_equal(loads.reshape(4, 8), 3 * once)


@pytest.mark.parametrize("wrap", [False, True])
def test_kernels_do_the_same_uncompiled(wrap, monkeypatch):
    rng = np.random.default_rng(8)
    results = []
    for is_plain in (False, True):
        rng = np.random.default_rng(8)
        source, target, _ = random_traffic(rng, 6 * 4, 200)
        differences = new_differences(1, 6, 4, wrap=wrap, tile_width=3, tile_height=2)
        loads = np.zeros((1, 4 * 24), dtype=np.int32)
        if is_plain:
            count_packets.python(0, source, target, differences)
            finish_step.python(0, differences, loads)
        else:
            count_packets(0, source, target, differences)
            finish_step(0, differences, loads)
        results.append((loads, differences))
    assert np.array_equal(results[0][0], results[1][0])
    assert np.array_equal(results[0][1], results[1][1])


@pytest.mark.parametrize(("tile_width", "tile_height"), [(1, 1), (2, 2), (3, 1), (6, 4), (1, 4)])
def test_packets_within_a_tile_are_counted(tile_width, tile_height):
    rng = np.random.default_rng(3)
    source, target, _ = random_traffic(rng, 24, 500)
    differences = new_differences(2, 6, 4, tile_width=tile_width, tile_height=tile_height)
    loads = np.zeros((1, 2 * 4 * 24), dtype=np.int32)
    count_packets(0, source[:200], target[:200], differences)
    count_packets(1, source[200:], target[200:], differences)
    finish_step(0, differences, loads)

    def tile(core):
        return core % 6 // tile_width, core // 6 // tile_height

    expected = sum(tile(s) == tile(t) for s, t in zip(source, target, strict=True))
    assert in_tile_packets(differences) == expected


def test_number_of_packets_within_a_tile_does_not_overflow():
    differences = new_differences(1, 2, 2, tile_width=2, tile_height=2)
    loads = np.zeros((1, 16), dtype=np.int32)
    nodes = np.zeros(5, dtype=np.int64)
    total = 0
    for _ in range(9):
        differences[1, 4 + IN_TILE] += (1 << IN_TILE_BITS) - 7
        count_packets(0, nodes, nodes, differences)
        finish_step(0, differences, loads)
        total += (1 << IN_TILE_BITS) - 2
    assert in_tile_packets(differences) == total > 1 << 31


def test_layout_of_the_differences():
    differences = new_differences(2, 4, 3)
    assert differences.shape == (8, 12 + N_SPARE)
    assert differences.dtype == np.int32
    count_packet(np.uint64(1), np.uint64(10), np.uint64(4), differences)
    assert not differences[:4, :12].any()
    places = {(4 + EAST, 1): 1, (4 + EAST, 2): -1, (4 + SOUTH, 2): 1, (4 + SOUTH, 10): -1}
    found = np.argwhere(differences[:, :12])
    assert {tuple(place): differences[tuple(place)] for place in found.tolist()} == places


def test_too_large_a_mesh_is_refused():
    with pytest.raises(CapacityError, match="1024 x 1024"):
        new_differences(1, 1024, 1024)


def test_nodes_outside_are_refused():
    mesh = Mesh(4, 4)
    for source in ([16], [-1]):
        with pytest.raises(UsageError, match="0 to 15"):
            link_loads(mesh, np.array(source), np.array([0]), np.array([1]))
    with pytest.raises(UsageError, match="shape"):
        matrix_link_loads(mesh, np.zeros((4, 4)))


# ---- closed forms -------------------------------------------------------------------------------


def all_to_all(mesh):
    return matrix_link_loads(mesh, 1 - np.eye(mesh.n_nodes, dtype=np.int64))


def test_corner_case():
    mesh, n = Mesh(16, 8), 12_345
    loads = link_loads(mesh, np.array([0]), np.array([127]), np.array([n]))
    assert loads.sum() == 22 * n
    assert (loads[EAST, :15] == n).all()
    assert (loads[SOUTH, 15:127:16] == n).all()
    assert np.count_nonzero(loads) == 15 + 7


def test_all_to_all_on_the_loihi_mesh():
    loads = all_to_all(Mesh(16, 8))
    assert loads.sum() == 130_048
    assert loads[[EAST, WEST]].sum() == 87_040
    assert loads[[NORTH, SOUTH]].sum() == 43_008
    assert loads[[EAST, WEST]].max() == 512
    assert loads[[NORTH, SOUTH]].max() == 256


def test_row_tornado_on_the_loihi_mesh():
    mesh = Mesh(16, 8)
    source = np.arange(128)
    target = source // 16 * 16 + (source + 7) % 16
    loads = link_loads(mesh, source, target, np.ones(128, np.int64))
    assert loads.sum() == 1008
    assert not loads[[NORTH, SOUTH]].any()
    assert loads.max() == 7


@pytest.mark.parametrize(("width", "height"), [(16, 8), (5, 7), (1, 9), (9, 1), (2, 2)])
def test_all_to_all_sums_over_lines_and_cuts(width, height):
    """Ordered pairs of a line of n are n (n^2 - 1) / 3 apart in sum; a cut carries left x right."""
    mesh = Mesh(width, height)
    loads = all_to_all(mesh).reshape(4, height, width)
    assert loads[[EAST, WEST]].sum() == height**2 * (width * (width**2 - 1) // 3)
    assert loads[[NORTH, SOUTH]].sum() == width**2 * (height * (height**2 - 1) // 3)
    for k in range(width - 1):
        assert (loads[EAST, :, k] == (k + 1) * (width - 1 - k) * height).all()
        assert (loads[WEST, :, k + 1] == (k + 1) * (width - 1 - k) * height).all()
    for k in range(height - 1):
        assert (loads[SOUTH, k] == (k + 1) * (height - 1 - k) * width).all()
        assert (loads[NORTH, k + 1] == (k + 1) * (height - 1 - k) * width).all()


@pytest.mark.parametrize("n", [3, 4, 7, 8])
def test_all_to_all_on_a_ring(n):
    """Each link east carries the sum of all distances that go east: symmetry of the ring."""
    loads = all_to_all(Mesh(n, 1, wrap=True))
    east = sum(range(1, n // 2 + 1))
    west = sum(range(1, (n - 1) // 2 + 1))
    assert (loads[EAST] == east).all()
    assert (loads[WEST] == west).all()


@pytest.mark.parametrize("wrap", [False, True])
def test_flow_is_conserved_at_every_node(wrap):
    """What enters a node or starts there leaves it or ends there."""
    mesh = Mesh(7, 5, wrap)
    rng = np.random.default_rng(2)
    source, target, packets = random_traffic(rng, 35, 400)
    loads = link_loads(mesh, source, target, packets)
    entering = np.zeros(35, dtype=np.int64)
    for link in range(4 * 35):
        start, end = mesh.link_ends(link)
        load = loads[link // 35, start]
        if end < 0:
            assert load == 0
        else:
            entering[end] += load
    sent = np.bincount(source, packets, 35).astype(np.int64)
    received = np.bincount(target, packets, 35).astype(np.int64)
    assert np.array_equal(entering + sent, loads.sum(axis=0) + received)


def test_counts_beyond_32_bits_are_exact():
    n = 2**61 + 1
    loads = link_loads(Mesh(2, 1), np.array([0, 0]), np.array([1, 1]), np.array([n, 2]))
    assert loads[EAST, 0] == n + 2
    assert loads[EAST, 1] == loads[WEST].max() == 0
