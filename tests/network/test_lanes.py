"""What a user asks for is what runs: weights of any size on one receptor, within 0.1 %."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from sampling import FakeModel
from scipy import integrate, stats

from distsnn.errors import NetworkError
from distsnn.network import (
    AllToAll,
    ExplicitList,
    FixedInDegree,
    Gamma,
    LogNormal,
    Network,
    Normal,
    Uniform,
)
from distsnn.network.draw import draw_weights
from distsnn.network.weights.moments import moments
from distsnn.network.weights.quanta import Quanta
from distsnn.neurons import LifCondExp, LifDelta, LifExp, LoihiCuba
from distsnn.simulation import simulate
from distsnn.stimuli import SpikeSource


def network_of(*weights, size=100, rule=None):
    network = Network()
    population = network.population("p", size, FakeModel())
    for weight in weights:
        network.connect(
            population, population, rule or FixedInDegree(10), weight=weight, receptor=0
        )
    return network


def log_normal(sigma: float, sign: float = 1.0) -> LogNormal:
    """Of median 1."""
    mean = math.exp(0.5 * sigma**2)
    return LogNormal(sign * mean, mean * math.sqrt(math.expm1(sigma**2)))


DISTRIBUTIONS = [
    Normal(87.8, 8.78),
    Normal(1.0, 0.1),
    Normal(0.0, 1.0),
    Normal(1.0, 3.0, low=0.0),
    Normal(1.0, 3.0, low=0.0, outside="clip"),
    Uniform(0.0, 1.0),
    Uniform(-2.0, 3.0),
    Gamma(15.0, 15.0),
    Gamma(-1.0, 3.0),
    LogNormal(1.0, 3.0),
    *(log_normal(sigma) for sigma in (0.3, 1.0, 1.5, 2.0, 2.5)),
    log_normal(2.5, -1.0),
]


def exact_moments(distribution) -> tuple[float, float]:
    """Mean and deviation by adaptive integration of the distribution function, in pieces."""
    low, high = distribution.bounds()
    span = max(abs(low), abs(high))
    points = {low, high, *(span * 10.0**k for k in range(-14, 1)), 0.0}
    points |= {-point for point in points}
    ends = sorted(p for p in points if low <= p <= high)

    def above(x: float) -> float:
        return float(1.0 - distribution.cdf(np.array([x]))[0])

    def whole(weight) -> float:
        parts = [
            integrate.quad(lambda x: weight(x) * above(x), a, b, epsrel=1e-9, limit=200)[0]
            for a, b in pairwise(ends)
        ]
        return math.fsum(parts)

    mean = low + whole(lambda x: 1.0)
    square = (low - mean) ** 2 + whole(lambda x: 2.0 * (x - mean))
    return mean, math.sqrt(square)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=repr)
@pytest.mark.parametrize("beside", [None, 1e5], ids=["alone", "beside 1e5"])
def test_mean_and_deviation_of_what_is_drawn(distribution, beside):
    """The table of outcomes itself has the moments; no outcome is 0 that should not be."""
    network = network_of(*([distribution] if beside is None else [distribution, beside]))
    projection = network.projections[0]
    values, words = drawn_values(Quanta(network), projection)
    mean, sd = exact_moments(distribution)
    got_mean = values @ words / 2**32
    got_sd = math.sqrt((values - got_mean) ** 2 @ words / 2**32)
    size = abs(mean) if abs(mean) > 1e-3 * sd else sd
    assert abs(got_mean - mean) < 1e-3 * size
    assert abs(got_sd - sd) < 1e-3 * sd
    at_zero = np.diff(distribution.cdf(np.array([np.nextafter(0.0, -1.0), 0.0])))[0]
    assert words[values == 0.0].sum() == pytest.approx(at_zero * 2**32, abs=1.0)
    error = Quanta(network).error(projection)
    assert error.sd == pytest.approx(abs(got_sd - sd) / sd, abs=3e-5)
    assert error.lost == 0.0


def drawn_values(quanta: Quanta, projection) -> tuple[np.ndarray, np.ndarray]:
    """Return every value that can be drawn and its number of random words."""
    from distsnn.network.weights.lanes import lane_outcomes
    from distsnn.network.weights.outcomes import outcomes

    code, weight = quanta.code(projection), projection.weight
    single = code.single_lane(*weight.bounds())
    if single is None:
        found = lane_outcomes(weight, code)
        return code.decode(found.quanta, found.lanes), found.words
    found = outcomes(weight, single[1], None, keeps_zero=False)
    return (found.first + np.arange(found.words.size)) * single[1], found.words


@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_draws_follow_the_distribution(sigma):
    distribution = log_normal(sigma)
    network = network_of(distribution, 1e-4, size=300, rule=FixedInDegree(1000))
    projection, quanta = network.projections[0], Quanta(network)
    code = quanta.code(projection)
    counts = np.full(300, 1000, dtype=np.int32)
    drawn, lanes = draw_weights(projection, 0, counts, 1, code)
    assert (drawn != 0).all()
    weights = code.decode(drawn, lanes)
    logs = np.log(weights) / sigma
    assert stats.kstest(logs[weights > 0.05], _above(0.05, sigma)).pvalue > 1e-4
    again, same = draw_weights(projection, 100, counts[100:], 1, code)
    assert (again == drawn[100_000:]).all()
    assert (
        np.broadcast_to(same, again.shape) == np.broadcast_to(lanes, drawn.shape)[100_000:]
    ).all()


def _above(least: float, sigma: float):
    below = stats.norm.cdf(math.log(least) / sigma)
    return lambda z: np.clip((stats.norm.cdf(z) - below) / (1.0 - below), 0.0, 1.0)


def given(values: np.ndarray, *more: float):
    """Return a network with these weights one to one, and the weights as they are stored."""
    network = Network()
    n = values.size
    population = network.population("p", n, FakeModel())
    rule = ExplicitList(np.arange(n), np.arange(n), values)
    projection = network.connect(population, population, rule, receptor=0)
    for weight in more:
        network.connect(population, population, FixedInDegree(10), weight=weight, receptor=0)
    quanta = Quanta(network)
    code = quanta.code(projection)
    stored = code.decode(*draw_weights(projection, 0, np.ones(n, np.int32), 1, code))
    return quanta, projection, stored


@pytest.mark.parametrize("more", [(), (1e5,), (1e-7, 3e6)])
def test_listed_weights_over_ten_decades(more):
    rng = np.random.default_rng(1)
    values = rng.choice([-1.0, 1.0], 5000) * 10.0 ** rng.uniform(-5, 5, 5000)
    quanta, projection, stored = given(values, *more)
    relative = np.abs(stored / values - 1.0)
    assert relative.max() < 1e-3
    assert quanta.error(projection).largest == pytest.approx(relative.max(), rel=1e-9)


def test_constants_over_five_decades_are_right():
    weights = [1e5, 1.0, 0.3, np.pi * 1e3, -2.0]
    network = network_of(*weights)
    quanta = Quanta(network)
    for weight, projection in zip(weights, network.projections, strict=True):
        code = quanta.code(projection)
        stored, lanes = draw_weights(projection, 0, np.ones(3, np.int32), 1, code)
        assert code.decode(stored, lanes)[0] == pytest.approx(weight, rel=1e-3)
    assert quanta.n_lanes(0) > len(FakeModel().receptors)


def test_sizes_beyond_all_lanes_are_refused():
    with pytest.raises(NetworkError, match=r"must be within a factor of .*, got .* beside 1e\+30"):
        given(np.logspace(-30, 30, 1000))


def test_one_quantum_where_it_is_enough():
    network = network_of(Normal(87.8, 8.78), 100.0, Normal(50.0, 5.0))
    assert Quanta(network).n_lanes(0) == len(FakeModel().receptors)


def test_moments_of_a_clipped_distribution():
    clipped = Normal(1.0, 3.0, low=0.0, high=2.0, outside="clip")
    mean, sd = exact_moments(clipped)
    assert moments(clipped).mean == pytest.approx(mean, rel=1e-6)
    assert moments(clipped).sd == pytest.approx(sd, rel=1e-6)


def kicks(weights, model, *, variables, delay_ms=1.0, receptor=None):
    """Spikes of one step through listed synapses, one to one; the recorded variables after it."""
    n = len(weights)
    network = Network(dt_ms=0.1, seed=1)
    source = network.population("s", n, SpikeSource([1.0] * n, list(range(n))))
    target = network.population("t", n, model)
    rule = ExplicitList(list(range(n)), list(range(n)), weights=list(weights))
    network.connect(source, target, rule, delay_ms=delay_ms, receptor=receptor)
    for variable in variables:
        network.record(target, variable)
    result = simulate(network, duration_ms=delay_ms + 1.2)
    steps = round(delay_ms / 0.1) + 9  # the source's spike is of step 9
    return [result.traces["t", name][1][steps] for name in variables]


def test_the_neurons_get_what_was_listed():
    weights = np.logspace(-4, 6, 300)
    (v,) = kicks(weights, LifDelta(tau_m_ms=1e9, v_threshold_mv=1e9), variables=["v"])
    assert np.abs(v / weights - 1.0).max() < 1e-3


def test_the_sign_of_each_weight_chooses_its_receptor():
    g_e, g_i = kicks([10.0, -10.0], LifCondExp(), variables=["g_e", "g_i"])
    assert g_e == pytest.approx([10.0, 0.0])
    assert g_i == pytest.approx([0.0, 10.0])
    i_e, i_i = kicks([30.0, -20.0, 1e-3], LifExp(), variables=["i_e", "i_i"])
    assert i_e == pytest.approx([30.0, 0.0, 1e-3], rel=1e-3)
    assert i_i == pytest.approx([0.0, -20.0, 0.0], rel=1e-3)


@pytest.mark.parametrize("at_once", [True, False])
def test_both_signs_onto_one_neuron(at_once):
    """+3 and -1 nS open 3 of one and 1 of the other, in one step or in two."""
    network = Network(dt_ms=0.1, seed=1)
    times = [1.0, 1.0 if at_once else 1.1]
    source = network.population("s", 2, SpikeSource(times, [0, 1]))
    target = network.population("t", 1, LifCondExp(tau_syn_e_ms=1e6, tau_syn_i_ms=1e6))
    network.connect(source, target, ExplicitList([0, 1], [0, 0], weights=[3.0, -1.0]), delay_ms=0.1)
    network.record(target, "g_e")
    network.record(target, "g_i")
    result = simulate(network, duration_ms=2.0)
    assert result.traces["t", "g_e"][1][-1] == pytest.approx([3.0], rel=1e-4)
    assert result.traces["t", "g_i"][1][-1] == pytest.approx([1.0], rel=1e-4)


def test_projections_of_either_sign_onto_a_named_receptor_of_conductances_add_up():
    network = Network(dt_ms=0.1, seed=1)
    source = network.population("s", 1, SpikeSource([1.0], [0]))
    target = network.population("t", 1, LifCondExp(tau_syn_i_ms=1e6))
    network.connect(source, target, AllToAll(), weight=3.0, receptor="inhibitory", delay_ms=0.1)
    network.connect(source, target, AllToAll(), weight=-1.0, delay_ms=0.1)
    network.record(target, "g_i")
    result = simulate(network, duration_ms=2.0)
    assert result.traces["t", "g_i"][1][-1] == pytest.approx([4.0], rel=1e-4)


def test_a_distribution_of_both_signs_reaches_both_receptors():
    n = 4000
    network = Network(dt_ms=0.1, seed=1)
    source = network.population("s", 1, SpikeSource([1.0], [0]))
    target = network.population("t", n, LifCondExp(tau_syn_e_ms=1e6, tau_syn_i_ms=1e6))
    network.connect(source, target, AllToAll(), weight=Normal(0.5, 1.0), delay_ms=0.1)
    for name in ("g_e", "g_i"):
        network.record(target, name)
    result = simulate(network, duration_ms=2.0)
    g_e, g_i = (result.traces["t", name][1][-1] for name in ("g_e", "g_i"))
    assert ((g_e > 0) ^ (g_i > 0)).all()
    weights = g_e - g_i
    assert stats.kstest(weights, stats.norm(0.5, 1.0).cdf).pvalue > 1e-3


def test_both_signs_onto_a_named_receptor_of_conductances_are_refused():
    network = Network()
    p = network.population("p", 3, LifCondExp())
    with pytest.raises(NetworkError, match="must be of one sign onto a named receptor"):
        network.connect(p, p, FixedInDegree(1), weight=Normal(0.0, 1.0), receptor=0)


def test_a_weight_that_a_chip_cannot_hold_is_refused():
    network = Network(dt_ms=1.0)
    p = network.population("p", 3, LoihiCuba())
    network.connect(p, p, FixedInDegree(1), weight=0.3)
    with pytest.raises(NetworkError, match=r"must be 0 or of size 0\.5 at least for a LoihiCuba"):
        Quanta(network)


def test_what_a_chip_loses_of_a_distribution_is_told():
    network = Network(dt_ms=1.0)
    p = network.population("p", 100, LoihiCuba())
    projection = network.connect(p, p, FixedInDegree(5), weight=Uniform(0.0, 5.0))
    error = Quanta(network).error(projection)
    assert error.lost == pytest.approx(0.1, abs=1e-6)


def test_a_run_tells_what_a_chip_loses():
    network = Network(dt_ms=1.0)
    p = network.population("p", 100, LoihiCuba())
    network.connect(p, p, FixedInDegree(5), weight=2.4)
    with pytest.warns(UserWarning, match=r"p -> p: weights are whole for a LoihiCuba.*by 16\.67%"):
        simulate(network, duration_ms=2.0)
