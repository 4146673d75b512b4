"""Neurons of several compartments in networks; trees that are refused."""

from __future__ import annotations

import pytest
from test_compartment_tree import TIERS
from test_loihi_tree import coincidence

from distsnn.errors import NetworkError
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import (
    Compartment,
    CompartmentTree,
    LifExp,
    LoihiCompartment,
    LoihiCuba,
    LoihiTree,
)
from distsnn.report.document import document
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson


def tree_network(seed: int) -> Network:
    """Trees of both kinds and of different size in one network."""
    network = Network(dt_ms=1.0, seed=seed)
    floats = network.population("floats", 60, TIERS)
    small = network.population("small", 50, CompartmentTree())
    loihi = network.population("loihi", 70, coincidence())
    for receptor in ("soma", "tuft", "basal"):
        network.stimulate(floats, Poisson(rate_hz=800.0, weight=60.0), receptor=receptor)
    network.stimulate(small, Current(pa=500.0))
    for receptor in ("left", "right"):
        network.connect(
            floats, loihi, FixedInDegree(3), weight=100.0, delay_ms=2.0, receptor=receptor
        )
    network.connect(loihi, small, FixedInDegree(4), weight=50.0, delay_ms=1.0, receptor="dendrite")
    network.connect(small, floats, FixedInDegree(4), weight=40.0, delay_ms=3.0, receptor="trunk")
    network.record(loihi, "v_left", neurons=[0, 5])
    return network


def test_same_bits_on_other_cores():
    results = [
        simulate(tree_network(2), duration_ms=300.0, **options)
        for options in ({}, {"neurons_per_core": 32}, {"neurons_per_core": 37, "placement": "near"})
    ]
    assert len({result.digest for result in results}) == 1
    for name in ("floats", "small", "loihi"):
        assert results[0].spike_steps(name)[0].size > 20, name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CompartmentTree(()), "must be 1 to 64, got 0"),
        (lambda: CompartmentTree((Compartment("a", "b"),)), "the first compartment a must be None"),
        (lambda: CompartmentTree((Compartment("a"), Compartment("a", "a"))), "taken once, got 'a'"),
        (lambda: CompartmentTree((Compartment("a"), Compartment("b"))), "must be named before it"),
        (lambda: CompartmentTree((Compartment("a-b"),)), "got 'a-b'"),
        (lambda: Compartment("a", coupling_ns=0.0), "coupling_ns: must be a number above 0"),
        (lambda: LoihiCompartment("a", join="xor"), "join: must be one of none, add"),
        (lambda: LoihiTree((LoihiCompartment("a", join="add"),)), "got 'add with 0 children'"),
        (
            lambda: LoihiCompartment("a", v_min_exponent=24),
            "v_min_exponent: must be a whole number",
        ),
    ],
)
def test_trees_that_are_none(make, message):
    with pytest.raises(NetworkError, match=message):
        make()


def test_compartments_take_places_of_their_core():
    network = Network(dt_ms=1.0, seed=1)
    network.population("trees", 300, TIERS)
    network.population("points", 100, LifExp())
    result = simulate(network, duration_ms=5.0)
    used = next(usage for usage in result.usage.limits if usage.name == "neurons")
    assert used.used.sum() == 300 * 4 + 100
    assert used.most <= used.limit == 1024


def test_saturations_of_a_run_are_reported():
    """Threshold out of reach, v at most 511: every step in which it would be more is one."""
    network = Network(dt_ms=1.0, seed=1)
    model = LoihiCuba(threshold_mantissa=131071, v_max_exponent=0, decay_v=0, bias_mantissa=100)
    network.population("few", 5, model)
    network.population("quiet", 3, LoihiTree())
    network.population("floats", 4, LifExp())
    result = simulate(network, duration_ms=20.0)
    assert result.saturations == {"few": 5 * (20 - 5), "quiet": 0}
    assert document(result)["saturations"] == result.saturations
