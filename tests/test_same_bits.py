"""The signature of the product: the same bits on any number of ranks.

Under ``mpirun -n R python -m pytest --with-mpi`` each network runs on all R ranks, with every
fabric and placement, and every rank also runs it alone; without MPI placements and core sizes are
compared.
"""

from __future__ import annotations

import numpy as np
import pytest
from random_networks import random_network, uneven_network

from distsnn.comm import FABRICS as ALL_FABRICS
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.mapping import PLACEMENTS
from distsnn.simulation import Result, simulate

N_STEPS = 160
FABRICS = tuple(name for name in ALL_FABRICS if name != "serial")


def alone(number: int, **options: object) -> Result:
    network = random_network(number)
    duration_ms = N_STEPS * network.dt_ms
    return simulate(network, duration_ms=duration_ms, comm=SerialComm(), **options)


def together(number: int, comm: object, **options: object) -> Result:
    network = random_network(number)
    return simulate(network, duration_ms=N_STEPS * network.dt_ms, comm=comm, **options)


@pytest.mark.parametrize("number", range(8))
def test_weights_of_all_sizes_give_the_same_bits_on_any_cores(number):
    def digest(**options: object) -> tuple[str, int]:
        network = uneven_network(number)
        result = simulate(
            network, duration_ms=N_STEPS * network.dt_ms, comm=SerialComm(), **options
        )
        return result.digest, result.n_synapses

    reference = digest()
    assert digest(neurons_per_core=33, placement="random") == reference
    assert digest(neurons_per_core=256) == reference


@pytest.mark.mpi
@pytest.mark.parametrize("number", range(6))
def test_weights_of_all_sizes_give_the_same_bits_on_ranks(number):
    comm = start()
    network = uneven_network(number)
    options = {"duration_ms": N_STEPS * network.dt_ms, "neurons_per_core": (20, 64)[number % 2]}
    alone_result = simulate(network, comm=SerialComm(), **options)
    result = simulate(uneven_network(number), comm=comm, fabric=FABRICS[number % 5], **options)
    if comm.rank == 0:
        assert result.digest == alone_result.digest
        assert result.traffic_digest == alone_result.traffic_digest
    comm.barrier()


@pytest.mark.parametrize("number", range(50))
def test_placement_and_core_size_change_nothing(number):
    reference = alone(number)
    for options in (
        {"placement": "random"},
        {"placement": "near"},
        {"neurons_per_core": 64},
        {"neurons_per_core": 33, "placement": "random"},
    ):
        other = alone(number, **options)
        assert other.digest == reference.digest, options
        assert np.array_equal(other.spikes_all.gid, reference.spikes_all.gid), options


def test_networks_are_active():
    n_spikes = [alone(number).spikes_all.step.size for number in range(50)]
    assert np.median(n_spikes) > 200
    assert sum(n > 0 for n in n_spikes) >= 45


def test_digest_notices_every_part():
    """Another seed, one step more or another weight give another digest."""
    first = alone(3)
    network = random_network(3)
    assert simulate(network, duration_ms=(N_STEPS + 1) * network.dt_ms).digest != first.digest
    network = random_network(3)
    network.seed += 1
    assert simulate(network, duration_ms=N_STEPS * network.dt_ms).digest != first.digest


@pytest.mark.mpi
@pytest.mark.parametrize("number", range(50))
def test_ranks_change_nothing(number):
    comm = start()
    placement = PLACEMENTS[number % 3]
    per_core = (20, 64, 1024)[number // 3 % 3]
    options = {"placement": placement, "neurons_per_core": per_core}
    reference = alone(number, **options)
    fabrics = FABRICS if number % 5 == 0 else (FABRICS[number % 5],)
    for fabric in fabrics:
        result = together(number, comm, fabric=fabric, **options)
        if comm.rank == 0:
            assert result.digest == reference.digest, fabric
            assert result.traffic_digest == reference.traffic_digest, fabric
            assert np.array_equal(result.spikes_all.step, reference.spikes_all.step)
            for key, (neurons, values) in reference.traces.items():
                assert np.array_equal(result.traces[key][0], neurons)
                assert np.array_equal(result.traces[key][1], values)
        comm.barrier()
