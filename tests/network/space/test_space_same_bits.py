"""Networks in space: the same bits on any cores, placements and ranks."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm import FABRICS, start
from distsnn.comm.serial import SerialComm
from distsnn.network import (
    ByDistance,
    Distance,
    Exponential,
    FixedProbability,
    Gaussian,
    Grid2D,
    Network,
    Normal,
    RandomPositions,
)
from distsnn.neurons import LifExp
from distsnn.plasticity import PairStdp
from distsnn.simulation import Result, simulate
from distsnn.stimuli import Poisson


def sheets(wrap: bool) -> Network:
    """Excitation and inhibition on one sheet, by every kind of value and with plastic synapses."""
    network = Network(dt_ms=0.1, seed=5)
    e = network.population("e", 400, LifExp(), positions=Grid2D(1.0))
    i = network.population("i", 90, LifExp(), positions=RandomPositions(1.0))
    delay = ByDistance(0.2, per=2.5)
    network.connect(e, e, Distance(Gaussian(0.1), wrap=wrap), weight=Normal(30.0, 5.0),
                    delay_ms=delay)  # fmt: skip
    network.connect(e, i, Distance(Exponential(0.1), wrap=wrap, in_degree=20), delay_ms=delay,
                    weight=ByDistance(profile=Exponential(0.2), scale=60.0))  # fmt: skip
    network.connect(i, e, FixedProbability(0.2), weight=ByDistance(-80.0, per=40.0), delay_ms=delay)
    network.connect(e, e, Distance(Gaussian(0.05), wrap=wrap), delay_ms=delay,
                    weight=ByDistance(profile=Gaussian(0.1), scale=20.0),
                    plasticity=PairStdp(w_max=40.0))  # fmt: skip
    for population in (e, i):
        network.stimulate(population, Poisson(rate_hz=20000.0, weight=70.0))
    return network


def digests(wrap: bool, **options: object) -> tuple[object, ...]:
    result = simulate(sheets(wrap), duration_ms=20.0, comm=SerialComm(), **options)
    assert result.spikes_all.step.size > 500
    return digests_of(result)


def digests_of(result: Result) -> tuple[object, ...]:
    return result.digest, result.n_synapses, result.spikes_all.gid.size


@pytest.mark.parametrize("wrap", [False, True])
def test_cores_and_placements_change_nothing(wrap):
    reference = digests(wrap)
    assert digests(wrap, neurons_per_core=33, placement="random") == reference
    assert digests(wrap, neurons_per_core=64, placement="near") == reference


def test_a_seed_moves_neurons_and_changes_the_digest():
    network = sheets(True)
    other = Network(dt_ms=0.1, seed=6)
    moved = other.population("i", 90, LifExp(), positions=RandomPositions(1.0))
    assert not np.allclose(network.find("i").positions, moved.positions)
    assert digests(True) != digests(False)


@pytest.mark.mpi
@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("fabric", [name for name in FABRICS if name != "serial"])
def test_ranks_change_nothing(wrap, fabric):
    comm = start()
    options = {"duration_ms": 20.0, "neurons_per_core": 40}
    alone = simulate(sheets(wrap), comm=SerialComm(), **options)
    together = simulate(sheets(wrap), comm=comm, fabric=fabric, **options)
    if comm.rank == 0:
        assert digests_of(together) == digests_of(alone)
        assert together.traffic_digest == alone.traffic_digest
    comm.barrier()
