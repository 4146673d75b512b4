"""Routing orders, each one file: walk, distance and marks agree, and counters follow all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mesh_walker import as_array, walk_all, walk_packet

from distsnn.chip import load_chip
from distsnn.errors import UsageError
from distsnn.kernels.mesh.link_loads import count_packets, finish_step, new_differences
from distsnn.kernels.mesh.routing import known_routings, load_routing, routed, routing_order
from distsnn.mapping.placement_cost import packet_hops
from distsnn.mesh import Mesh, hops, hops_between, link_loads, route, walk
from distsnn.network import AllToAll, Network
from distsnn.neurons import LifDelta
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson

HERE = Path(__file__).parent
YX, ZIGZAG = str(HERE / "yx_order.py"), str(HERE / "zigzag_order.py")
FIRST_AXIS = {"xy": "x", YX: "y"}
ROUTINGS = (*known_routings(), YX, ZIGZAG)
SIZES = [(1, 1), (1, 5), (4, 1), (2, 2), (5, 4), (3, 6)]

each_routing = pytest.mark.parametrize("routing", ROUTINGS, ids=lambda name: Path(name).stem)
each_shape = pytest.mark.parametrize("wrap", [False, True], ids=["mesh", "torus"])


def all_pairs(mesh):
    return np.divmod(np.arange(mesh.n_nodes**2), mesh.n_nodes)


@each_shape
@each_routing
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_walk_distance_and_marks_agree(routing, width, height, wrap):
    mesh = Mesh(width, height, wrap, load_routing(routing))
    source, target = all_pairs(mesh)
    walks = [walk(mesh, int(s), int(t)) for s, t in zip(source, target, strict=True)]
    lengths = [len(links) for links in walks]
    assert hops_between(mesh, source, target).tolist() == lengths
    assert [hops(mesh, int(s), int(t)) for s, t in zip(source, target, strict=True)] == lengths
    for s, t, links in zip(source, target, walks, strict=True):
        expected = np.bincount(links, minlength=4 * mesh.n_nodes)
        loads = link_loads(mesh, [s], [t], [1])
        assert np.array_equal(loads.ravel(), expected)


@each_shape
@each_routing
def test_routes_keep_the_rules_of_an_order(routing, wrap):
    """They end, on shortest ways in the rectangle of their ends, and go upwards in a ring of two."""
    mesh = Mesh(6, 5, wrap, load_routing(routing))
    shortest = hops_between(Mesh(6, 5, wrap), *all_pairs(mesh)).reshape(30, 30)
    for source in range(30):
        for target in range(30):
            links = walk(mesh, source, target)
            assert len(links) == shortest[source, target]
            assert mesh.link_ends(links[-1])[1] == target if links else source == target
    ring = Mesh(2, 2, True, load_routing(routing))
    assert {run.direction for s in range(4) for t in range(4) for run in route(ring, s, t)} == {
        0,
        3,
    }


@each_shape
@pytest.mark.parametrize("routing", FIRST_AXIS, ids=["xy", "yx"])
def test_routes_are_the_walkers(routing, wrap):
    mesh = Mesh(5, 4, wrap, load_routing(routing))
    for source in range(20):
        for target in range(20):
            taken = walk_packet(source, target, 5, 4, wrap, first=FIRST_AXIS[routing])
            assert walk(mesh, source, target) == [d * 20 + y * 5 + x for x, y, d in taken]


@each_shape
def test_the_fast_marks_of_an_order_are_those_of_its_runs(wrap):
    rng = np.random.default_rng(1)
    source, target, packets = rng.integers(0, 63, 500), rng.integers(0, 63, 500), np.arange(500)
    fast = Mesh(9, 7, wrap)
    derived = Mesh(9, 7, wrap, routing_order(fast.order.leg))
    assert derived.order.mark is not fast.order.mark
    assert np.array_equal(
        link_loads(fast, source, target, packets), link_loads(derived, source, target, packets)
    )
    assert np.array_equal(hops_between(fast, source, target), hops_between(derived, source, target))


@each_shape
@each_routing
def test_kernels_of_a_run_count_by_the_order(routing, wrap):
    """Also uncompiled."""
    mesh = Mesh(6, 4, wrap, load_routing(routing))
    rng = np.random.default_rng(2)
    source, target = rng.integers(0, 24, (2, 300))
    expected = link_loads(mesh, source, target, np.ones(300, np.int64))
    kernel = routed(count_packets, mesh.order)
    for count in (kernel, kernel.python):
        differences = new_differences(1, 6, 4, wrap=wrap)
        loads = np.zeros((1, 4 * 24), dtype=np.int32)
        count(0, source, target, differences)
        finish_step(0, differences, loads)
        assert np.array_equal(loads.reshape(4, 24), expected)


def test_packet_hops_are_those_of_the_mesh():
    """On a torus blocks at both ends of a row are neighbours."""
    traffic, cores = np.array([[0.0, 3.0], [0.0, 0.0]]), np.array([0, 7])
    assert packet_hops(traffic, cores, Mesh(8, 1)) == 21.0
    assert packet_hops(traffic, cores, Mesh(8, 1, wrap=True)) == 3.0


def spread_out(routing, *, wrap=False):
    """Return what the mesh carries of a network whose every spike goes to all of its cores."""
    network = Network(dt_ms=1.0, seed=3)
    cells = network.population("cells", 200, LifDelta())
    network.connect(cells, cells, AllToAll(), weight=0.01, delay_ms=1.0)
    network.stimulate(cells, Poisson(rate_hz=1500.0, weight=5.0))
    chip = replace(load_chip("loihi"), width=4, height=6, wrap=wrap, routing=routing)
    return simulate(network, duration_ms=20.0, chip=chip, neurons_per_core=10)


@each_shape
@pytest.mark.parametrize("routing", FIRST_AXIS, ids=["xy", "yx"])
def test_a_run_routes_by_the_order_of_its_chip(routing, wrap):
    counters = spread_out(routing, wrap=wrap).counters
    cores = range(20)
    packets = [(s, t, int(counters.spikes[s])) for s in cores for t in cores]
    walked = walk_all(packets, 4, 6, wrap, first=FIRST_AXIS[routing])
    assert counters.packets > 0
    assert counters.link_packets.sum(axis=0).tolist() == as_array(walked, 4, 6)


def test_only_what_links_carry_depends_on_the_order():
    one, other = spread_out("xy"), spread_out(ZIGZAG)
    assert one.digest == other.digest
    assert one.traffic_digest != other.traffic_digest
    for name in ("packets_sent", "packets_received", "synaptic_events", "packets_of_step"):
        assert np.array_equal(getattr(one.counters, name), getattr(other.counters, name))
    assert one.counters.link_packets.sum() == other.counters.link_packets.sum()


def test_wrong_orders_are_refused(tmp_path):
    (tmp_path / "none.py").write_text("order = 3\n")
    with pytest.raises(UsageError, match="order: must be a RoutingOrder, got 3"):
        load_routing(str(tmp_path / "none.py"))
    with pytest.raises(UsageError, match="routing: must be one of xy or the path"):
        load_routing("diagonal")
