"""What cores use of the chip's limits, and how evenly ranks are loaded."""

from __future__ import annotations

from collections import defaultdict

import pytest

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.core.rank import Rank
from distsnn.network import FixedInDegree, Network, Uniform
from distsnn.neurons import LifDelta, LifExp, LoihiTree
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson, SpikeSource


def test_longest_delay_is_of_the_projections_onto_a_core():
    network = Network(dt_ms=0.5, seed=1)
    a, b, c = (network.population(name, 64, LifDelta()) for name in "abc")
    network.connect(a, b, FixedInDegree(2), weight=0.1, delay_ms=4.0)
    network.connect(c, b, FixedInDegree(2), weight=0.1, delay_ms=Uniform(1.0, 30.0))
    network.connect(b, c, FixedInDegree(2), weight=0.1, delay_ms=2.5)
    result = simulate(network, duration_ms=1.0, comm=SerialComm(), neurons_per_core=64)
    delays = {one.name: one for one in result.usage.limits}["delay steps"]
    assert delays.used.tolist() == [0, 60, 5]
    assert delays.most == 60


def test_each_compartment_takes_a_place_and_lines_take_none():
    network = Network(dt_ms=1.0, seed=1)
    tree = LoihiTree()
    network.population("trees", 10, tree)
    network.population("cells", 5, LifDelta())
    network.population("lines", 40, SpikeSource([], [], n_sources=40))
    result = simulate(network, duration_ms=1.0, comm=SerialComm())
    neurons = next(one for one in result.usage.limits if one.name == "neurons")
    assert len(tree.compartments) == 2
    assert neurons.used.sum() == 10 * 2 + 5


@pytest.mark.mpi
def test_imbalance_is_the_largest_work_over_the_mean():
    """All neurons are on one core: the other ranks have nothing to do."""
    comm = start()
    network = Network(dt_ms=1.0, seed=1)
    cells = network.population("cells", 1000, LifExp())
    network.connect(cells, cells, FixedInDegree(200), weight=1.0, delay_ms=8.0)
    network.stimulate(cells, Poisson(rate_hz=9000.0, weight=100.0))
    result = simulate(network, duration_ms=400.0, comm=comm)
    if comm.rank == 0:
        n = comm.n_ranks
        assert result.seconds["imbalance"] <= n * 1.001
        assert result.seconds["imbalance"] > 1 + 0.2 * (n - 1)  # on a busy machine too


@pytest.mark.mpi
def test_imbalance_by_hand(monkeypatch):
    """Rank r works for 6 + r seconds and waits for the rest: waiting does not count."""
    comm = start()
    of_rank = defaultdict(lambda: 50.0, deliver=1.0 + comm.rank, update=2.0, send=3.0)
    monkeypatch.setattr(Rank, "seconds", property(lambda self: of_rank))
    network = Network(dt_ms=1.0, seed=1)
    network.population("cells", 10, LifExp())
    result = simulate(network, duration_ms=2.0, comm=comm)
    if comm.rank == 0:
        last = comm.n_ranks - 1
        assert result.seconds["imbalance"] == pytest.approx((6 + last) / (6 + last / 2))
