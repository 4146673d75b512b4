"""Weights and delays by distance: the formula for every synapse, under any rule."""

from __future__ import annotations

import numpy as np
import pytest
from pair_twin import all_distances, connected

from distsnn.comm.serial import SerialComm
from distsnn.network import (
    AllToAll,
    ByDistance,
    Distance,
    ExplicitList,
    Exponential,
    FixedInDegree,
    FixedProbability,
    Gaussian,
    Grid1D,
    Grid2D,
    Grid3D,
    Network,
    OneToOne,
    RandomPositions,
    drawn_synapses,
)
from distsnn.network.draw import draw_delays, draw_sources
from distsnn.neurons import LifDelta
from distsnn.plasticity import PairStdp
from distsnn.rate_sweep import poisson_copy
from distsnn.simulation import simulate

RULES = {
    "distance": Distance(Gaussian(0.2)),
    "all": AllToAll(),
    "probability": FixedProbability(0.3),
    "in-degree": FixedInDegree(7),
    "in-degree by distance": Distance(Gaussian(0.2), in_degree=7),
    "one to one": OneToOne(),
    "list": ExplicitList([0, 5, 5, 39], [39, 2, 2, 1]),
}


def delays_and_distances(projection, wrap=False):
    counts, sources = draw_sources(projection, 0, projection.target.size, 1)
    targets = np.repeat(np.arange(counts.size), counts)
    delays = draw_delays(projection, 0, counts, 1)
    return delays, all_distances(projection, wrap)[targets, sources]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("source", "target"),
    [
        (RandomPositions((1.0,)), Grid1D(1.0)),
        (Grid2D(1.0), RandomPositions(1.0)),
        (RandomPositions(1.0, n_dims=3), Grid3D(1.0)),
    ],
    ids=["1-D", "2-D", "3-D"],
)
def test_delays_are_those_of_the_formula(rule, source, target):
    delay = ByDistance(0.02, per=3.0)
    projection = connected(RULES[rule], source, target, n=(48, 48), delay_ms=delay)
    delays, distances = delays_and_distances(projection)
    steps = np.maximum(1, np.floor((0.02 + 3.0 * distances) / 0.1 + 0.5))
    assert delays.size > 0
    assert (delays == steps).all()
    low, high = projection.delay_steps
    assert low <= delays.min()
    assert delays.max() <= high


def test_a_rule_that_wraps_has_delays_that_wrap():
    rule = Distance(Gaussian(0.3), wrap=True)
    for wrap, expected in ((None, True), (True, True), (False, False)):
        delay = ByDistance(0.1, per=5.0, wrap=wrap)
        projection = connected(rule, Grid2D(1.0), n=(400, 0), delay_ms=delay)
        delays, distances = delays_and_distances(projection, wrap=expected)
        steps = np.floor((0.1 + 5.0 * distances) / 0.1 + 0.5)
        assert (delays == steps).mean() > 0.999  # halves may be rounded either way


def test_the_range_of_a_rule_bounds_the_delays():
    rule = Distance(Gaussian(0.3), max_range=0.25)
    projection = connected(rule, Grid2D(1.0), n=(400, 0), delay_ms=ByDistance(0.2, per=4.0))
    assert projection.delay_steps == (2, 12)
    delays, _ = delays_and_distances(projection)
    assert (delays.min(), delays.max()) == (4, 12)


def test_two_sheets_apart_have_no_short_delay():
    sheet = np.column_stack([np.random.default_rng(2).uniform(0, 1, (50, 2)), np.zeros(50)])
    delay = ByDistance(per=10.0)
    above = sheet + np.array([0.0, 0.0, 0.5])
    projection = connected(AllToAll(), sheet, above, n=(50, 50), delay_ms=delay)
    assert projection.delay_steps[0] == 50
    delays, distances = delays_and_distances(projection)
    assert delays.min() >= 50
    assert (delays == np.floor(distances / 0.01 + 0.5)).all()


FORMULAS = {
    "slope": (ByDistance(1.0, per=2.0), lambda d: 1.0 + 2.0 * d),
    "profile": (ByDistance(profile=Exponential(0.3), scale=10.0), lambda d: 10 * np.exp(-d / 0.3)),
    "own": (ByDistance(3.0, profile=lambda d: np.cos(d)), lambda d: 3.0 + np.cos(d)),
    "inhibition": (ByDistance(profile=Gaussian(0.4), scale=-5.0),
                   lambda d: -5.0 * np.exp(-(d**2) / 0.32)),
    "hat": (ByDistance(profile=lambda d: 2 * np.exp(-8 * d**2) - np.exp(-2 * d**2)),
            lambda d: 2 * np.exp(-8 * d**2) - np.exp(-2 * d**2)),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("rule", ["distance", "probability", "in-degree"])
def test_weights_are_right_to_a_thousandth_of_the_largest_ones(rule, name):
    """Relative to the weight itself down to a thousandth of the largest, below relative to that."""
    weight, formula = FORMULAS[name]
    network = Network(dt_ms=0.1)
    source = network.population("a", 200, LifDelta(), positions=RandomPositions(1.0))
    target = network.population("b", 100, LifDelta(), positions=Grid2D(1.0))
    projection = network.connect(source, target, RULES[rule], weight=weight)
    (drawn,) = drawn_synapses(network)
    distances = all_distances(projection, wrap=False)
    asked = formula(distances[drawn.target - target.gid_start, drawn.source])
    least = 1e-3 * np.abs(formula(np.linspace(0.0, 1.5, 2000))).max()
    assert (np.abs(drawn.weight - asked) <= 1e-3 * np.maximum(np.abs(asked), least)).all()
    assert (np.sign(drawn.weight) == np.sign(asked)).all()


def test_plastic_synapses_start_with_weights_of_their_distance():
    network = Network(dt_ms=0.1)
    cells = network.population("p", 64, LifDelta(), positions=Grid2D(1.0))
    weight = ByDistance(profile=Gaussian(0.2))
    projection = network.connect(
        cells, cells, Distance(Gaussian(0.2)), weight=weight, plasticity=PairStdp(w_max=1.0),
        delay_ms=ByDistance(0.3, per=2.0),
    )  # fmt: skip
    network.record_weights(projection, every_ms=1.0)
    table = simulate(network, duration_ms=1.0, comm=SerialComm()).weights(projection)
    distances = all_distances(projection, wrap=False)[table.post, table.pre]
    assert table.weights[0] == pytest.approx(np.exp(-(distances**2) / 0.08), rel=1e-6)
    steps = np.floor((0.3 + 2.0 * distances) / 0.1 + 0.5)
    assert (np.rint(table.delays_ms / 0.1) == steps).mean() > 0.99


def test_a_copy_of_the_network_has_the_same_synapses():
    projection = connected(
        Distance(Gaussian(0.2), wrap=True), RandomPositions(1.0), n=(200, 0),
        weight=ByDistance(profile=Gaussian(0.3)), delay_ms=ByDistance(0.2, per=9.0),
    )  # fmt: skip
    network = Network(seed=1)
    cells = network.population("source", 200, LifDelta(), positions=RandomPositions(1.0))
    network.connect(cells, cells, projection.rule, weight=projection.weight.by,
                    delay_ms=projection.delay.by)  # fmt: skip
    (copied,) = poisson_copy(network, 10.0).projections
    counts, sources = draw_sources(projection, 0, 200, 1)
    assert (draw_sources(copied, 0, 200, 1)[1] == sources).all()
    assert (draw_delays(copied, 0, counts, 1) == draw_delays(projection, 0, counts, 1)).all()
