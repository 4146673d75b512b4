"""What is expected to take long, and how the cores are dealt by it."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import (
    AdEx,
    FixedInDegree,
    LifExp,
    Network,
    OuCurrent,
    Poisson,
    SpikeSource,
    load_chip,
)
from distsnn.mapping import make_plan
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.work import expected_work
from distsnn.networks import build_network


def work_of(network):
    plan = make_plan(network, load_chip("loihi"), "rows", 100)
    work = expected_work(network, plan)
    return [
        sum(
            work[plan.core_of_block[piece.block]]
            for piece in plan.slices
            if piece.population == population.index
        )
        for population in network.populations
    ]


def test_what_adds_work():
    network = Network(dt_ms=0.1, seed=1)
    plain, driven, _, onto = (
        network.population(name, 200, model)
        for name, model in (
            ("plain", LifExp()), ("driven", LifExp()), ("slow", AdEx()), ("onto", LifExp())
        )
    )  # fmt: skip
    network.population("given", 200, SpikeSource(np.array([1.0]), np.array([0])))
    network.stimulate(driven, Poisson(rate_hz=100.0, weight=1.0))
    network.connect(plain, onto, FixedInDegree(500), weight=1.0, delay_ms=1.0)
    work = work_of(network)
    assert 0 == work[4] < work[0] < min(work[1:4])
    assert work[2] > 4 * work[0]


def test_inputs_weigh_by_the_neurons_that_they_drive():
    network = Network(seed=1)
    _plain, part, whole, noisy = (network.population(name, 200, LifExp()) for name in "abcd")
    network.stimulate(part[:50], Poisson(rate_hz=100.0, weight=1.0))
    network.stimulate(whole, Poisson(rate_hz=100.0, weight=1.0))
    network.stimulate(noisy, OuCurrent(0.0, 1.0, tau_ms=5.0))
    work = np.array(work_of(network))
    more = work[1:] - work[0]
    assert more[0] == pytest.approx(more[1] / 4)
    assert more[2] > more[1]


def test_synapses_weigh_more_where_steps_are_longer():
    """At the same rates a step of 1 ms has ten times the spikes of one of 0.1 ms."""
    by_dt = []
    for dt_ms in (0.1, 1.0):
        network = Network(dt_ms=dt_ms, seed=1)
        cells = network.population("cells", 200, LifExp())
        network.connect(cells, cells, FixedInDegree(1000), weight=1.0, delay_ms=1.0)
        bare = Network(dt_ms=dt_ms, seed=1)
        bare.population("cells", 200, LifExp())
        by_dt.append(work_of(network)[0] - work_of(bare)[0])
    assert np.isclose(by_dt[1], 10 * by_dt[0])


def test_two_ranks_share_neurons_and_synapses_of_the_microcircuit():
    """Half of the synapses alone would leave one rank with a third more neurons to update."""
    network = build_network("microcircuit", {"scale": 1.0})
    chip = load_chip("loihi")
    plan = make_plan(network, chip, "rows", None)
    work = expected_work(network, plan)
    ranks = rank_of_core(work, chip.width, chip.height, (2, 1))
    neurons = np.zeros(2)
    for piece in plan.slices:
        neurons[ranks[plan.core_of_block[piece.block]]] += piece.size
    shares = np.bincount(ranks, work, 2) / work.sum()
    assert abs(shares[0] - 0.5) < 0.04
    assert abs(neurons[0] / neurons.sum() - 0.5) < 0.08
