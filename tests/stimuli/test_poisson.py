"""Poisson counts: exact tables, chi-square, independence of neurons and steps, any range alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from distsnn.errors import NetworkError
from distsnn.kernels.neuron.poisson import COMPARE_LIMIT, poisson
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network import Network, Uniform
from distsnn.neurons import LifDelta, LoihiCuba, LoihiTree
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson, poisson_thresholds

P_LIMIT = 1e-6
MEANS = [1e-6, 0.01, 0.5, 2.0, 2.32, 11.0, 100.0, 1000.0, 10_000.0]


def counts_of(mean, n, t, start=0, key=None, weight=1.0):
    """Return what the kernel adds for ``n`` neurons at step ``t``."""
    key = stream_key(1, "poisson", 0) if key is None else key
    out, scratch = np.zeros(n, np.float32), np.empty(2 * n + 4, np.uint32)
    thresholds, weights = poisson_thresholds(mean), np.array([weight], np.float32)
    poisson(t, start, key & 0xFFFFFFFF, key >> 32, thresholds, weights, out, scratch)
    return out


def chi_square_of(samples, mean):
    reference = stats.poisson(mean)
    low, high = int(reference.ppf(1e-6)), int(reference.isf(1e-6)) + 1
    observed = np.bincount(np.clip(samples.astype(int), low, high) - low, minlength=high - low + 1)
    expected = reference.pmf(np.arange(low, high + 1)) * samples.size
    expected[0], expected[-1] = (
        p * samples.size for p in (reference.cdf(low), reference.sf(high - 1))
    )
    edges = np.flatnonzero(np.diff(np.floor(np.cumsum(expected) / 20.0)))
    observed, expected = (np.diff(np.concatenate([[0], np.cumsum(x)[edges], [x.sum()]]))
                          for x in (observed, expected))  # fmt: skip
    keep = expected > 0
    return stats.chisquare(observed[keep], expected[keep] * observed.sum() / expected.sum()).pvalue


@pytest.mark.parametrize("mean", MEANS)
def test_thresholds_are_the_distribution_function(mean):
    thresholds = poisson_thresholds(mean)
    assert thresholds.dtype == np.uint32
    assert (np.diff(thresholds.astype(np.int64)) >= 0).all()
    exact = stats.poisson.cdf(np.arange(thresholds.size), mean)
    assert np.abs(thresholds / 2**32 - exact).max() <= 2.0**-32
    assert stats.poisson.sf(thresholds.size, mean) <= 2.0**-32
    assert thresholds[-1] < 2**32 - 0.5
    in_words = np.append(thresholds, 2**32).astype(np.int64)
    drawn_mean = (np.diff(in_words) * np.arange(1, in_words.size)).sum() / 2**32
    assert drawn_mean == pytest.approx(mean, rel=1e-5, abs=1e-9)


def test_no_rate_no_thresholds():
    assert poisson_thresholds(0.0).size == 0
    assert not counts_of(0.0, 100, 5).any()


@pytest.mark.parametrize("mean", [10_001.0, -1.0, np.nan])
def test_impossible_means(mean):
    with pytest.raises(NetworkError, match="from 0 to 10000"):
        poisson_thresholds(mean)


@pytest.mark.parametrize("mean", MEANS[1:])
def test_counts_follow_the_distribution(mean):
    samples = np.concatenate([counts_of(mean, 1024, t) for t in range(300)])
    assert chi_square_of(samples, mean) > P_LIMIT


def test_both_ways_of_counting_agree():
    mean = 5000.0
    thresholds = poisson_thresholds(mean)
    assert np.count_nonzero(thresholds) > COMPARE_LIMIT
    few = thresholds[: np.count_nonzero(thresholds == 0) + COMPARE_LIMIT - 5]
    n = 2000
    got = []
    for table in (thresholds, few):
        out, scratch = np.zeros(n, np.float32), np.empty(2 * n + 4, np.uint32)
        poisson(3, 0, 5, 6, table, np.ones(1, np.float32), out, scratch)
        got.append(out)
    assert (np.minimum(got[0], few.size) == got[1]).all()
    assert (got[0] < few.size).mean() > 0.3


def test_kernel_equals_its_python_source():
    for n, start in ((37, 0), (38, 5), (1, 3)):
        compiled = counts_of(2.0, n, 2**33 + 7, start)
        key = stream_key(1, "poisson", 0)
        out, scratch = np.zeros(n, np.float32), np.empty(2 * n + 4, np.uint32)
        with np.errstate(over="ignore"):
            poisson.python(
                2**33 + 7, start, key & 0xFFFFFFFF, key >> 32, poisson_thresholds(2.0),
                np.ones(1, np.float32), out, scratch,
            )  # fmt: skip
        assert (out == compiled).all()


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, 2), (0, 1024), (3, 700), (511, 512), (999, 1024)])
def test_any_range_gives_the_same_counts(a, b):
    whole = counts_of(2.0, 1024, 12)
    assert (counts_of(2.0, b - a, 12, start=a) == whole[a:b]).all()


def test_adds_to_what_is_there_with_its_weight():
    plain = counts_of(2.0, 50, 1)
    key = stream_key(1, "poisson", 0)
    out, scratch = np.full(50, 10.0, np.float32), np.empty(104, np.uint32)
    thresholds, weight = poisson_thresholds(2.0), np.array([-1.5], np.float32)
    poisson(1, 0, key & 0xFFFFFFFF, key >> 32, thresholds, weight, out, scratch)
    assert (out == 10.0 - 1.5 * plain).all()


def joint_p_value(x, y, mean):
    """Chi-square of the joint distribution of counts, cut at 5, against independence."""
    shares = stats.poisson.pmf(np.arange(6), mean)
    shares[5] = stats.poisson.sf(4, mean)
    pairs = np.minimum(x, 5).astype(int) * 6 + np.minimum(y, 5).astype(int)
    observed = np.bincount(pairs, minlength=36)
    return stats.chisquare(observed, np.outer(shares, shares).ravel() * x.size).pvalue


def test_neurons_steps_and_streams_are_independent():
    n_steps, n = 400, 1000
    table = np.array([counts_of(2.0, n, t) for t in range(n_steps)])
    other = np.array(
        [counts_of(2.0, n, t, key=stream_key(1, "poisson", 1)) for t in range(n_steps)]
    )
    late = np.array([counts_of(2.0, n, t + 2**32) for t in range(n_steps)])
    pairs = {
        "both neurons of a block": (table[:, ::2], table[:, 1::2]),
        "neighbours across blocks": (table[:, 1:-1:2], table[:, 2::2]),
        "successive steps": (table[:-1], table[1:]),
        "steps ten apart": (table[:-10], table[10:]),
        "neuron and step exchanged": (table[:, :n_steps], table[:, :n_steps].T),
        "two stimuli": (table, other),
        "2^32 steps later": (table, late),
    }
    for what, (x, y) in pairs.items():
        assert joint_p_value(x.ravel(), y.ravel(), 2.0) > P_LIMIT, what
    per_step, per_neuron = table.sum(axis=1), table.sum(axis=0)
    for sums, mean in ((per_step, 2.0 * n), (per_neuron, 2.0 * n_steps)):
        assert stats.chi2.sf(((sums - mean) ** 2 / mean).sum(), sums.size) > P_LIMIT
        assert stats.chi2.cdf(((sums - mean) ** 2 / mean).sum(), sums.size) > P_LIMIT


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Poisson(-1.0, 1.0), "rate_hz: must be a number of at least 0, got -1"),
        (lambda: Poisson(np.inf, 1.0), "rate_hz: must be a number of at least 0, got inf"),
        (lambda: Poisson(np.nan, 1.0), "rate_hz: must be a number of at least 0, got nan"),
        (lambda: Poisson("8", 1.0), "rate_hz: must be a number of at least 0, got '8'"),
        (lambda: Poisson(8.0, np.nan), "weight: must be a number that float32 holds"),
        (lambda: Poisson(8.0, 1.0, start_ms=-5.0), "start_ms: must be a number of at least 0"),
        (
            lambda: Poisson(8.0, 1.0, start_ms=5.0, stop_ms=4.0),
            "stop_ms: must be a number of at least",
        ),
        (lambda: Poisson(8.0, 1.0, start_ms=np.inf), "start_ms: must be a number of at least"),
        (
            lambda: Poisson(8.0, 1.0, stop_ms=np.nan),
            "stop_ms: must be a number of at least 0, got nan",
        ),
        (lambda: Poisson(8.0, 1.0, stop_ms="end"), "stop_ms: must be a number of at least"),
        (lambda: Poisson(8.0, 1e39), "weight: must be a number that float32 holds"),
        (lambda: Poisson(8.0, 1e-300), "weight: must be 0 or a size of at least 1.17549e-38"),
        (lambda: Poisson(8.0, True), "weight: must be a number that float32 holds"),
        (lambda: Poisson([[[8.0]]], 1.0), "rate_hz: must be a number of at least 0, got [[[8.0]]]"),
    ],
)
def test_errors(make, message):
    with pytest.raises(NetworkError) as raised:
        make()
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("stop_ms", [1e20, 1.7976931348623157e308, np.inf, 1e9])
def test_a_stop_after_all_steps_is_none(stop_ms):
    def digest(**times):
        network = Network(dt_ms=0.1)
        cells = network.population("cells", 10, LifDelta())
        network.stimulate(cells, Poisson(rate_hz=1e4, weight=1.0, **times))
        result = simulate(network, duration_ms=20.0)
        assert result.spikes_all.step.size
        return result.digest

    assert digest(stop_ms=stop_ms) == digest()


@pytest.mark.parametrize(
    ("start_ms", "stop_ms", "driven"),
    [
        (0.0, np.inf, range(40)),
        (0.0, 0.0, []),
        (0.5, 1.0, [1]),
        (4.0, 9.5, range(8, 19)),
        (19.5, 50.0, [39]),
        (7.0, 7.0, []),
    ],
)
def test_it_drives_the_steps_from_start_to_stop(start_ms, stop_ms, driven):
    """u is what a step brings, since nothing stays; of 30 counts on average none is never 0."""
    network = Network(dt_ms=0.5, seed=3)
    cells = network.population("cells", 40, LoihiCuba(decay_u=4095, threshold_mantissa=131071))
    stimulus = Poisson(rate_hz=6e4, weight=1.0, start_ms=start_ms, stop_ms=stop_ms)
    network.stimulate(cells, stimulus)
    network.record(cells, "u")
    u = simulate(network, duration_ms=20.0).traces["cells", "u"][1]
    is_driven = np.isin(np.arange(40), list(driven))
    assert ((u > 0) == is_driven[:, np.newaxis]).all()


@pytest.mark.parametrize(
    ("model", "stimulus", "message"),
    [
        (LifDelta(), Poisson(1e5, 3e38), "weight: must be a size of at most"),
        (LifDelta(), Poisson(1e300, 1.0), "from 0 to 10000"),
        (LifDelta(), Poisson(10.0, 1.0, start_ms=1e300), "start_ms: must be at most"),
        (LifDelta(), Poisson(10.0, 1.0, stop_ms=0.25), "stop_ms: must be a whole number of steps"),
        (
            LoihiCuba(),
            Poisson(200.0, 0.9),
            "weight: must be a whole number, got 0.9. The nearest is 1",
        ),
        (LoihiCuba(), Poisson(200.0, -1.5), "got -1.5. The nearest is -1."),
        (
            LoihiCuba(weight_bits=6),
            Poisson(200.0, 12.0),
            "must be a multiple of 8, got 12. The nea",
        ),
        (LoihiCuba(), Poisson(200.0, 2.0**24), "weight: must be a size of at most"),
        (LoihiCuba(), Current(0.5), "current: must be a whole number, got 0.5. The nearest is 1."),
        (LoihiCuba(), Current(1e9), "current: must be a size of at most"),
        (LoihiTree(), Poisson(200.0, 0.9), "weight: must be a whole number"),
        (LoihiTree(), Current(steps=[(0.0, 1.0), (1.0, 0.25)]), "current: must be a whole number"),
    ],
)
def test_what_a_model_cannot_take_is_one_line(model, stimulus, message):
    network = Network(dt_ms=0.1)
    cells = network.population("cells", 3, model)
    with pytest.raises(NetworkError) as raised:
        network.stimulate(cells, stimulus)
    assert message in str(raised.value)
    assert str(raised.value).startswith("stimulus of cells: ")
    assert "\n" not in str(raised.value)


def test_whole_numbers_get_what_poisson_gives():
    """u = 64 weight count where nothing stays from the step before; its mean to 5 deviations."""
    network = Network(dt_ms=1.0, seed=4)
    model = LoihiCuba(decay_u=4095, threshold_mantissa=131071)
    cells = network.population("cells", 500, model)
    network.stimulate(cells, Poisson(rate_hz=200.0, weight=9.0))
    network.record(cells, "u")
    u = simulate(network, duration_ms=200.0).traces["cells", "u"][1]
    deviation = 64 * 9 * math.sqrt(0.2 / u.size)
    assert u.mean() == pytest.approx(64 * 9 * 0.2, abs=5 * deviation)


def test_states_that_are_whole_start_whole():
    network = Network(dt_ms=1.0)
    cells = network.population("cells", 20_000, LoihiCuba(), initial={"bias": Uniform(-10.0, 11.0)})
    network.record(cells, "bias")
    bias = simulate(network, duration_ms=1.0).traces["cells", "bias"][1][0]
    assert bias.mean() == pytest.approx(0.5, abs=5 * 6.1 / math.sqrt(bias.size))
    assert set(np.unique(bias)) == set(range(-10, 12))
    assert (bias == -10).sum() == pytest.approx(bias.size / 42, rel=0.25)  # half as wide as others
    for value, message in ((0.5, "must be a whole number, got 0.5"), (1e10, "got 10000000000")):
        with pytest.raises(NetworkError) as raised:
            network.population(f"x{value:g}", 1, LoihiCuba(), initial={"bias": value})
        assert message in str(raised.value)
