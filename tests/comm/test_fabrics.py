"""All fabrics deliver every packet once, to its destination."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from traffic import Traffic, expected_inbox, grids, walk

from distsnn.comm import FABRICS, Outbox, fitting_batch, open_fabric
from distsnn.errors import CapacityError, DistsnnError, UsageError
from distsnn.kernels.mesh.routing import load_routing

NAMES = tuple(name for name in FABRICS if name != "serial")


def exchange(fabric, outbox, packets, rank) -> np.ndarray:
    """Exchange packets, check that the outbox is empty, return the sorted inbox."""
    for row, target in enumerate(outbox.destinations):
        words = packets[rank, int(target)]
        outbox.counts[row] = words.size
        outbox.packets[row, : words.size] = words
    n = fabric.exchange()
    assert not outbox.counts.any()
    return np.sort(fabric.inbox[:n])


def check(comm, name, grid, traffic, steps, is_torus=False, order=None, first="x") -> None:
    """Run the steps; compare each inbox, and the hops, with the expected ones."""
    outbox = Outbox(traffic.destinations(comm.rank), traffic.capacity)
    fabric = open_fabric(name, comm, grid, outbox, is_torus=is_torus, order=order)
    carried = np.zeros((2, 4), dtype=np.int64)
    for packets in steps:
        arrived = exchange(fabric, outbox, packets, comm.rank)
        assert np.array_equal(arrived, expected_inbox(packets, comm.rank))
        carried += walk(packets, grid, comm.rank, is_torus, first)
    if name.startswith("hop") and comm.n_ranks > 1:
        assert np.array_equal(fabric.carried, carried)
    assert fabric.wait_s >= 0
    assert fabric.exchange_s > 0
    fabric.close()


def ordinary_steps(traffic):
    """Steps of various sizes, some empty, then all sizes around that of a first message."""
    for max_packets in (5, 0, 40, 600, 0, 0, 300, traffic.capacity):
        yield traffic.draw(max_packets)
    for n in (254, 255, 256, 257):
        yield {pair: words[:n] for pair, words in traffic.draw_burst().items()}


@pytest.mark.mpi
@pytest.mark.parametrize("density", [1.0, 0.4, 0.0], ids=["dense", "sparse", "empty"])
@pytest.mark.parametrize("name", NAMES)
def test_inbox_holds_what_was_sent(comm, name, density):
    for seed, grid in enumerate(grids(comm.n_ranks)):
        for with_self in (False, True):
            traffic = Traffic(comm.n_ranks, seed, density, 1000, with_self)
            check(comm, name, grid, traffic, ordinary_steps(traffic))


@pytest.mark.mpi
@pytest.mark.parametrize("name", ["hop", "hop-messages"])
def test_hops_go_around_the_edges_of_a_torus(comm, name):
    for seed, grid in enumerate(grids(comm.n_ranks)):
        traffic = Traffic(comm.n_ranks, 20 + seed, 0.8, 1000, seed % 2 == 1)
        check(comm, name, grid, traffic, ordinary_steps(traffic), is_torus=True)


@pytest.mark.mpi
@pytest.mark.parametrize("is_torus", [False, True])
def test_hops_follow_the_routing_order(comm, is_torus):
    """Y first, in a file outside the package."""
    order = load_routing(str(Path(__file__).parents[1] / "mesh" / "yx_order.py"))
    for seed, grid in enumerate(grids(comm.n_ranks)):
        traffic = Traffic(comm.n_ranks, 30 + seed, 0.8, 1000, seed % 2 == 1)
        check(comm, "hop", grid, traffic, ordinary_steps(traffic), is_torus, order, "y")


@pytest.mark.mpi
def test_hops_with_many_corners_arrive(comm):
    order = load_routing(str(Path(__file__).parents[1] / "mesh" / "zigzag_order.py"))
    for grid in grids(comm.n_ranks):
        traffic = Traffic(comm.n_ranks, 40, 1.0, 500, True)
        outbox = Outbox(traffic.destinations(comm.rank), traffic.capacity)
        fabric = open_fabric("hop-messages", comm, grid, outbox, order=order)
        for packets in ordinary_steps(traffic):
            arrived = exchange(fabric, outbox, packets, comm.rank)
            assert np.array_equal(arrived, expected_inbox(packets, comm.rank))
        fabric.close()


def test_rounds_of_hops_hold_every_route():
    """X-Y needs the longest run in X, then the longest in Y, and no more rounds."""
    from distsnn.comm.fabrics.kinds.hop import common_rounds

    of_xy = [{(0, 1): [2, 3], (0,): [4]}, {(1,): [5], (): []}]
    assert common_rounds(of_xy) == [0] * 4 + [1] * 5
    assert common_rounds([{(1, 0): [2, 1]}, {(0,): [1]}]) == [1, 1, 0]
    assert common_rounds([{(0, 1, 0): [1, 1, 2]}]) == [0, 1, 0, 0]
    assert common_rounds([{}, {(): []}]) == []


@pytest.mark.mpi
@pytest.mark.parametrize("name", NAMES)
def test_huge_bursts(comm, name):
    """Far more words than a message or a region of shared memory holds, and small steps between."""
    for seed, grid in enumerate(grids(comm.n_ranks)):
        traffic = Traffic(comm.n_ranks, 10 + seed, 0.8, 300_000, False)
        steps = (traffic.draw_burst() if i % 2 else traffic.draw(30) for i in range(4))
        check(comm, name, grid, traffic, steps)


@pytest.mark.mpi
def test_small_regions_take_many_rounds(comm, monkeypatch):
    monkeypatch.setattr("distsnn.comm.fabrics.window.MAX_WORDS", 1)
    monkeypatch.setattr("distsnn.comm.fabrics.window.MIN_ROOM", 16)
    for name in ("mesh", "hop"):
        traffic = Traffic(comm.n_ranks, 5, 1.0, 500, True)
        check(comm, name, (comm.n_ranks, 1), traffic, ordinary_steps(traffic))


@pytest.mark.mpi
def test_ranks_with_different_capacities(comm):
    """One rank may have much larger cores than the others."""
    for name in NAMES:
        for grid in grids(comm.n_ranks):
            traffic = Traffic(comm.n_ranks, 7, 1.0, 3000, False)
            outbox = Outbox(traffic.destinations(comm.rank), 3000 if comm.rank == 0 else 3)
            fabric = open_fabric(name, comm, grid, outbox)
            for _ in range(4):
                packets = traffic.draw_burst()
                for source, target in packets:
                    if source != 0:
                        packets[source, target] = packets[source, target][:3]
                arrived = exchange(fabric, outbox, packets, comm.rank)
                assert np.array_equal(arrived, expected_inbox(packets, comm.rank))
            fabric.close()


@pytest.mark.mpi
@pytest.mark.parametrize("is_sleeping", [True, False])
def test_polling_and_sleeping(comm, is_sleeping, monkeypatch):
    """Both are tested whatever the number of cores of the machine."""
    if not comm.is_one_machine:
        pytest.skip("shared memory needs one machine")
    monkeypatch.setattr(comm, "is_oversubscribed", is_sleeping)
    traffic = Traffic(comm.n_ranks, 8, 1.0, 100, False)
    outbox = Outbox(traffic.destinations(comm.rank), 100)
    fabric = open_fabric("mesh", comm, (comm.n_ranks, 1), outbox)
    for step in range(300):
        packets = traffic.draw(step % 7)
        arrived = exchange(fabric, outbox, packets, comm.rank)
        assert np.array_equal(arrived, expected_inbox(packets, comm.rank))
    fabric.close()


@pytest.mark.mpi
@pytest.mark.parametrize("name", NAMES)
def test_counters(comm, name):
    """The counters hold at least the packets, and are 0 before the first exchange."""
    traffic = Traffic(comm.n_ranks, 9, 1.0, 1000, False)
    outbox = Outbox(traffic.destinations(comm.rank), 1000)
    fabric = open_fabric(name, comm, (comm.n_ranks, 1), outbox)
    assert fabric.bytes_sent == 0
    assert fabric.messages_sent == 0
    n_sent = 0
    for _ in range(5):
        packets = traffic.draw(1000)
        n_sent += sum(words.size for (source, _), words in packets.items() if source == comm.rank)
        exchange(fabric, outbox, packets, comm.rank)
    assert fabric.bytes_sent >= 4 * n_sent
    assert fabric.messages_sent >= 1
    fabric.close()


@pytest.mark.mpi
def test_serial_is_refused_on_several_ranks(comm):
    if comm.n_ranks > 1:
        with pytest.raises(UsageError, match="serial"):
            open_fabric("serial", comm, (comm.n_ranks, 1), Outbox(np.array([]), 1))


@pytest.mark.parametrize("name", ["serial", *NAMES])
def test_one_rank_needs_no_mpi(name):
    from distsnn.comm.serial import SerialComm

    outbox = Outbox(np.array([0]), 10)
    fabric = open_fabric(name, SerialComm(), (1, 1), outbox)
    outbox.packets[0, :3] = (7, 8, 9)
    outbox.counts[0] = 3
    assert fabric.exchange() == 3
    assert fabric.inbox[:3].tolist() == [7, 8, 9]
    assert fabric.exchange() == 0
    nothing = open_fabric(name, SerialComm(), (1, 1), Outbox(np.array([]), 10))
    assert nothing.exchange() == 0


def test_wrong_requests_are_errors():
    from distsnn.comm.serial import SerialComm

    comm, empty = SerialComm(), Outbox(np.array([]), 1)
    with pytest.raises(UsageError, match=r"fabric: must be .*mesh.*got 'pigeon'"):
        open_fabric("pigeon", comm, (1, 1), empty)
    with pytest.raises(UsageError, match="rank grid"):
        open_fabric("mesh", comm, (2, 1), empty)
    with pytest.raises(UsageError, match="destination: must be a rank from 0 to 0, got 1"):
        open_fabric("mesh", comm, (1, 1), Outbox(np.array([1]), 1))
    with pytest.raises(DistsnnError, match="destinations: must be different ranks"):
        Outbox(np.array([0, 0]), 1)
    with pytest.raises(CapacityError, match=r"outbox: must be room for at most 2147483647 packets"):
        open_fabric("mesh", comm, (1, 1), Outbox(np.array([0]), 1 << 30))


def test_one_rank_that_sends_nothing_needs_no_room():
    from distsnn.comm.serial import SerialComm

    fabric = open_fabric("serial", SerialComm(), (1, 1), Outbox(np.array([], dtype=int), 1 << 40))
    assert fabric.exchange() == 0


@pytest.mark.parametrize(
    ("n_packets", "n_ranks", "steps"),
    [
        (10**12, 1, 64),
        (1000, 2, 64),
        (2**31 // 4 // 64, 2, 63),
        (2**31 // 4 - 1, 2, 1),
        (2**31, 2, 1),
    ],
)
def test_a_large_outbox_means_fewer_steps_between_exchanges(n_packets, n_ranks, steps):
    assert fitting_batch(64, n_packets, n_ranks) == steps


@pytest.mark.mpi
@pytest.mark.parametrize("name", ["mesh", "hop"])
def test_without_shared_memory(comm, name, monkeypatch):
    """If any rank cannot share memory, all ranks use messages."""
    if comm.n_ranks == 1:
        pytest.skip("one rank shares no memory")
    from distsnn.comm.shared import memory as sharing

    if comm.rank == comm.n_ranks - 1:
        monkeypatch.setattr(sharing.mmap, "mmap", _refuse)
    for grid in grids(comm.n_ranks):
        traffic = Traffic(comm.n_ranks, 11, 1.0, 400, False)
        check(comm, name, grid, traffic, ordinary_steps(traffic))


def _refuse(*arguments):
    raise OSError("no memory")
