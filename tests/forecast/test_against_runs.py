"""What a forecast says of ranks against what a run of the same network has."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.comm.serial import SerialComm
from distsnn.forecast import forecast
from distsnn.network import FixedInDegree, FixedProbability, Network, OneToOne, Uniform
from distsnn.neurons import LifDelta, LifExp
from distsnn.plasticity import PairStdp
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson

PER_CORE, RATE_HZ, N_RANKS = 50, 40.0, 4


def mixed() -> Network:
    """Three populations on 14 cores, fixed and plastic synapses, delays from 2 steps on."""
    network = Network(dt_ms=0.5, seed=6)
    a, b = network.population("a", 320, LifExp()), network.population("b", 230, LifDelta())
    c = network.population("c", 130, LifDelta())
    network.connect(a, b, FixedInDegree(12), weight=0.1, delay_ms=Uniform(1.0, 9.0))
    network.connect(b, a, FixedProbability(0.05), weight=2.0, delay_ms=1.5)
    network.connect(c, c, OneToOne(), weight=0.1, delay_ms=20.0)
    network.connect(
        b, c, FixedInDegree(5), weight=0.5, delay_ms=2.0, plasticity=PairStdp(w_max=1.0)
    )
    network.stimulate(b, Poisson(rate_hz=500.0, weight=0.1))
    return network


def of_rank(n_ranks: int, rank: int):
    chip = load_chip("loihi")
    options = {"rate_hz": RATE_HZ, "neurons_per_core": PER_CORE, "n_steps": 300}
    return forecast(mixed(), chip, n_ranks, rank=rank, **options)


@pytest.fixture(scope="module")
def run():
    return simulate(mixed(), duration_ms=2.0, comm=SerialComm(), neurons_per_core=PER_CORE)


def test_one_rank_is_that_of_a_run(run):
    found = of_rank(1, 0)
    assert (found.n_neurons, found.n_synapses) == (680, run.n_synapses)
    assert found.balance == 1.0
    assert (found.partners, found.messages_per_exchange, found.exchange_us) == (0, 0, 0.0)
    assert (found.packets_sent, found.packets_received) == (0.0, 0.0)
    used = {one.name: one.used for one in run.usage.limits}
    foreseen = {one.name: one.used for one in found.usage.limits}
    assert set(used) == set(foreseen)
    for name in set(used) - {"axons out"}:
        assert np.array_equal(used[name], foreseen[name]), name
    # Which cores an axon reaches is drawn by expectation.
    assert foreseen["axons out"].sum() == pytest.approx(used["axons out"].sum(), rel=0.05)


def test_packets_of_the_mesh_are_those_of_the_footprint(run):
    """A spike of each neuron brings so many packets; neurons spike RATE_HZ times in a second."""
    per_spike = int(run.footprint.packets.packets.sum())
    expected = per_spike * RATE_HZ * 0.5e-3
    assert of_rank(1, 0).mesh_packets == pytest.approx(expected, rel=0.03)


def test_ranks_add_up_to_the_run(run):
    ranks = [of_rank(N_RANKS, rank) for rank in range(N_RANKS)]
    assert sum(one.n_neurons for one in ranks) == 680
    assert sum(one.n_synapses for one in ranks) == run.n_synapses
    assert sum(one.n_cores for one in ranks) == -(-680 // PER_CORE)
    # No projection between cores is faster than 2 steps: exchanges may be that far apart.
    assert {one.steps_per_exchange for one in ranks} == {2}
    assert len({one.balance for one in ranks}) == 1
    # What leaves a rank for another arrives there, but for chance.
    sent, received = (sum(getattr(one, f"packets_{way}") for one in ranks)
                      for way in ("sent", "received"))  # fmt: skip
    assert sent == pytest.approx(received, rel=0.1)


def test_remote_axons_are_the_sources_elsewhere():
    """Received packets follow from the rule: sources of other ranks with any synapse here."""
    network = Network(dt_ms=1.0, seed=2)
    a = network.population("a", 100, LifDelta())
    b = network.population("b", 100, LifDelta())
    network.connect(a, b, FixedInDegree(1), weight=0.1, delay_ms=1.0)
    result = simulate(network, duration_ms=1.0, comm=SerialComm(), neurons_per_core=100)
    pairs = result.footprint.packets
    crossing = int(pairs.packets[pairs.source != pairs.target].sum())
    found = [
        forecast(network, load_chip("loihi"), 2, rank=rank, rate_hz=100.0, neurons_per_core=100,
                 n_steps=300)
        for rank in (0, 1)
    ]  # fmt: skip
    received = sorted(one.packets_received for one in found)
    assert received == pytest.approx([0.0, crossing * 0.1])
    assert 50 < crossing < 80  # 100 (1 - exp(-1)) sources have a target
