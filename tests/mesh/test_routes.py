"""Routes and geometry against a walker that goes step by step."""

import pytest
from mesh_walker import walk_packet

from distsnn.errors import UsageError
from distsnn.mesh import EAST, NORTH, SOUTH, WEST, Mesh, hops, next_direction, route, walk

SIZES = [(1, 1), (1, 6), (6, 1), (2, 2), (2, 5), (5, 2), (4, 4), (7, 3), (3, 8)]


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_route_is_the_walkers(width, height, wrap):
    mesh = Mesh(width, height, wrap)
    for source in range(mesh.n_nodes):
        for target in range(mesh.n_nodes):
            taken = walk_packet(source, target, width, height, wrap)
            expected = [d * mesh.n_nodes + y * width + x for x, y, d in taken]
            assert walk(mesh, source, target) == expected
            assert hops(mesh, source, target) == len(expected)


@pytest.mark.parametrize("wrap", [False, True])
def test_hop_by_hop_takes_the_same_route(wrap):
    mesh = Mesh(6, 4, wrap)
    for source in range(mesh.n_nodes):
        for target in range(mesh.n_nodes):
            node, links = source, []
            while (direction := next_direction(mesh, node, target)) >= 0:
                links.append(mesh.link(direction, node))
                node = mesh.neighbour(node, direction)
            assert node == target
            assert links == walk(mesh, source, target)


def test_a_route_is_one_run_along_x_then_one_along_y():
    mesh = Mesh(16, 8)
    assert route(mesh, mesh.node(0, 0), mesh.node(15, 7)) == (
        (EAST, mesh.node(0, 0), 15),
        (SOUTH, mesh.node(15, 0), 7),
    )
    assert route(mesh, mesh.node(9, 5), mesh.node(2, 1)) == (
        (WEST, mesh.node(9, 5), 7),
        (NORTH, mesh.node(2, 5), 4),
    )
    assert route(mesh, 5, 5) == ()


def test_torus_takes_the_shorter_way_and_east_or_south_on_a_tie():
    torus = Mesh(6, 4, wrap=True)
    assert route(torus, torus.node(1, 0), torus.node(5, 0)) == ((WEST, torus.node(1, 0), 2),)
    for x in range(6):
        (run,) = route(torus, torus.node(x, 2), torus.node((x + 3) % 6, 2))
        assert run == (EAST, torus.node(x, 2), 3)
    for y in range(4):
        (run,) = route(torus, torus.node(3, y), torus.node(3, (y + 2) % 4))
        assert run == (SOUTH, torus.node(3, y), 2)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_links_exist_and_lead_back(width, height, wrap):
    mesh = Mesh(width, height, wrap)
    existing = 0
    for link in range(4 * mesh.n_nodes):
        start, end = mesh.link_ends(link)
        if end >= 0:
            existing += 1
            back = (WEST, EAST, SOUTH, NORTH)[link // mesh.n_nodes]
            assert mesh.neighbour(end, back) == start
    assert existing == mesh.n_links
    if not wrap:
        assert existing == 2 * (2 * width * height - width - height)


def test_empty_mesh_is_refused():
    with pytest.raises(UsageError, match="0 x 4"):
        Mesh(0, 4)
