"""A range that is reserved for static weights: what a running network may be given."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import (
    AllToAll,
    Current,
    ExplicitList,
    LifCondExp,
    LifExp,
    Network,
    Simulation,
    Uniform,
    simulate,
)
from distsnn.comm import start
from distsnn.errors import NetworkError, UsageError
from distsnn.network.weights.quanta import Quanta
from distsnn.plasticity import PairStdp, TsodyksMarkram


def pair_of(weight, model=None, **options):
    net = Network(dt_ms=0.1, seed=2)
    a, b = net.population("a", 6, LifExp()), net.population("b", 4, model or LifExp())
    net.stimulate(a, Current(pa=600.0))
    return net, net.connect(a, b, AllToAll(), weight=weight, delay_ms=1.5, **options)


@pytest.mark.mpi
@pytest.mark.parametrize(
    ("weight", "bounds"),
    [(20.0, (0.0, 900.0)), (Uniform(1.0, 20.0), (0.0, 900.0)), (20.0, (-300.0, 900.0))],
)
def test_weights_of_the_range_can_be_set(weight, bounds):
    net, projection = pair_of(weight, weight_bounds=bounds)
    with Simulation(net, comm=start()) as sim:
        new = np.linspace(*bounds, 24)
        sim.set_weights(projection, new)
        assert np.abs(sim.weights(projection) - new).max() <= 0.51 * 900.0 / 16384
        with pytest.raises(UsageError, match=r"must be from -?\d+ to 900, for which"):
            sim.set_weights(projection, 901.0)


def test_what_was_set_acts_as_a_network_connected_so():
    net, projection = pair_of(20.0, weight_bounds=(0.0, 2000.0))
    with Simulation(net) as sim:
        connections = sim.connections(projection)
        sim.set_weights(projection, np.linspace(0.0, 2000.0, 24))
        weights = sim.weights(projection)
        result = sim.run(60.0).result()
    listed = Network(dt_ms=0.1, seed=2)
    a, b = listed.population("a", 6, LifExp()), listed.population("b", 4, LifExp())
    listed.stimulate(a, Current(pa=600.0))
    listed.connect(a, b, ExplicitList(connections.pre, connections.post, weights), delay_ms=1.5)
    other = simulate(listed, duration_ms=60.0)
    assert result.spikes("b")[0].size > 5
    for got, expected in zip(result.spikes("b"), other.spikes("b"), strict=True):
        assert np.array_equal(got, expected)


def test_synapses_are_counted_once_in_the_largest_sum():
    """A range no larger than the weights reserves nothing: the same quantum."""
    quanta = [
        Quanta(pair_of(Uniform(0.0, 20.0), **options)[0]).of(1, 0)
        for options in ({}, {"weight_bounds": (0.0, 20.0)})
    ]
    assert quanta[0] == quanta[1]


def test_short_term_rules_take_a_range_too():
    net, projection = pair_of(20.0, plasticity=TsodyksMarkram(), weight_bounds=(0.0, 200.0))
    with Simulation(net) as sim:
        sim.set_weights(projection, 150.0)
        assert sim.weights(projection) == pytest.approx(150.0, abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight_bounds": 3.0}, r"weight_bounds: must be a pair \(low, high\), got 3\. Give two"),
        (
            {"weight_bounds": (1.0, np.nan)},
            "weight_bounds: must be a number that float32 holds, got nan",
        ),
        ({"weight_bounds": (0.0, 10.0)}, "around the weights, 20 to 20, got .* Widen them"),
        ({"weight_bounds": (30.0, 20.0)}, "a low and a larger high around"),
        (
            {"weight_bounds": (0.0, 30.0), "plasticity": PairStdp(w_max=30.0)},
            "must be left out where synapses learn, got .* Give the rule w_min and w_max",
        ),
        (
            {"weight_bounds": (-30.0, 30.0), "receptor": "excitatory", "model": LifCondExp()},
            "of one sign onto a named receptor of conductances",
        ),
    ],
)
def test_messages(options, message):
    with pytest.raises(NetworkError, match=message):
        pair_of(20.0, **options)
