"""Homeostatic scaling: rates reach the target, proportions are kept, and ranks change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import (
    FixedInDegree,
    HomeostaticScaling,
    LifCondExp,
    LifExp,
    Network,
    Poisson,
    Simulation,
    Uniform,
)
from distsnn.comm import start
from distsnn.errors import UsageError
from distsnn.neurons import PoissonNeuron
from distsnn.plasticity import PairStdp


def driven(rule=None, model=None, **options) -> tuple[Network, object]:
    """Thirty neurons, each driven by 40 of 200 Poisson neurons."""
    net = Network(dt_ms=0.5, seed=5)
    sources = net.population("sources", 200, PoissonNeuron(rate_hz=40.0))
    cells = net.population("cells", 30, model or LifExp())
    weights = {"weight": Uniform(200.0, 700.0), **options}
    bounds = {"plasticity": rule} if rule else {"weight_bounds": (0.0, 3000.0)}
    return net, net.connect(sources, cells, FixedInDegree(40), delay_ms=1.5, **weights, **bounds)


def rates(sim: Simulation, duration_ms: float) -> np.ndarray:
    before = sim.spike_counts("cells")
    sim.run(duration_ms)
    return (sim.spike_counts("cells") - before) * 1e3 / duration_ms


@pytest.mark.mpi
@pytest.mark.parametrize(
    "rule", [None, PairStdp(w_max=3000.0, a_plus=0.0, a_minus=0.0)], ids=["static", "plastic"]
)
def test_rates_reach_the_target_and_proportions_are_kept(rule):
    net, projection = driven(rule)
    with Simulation(net, comm=start()) as sim:
        assert np.abs(rates(sim, 2000.0) - 20.0).mean() > 8.0, "far from the target at first"
        connections = sim.connections(projection)
        scaling = HomeostaticScaling(20.0, tau_ms=500.0, interval_ms=100.0, gain=0.05)
        scaled = scaling.attach(sim, projection)
        sim.run(12_000.0)
        reached = rates(sim, 4000.0)
        assert reached.mean() == pytest.approx(20.0, rel=0.07)
        assert np.abs(reached - 20.0).max() < 6.0
        assert scaled.rates_hz.mean() == pytest.approx(20.0, rel=0.15)
        factors = sim.weights(projection) / connections.weights
        for neuron in range(30):
            of_neuron = factors[connections.post == neuron]
            assert np.ptp(of_neuron) < 0.02 * of_neuron.mean()
        assert np.ptp(factors) > 0.05


def test_inhibition_is_scaled_the_other_way():
    net = Network(dt_ms=0.5, seed=5)
    sources = net.population("sources", 100, PoissonNeuron(rate_hz=20.0))
    cells = net.population("cells", 20, LifCondExp())
    net.stimulate(cells, Poisson(rate_hz=4000.0, weight=2.5))
    projection = net.connect(
        sources,
        cells,
        FixedInDegree(40),
        weight=2.0,
        receptor="inhibitory",
        weight_bounds=(0.0, 60.0),
    )
    with Simulation(net) as sim:
        assert rates(sim, 1000.0).mean() > 20.0
        HomeostaticScaling(8.0, tau_ms=400.0, is_inhibitory=True).attach(sim, projection)
        sim.run(10_000.0)
        assert rates(sim, 4000.0).mean() == pytest.approx(8.0, rel=0.1)
        assert sim.weights(projection).mean() > 2.5


def test_the_first_steps_are_those_of_the_equations():
    """Against the equations in plain Python; recordings that are cleared change nothing."""
    found = []
    for is_cleared in (False, True):
        net, projection = driven()
        net.record_spikes("cells", is_cleared)  # counted, or recorded and forgotten
        rate, weights = np.full(30, 10.0), None
        with Simulation(net) as sim:
            connections = sim.connections(projection)
            scaled = HomeostaticScaling(10.0, 300.0, 100.0, 0.1).attach(sim, projection)
            weights, before = connections.weights, np.zeros(30)
            for _ in range(3):
                sim.run(100.0)
                counts = sim.spike_counts("cells")
                n, before = counts - before, np.zeros(30) if is_cleared else counts
                rate += (n / 0.1 - rate) * (1.0 - np.exp(-1.0 / 3.0))
                change = 0.1 * np.clip(1.0 - rate / 10.0, -1.0, 1.0)
                weights = weights * (1.0 + change)[connections.post]
                if is_cleared:
                    sim.clear()
            assert scaled.rates_hz == pytest.approx(rate)
            assert np.abs(sim.weights(projection) - weights).max() < 0.4
            found.append(sim.weights(projection))
    assert np.array_equal(*found)


def test_counts_are_those_of_the_result():
    net, _ = driven()
    with Simulation(net) as sim:
        result = sim.run(300.0).result()
        neuron = result.spikes("cells")[1]
        assert np.array_equal(sim.spike_counts("cells"), np.bincount(neuron, minlength=30))
        some = sim.spike_counts(net.find("cells")[5:9])
        assert np.array_equal(some, np.bincount(neuron, minlength=30)[5:9])
        sim.clear()
        assert sim.recorded_from_ms == 300.0
        assert not sim.spike_counts("cells").any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_hz": 0.0}, r"HomeostaticScaling\.target_hz: must be a number above 0"),
        (
            {"gain": 1.0},
            r"HomeostaticScaling\.gain: must be below 1, got 1\. Scale in smaller steps",
        ),
        ({"tau_ms": "x"}, r"HomeostaticScaling\.tau_ms: must be a number"),
    ],
)
def test_messages(options, message):
    with pytest.raises(UsageError, match=message):
        HomeostaticScaling(**{"target_hz": 5.0, **options})
