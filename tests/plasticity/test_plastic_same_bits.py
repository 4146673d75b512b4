"""Learned weights are the same bits on any number of ranks, placement, size of core, and sweep."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from plasticity.plastic_networks import RULES, plastic_network

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.simulation import Result, simulate

DURATION_MS = 80.0
SHARES = {name: (0.0, 1.0) if rule.splits_delay else (0.0,) for name, rule in RULES.items()}
CASES = [(name, share) for name, shares in SHARES.items() for share in shares]


@cache
def alone(name: str, share: float) -> Result:
    network = plastic_network(name, share)
    return simulate(network, duration_ms=DURATION_MS, comm=SerialComm())


@pytest.mark.parametrize(("name", "share"), CASES)
def test_core_size_and_placement_change_nothing(name, share):
    reference = alone(name, share)
    assert reference.spikes_all.step.size > 600, "the network must be active"
    for options in (
        {"neurons_per_core": 64},
        {"neurons_per_core": 17, "placement": "random"},
        {"neurons_per_core": 100, "placement": "near"},
    ):
        network = plastic_network(name, share)
        result = simulate(network, duration_ms=DURATION_MS, comm=SerialComm(), **options)
        assert result.digest == reference.digest, options
        _require_same_weights(result, reference)


def _require_same_weights(result: Result, reference: Result) -> None:
    expected = reference.weights(reference.network.projections[0])
    got = result.weights(result.network.projections[0])
    for name in ("pre", "post", "delays_ms", "times_ms", "weights"):
        assert np.array_equal(getattr(got, name), getattr(expected, name)), name


@pytest.mark.parametrize(("name", "share"), CASES)
def test_sweeps_change_nothing(name, share):
    """Synapses that catch up at the end of every step are the eager form of the same rule."""
    reference = alone(name, share)
    network = plastic_network(name, share)
    network.weight_probes.clear()
    plastic = network.projections[0]
    network.record_weights(plastic, every_ms=0.1)
    eager = simulate(network, duration_ms=DURATION_MS, comm=SerialComm())
    assert eager.digest == reference.digest
    lazy_table, eager_table = reference.weights(plastic), eager.weights(plastic)
    at = np.searchsorted(eager_table.times_ms, lazy_table.times_ms - 0.01)
    assert np.array_equal(eager_table.weights[at], lazy_table.weights)


@pytest.mark.parametrize("name", ["pair", "triplet", "reward"])
def test_digest_notices_the_weights(name):
    """Another amplitude gives another digest though the spikes are those of the same steps."""
    from dataclasses import replace

    networks = [plastic_network(name) for _ in range(2)]
    plastic = networks[1].projections[0]
    rule = replace(plastic.plasticity, tau_plus_ms=plastic.plasticity.tau_plus_ms * 1.001)
    networks[1].projections[0] = replace(plastic, plasticity=rule)
    networks[1].weight_probes.clear()
    for modulation in list(networks[1].modulations):
        networks[1].modulations[0] = replace(modulation, projection=networks[1].projections[0])
    results = [simulate(one, duration_ms=2.0, comm=SerialComm()) for one in networks]
    spikes = [result.spikes_all.step.size for result in results]
    assert results[0].digest != results[1].digest or spikes[0] == 0


@pytest.mark.mpi
@pytest.mark.parametrize(("name", "share"), CASES)
def test_ranks_change_nothing(name, share):
    comm = start()
    for fabric in ("mesh", "hop"):
        network = plastic_network(name, share)
        result = simulate(
            network, duration_ms=DURATION_MS, comm=comm, fabric=fabric, neurons_per_core=32
        )
        if comm.rank == 0:
            reference = alone(name, share)
            assert result.digest == reference.digest, fabric
            _require_same_weights(result, reference)
        comm.barrier()
