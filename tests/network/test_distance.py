"""Synapses by distance, and gamma weights, against their own formulas."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from distsnn.errors import NetworkError
from distsnn.network import DistanceDependent, Gamma
from distsnn.network.distributions.gamma import lower_gamma
from distsnn.network.rules.ends import Ends, Streams

SHAPE = (12, 10, 8)
POINTS = np.stack(np.unravel_index(np.arange(960), SHAPE), axis=1)
SAME = Ends("a -> a", 960, 960, True)


def drawn(rule, ends=SAME, seed=1, start=0, stop=None, projection=0):
    stop = ends.n_target if stop is None else stop
    counts = rule.counts(ends, Streams(seed, projection), start, stop)
    out = np.empty(int(counts.sum()), dtype=np.uint32)
    rule.fill(ends, Streams(seed, projection), start, counts, out)
    return counts, out


def test_shares_of_pairs_at_each_distance_follow_the_formula():
    rule = DistanceDependent(0.4, 2.0, POINTS, POINTS)
    pairs = np.zeros((960, 960))
    n_seeds = 8
    for seed in range(n_seeds):
        counts, sources = drawn(rule, seed=seed)
        np.add.at(pairs, (np.repeat(np.arange(960), counts), sources), 1)
    square = ((POINTS[:, None] - POINTS[None]) ** 2).sum(axis=2)
    assert pairs.diagonal().sum() == 0
    for d2 in (1, 2, 3, 4, 5, 8, 12, 16):
        chosen = square == d2
        n = n_seeds * int(chosen.sum())
        p = 0.4 * math.exp(-d2 / 4.0)
        assert abs(pairs[chosen].sum() - n * p) < 5 * math.sqrt(n * p * (1 - p)), d2


def test_no_source_twice_and_any_split_gives_the_same():
    rule = DistanceDependent(0.3, 2.0, POINTS, POINTS)
    counts, sources = drawn(rule)
    ends = np.cumsum(counts)
    for target in range(0, 960, 37):
        own = sources[ends[target] - counts[target] : ends[target]]
        assert np.unique(own).size == own.size
    parts = [drawn(rule, start=a, stop=b) for a, b in ((0, 1), (1, 500), (500, 960))]
    assert (np.concatenate([c for c, _ in parts]) == counts).all()
    assert (np.concatenate([s for _, s in parts]) == sources).all()


# (shape of the grid, c, length, onto itself): synapses and digest of all draws, from the time when
# every offset of a ball was tried
DRAWN = {
    ((15, 3, 3), 0.3, 2.0, True): (671, "183b6aef7c6b"),
    ((12, 10, 8), 0.4, 2.0, False): (11864, "d4d0ff57ae64"),
    ((50, 50, 1), 0.3, 2.0, True): (8329, "e564f74bc1ce"),
    ((400, 1, 1), 0.9, 3.0, True): (1575, "a61e28787357"),
    ((40, 40, 1), 0.2, 5.0, False): (21768, "6cbec8685470"),
}


@pytest.mark.parametrize("arguments", list(DRAWN))
def test_leaving_out_what_does_not_vary_changes_no_draw(arguments):
    shape, c, length, is_same = arguments
    n = math.prod(shape)
    points = np.stack(np.unravel_index(np.arange(n), shape), axis=1)
    rule = DistanceDependent(c, length, points, points)
    counts, sources = drawn(rule, Ends("a -> a", n, n, is_same), seed=3, projection=1)
    digest = hashlib.blake2b(counts.tobytes() + sources.tobytes(), digest_size=6).hexdigest()
    assert (sources.size, digest) == DRAWN[arguments]


def test_only_what_varies_is_tried():
    plane = np.stack(np.unravel_index(np.arange(10_000), (100, 100, 1)), axis=1)
    few = DistanceDependent(0.3, 8.0, plane, plane).most_synapses(Ends("", 10_000, 10_000, True))
    assert few < 10_000 * math.pi * 32**2  # a disc of reach 31.4, no ball
    wide = DistanceDependent(0.3, 14.0, plane, plane)  # two thirds of the plane within reach
    counts, _ = drawn(wide, Ends("", 10_000, 10_000, True), stop=200)
    square = ((plane[:200, None] - plane[None]) ** 2).sum(axis=2)
    chance = np.where(square > 0, 0.3 * np.exp(-square / 14.0**2), 0.0)
    deviation = math.sqrt((chance * (1 - chance)).sum())
    assert abs(counts.sum() - chance.sum()) < 5 * deviation


def test_expected_number_and_bound():
    rule = DistanceDependent(0.3, 1.5, POINTS, POINTS)
    square = ((POINTS[:, None] - POINTS[None]) ** 2).sum(axis=2)
    chance = 0.3 * np.exp(-square / 2.25)
    np.fill_diagonal(chance, 0.0)
    assert rule.expected_synapses(SAME) == pytest.approx(chance.sum(), rel=1e-5)
    assert drawn(rule)[0].max() <= rule.most_in_degree(SAME)


def test_two_populations_on_the_same_points_may_meet_at_distance_0():
    rule = DistanceDependent(1.0, 0.5, POINTS, POINTS)
    ends = Ends("a -> b", 960, 960, False)
    counts, sources = drawn(rule, ends)
    targets = np.repeat(np.arange(960), counts)
    assert (sources == targets).sum() == 960


@pytest.mark.parametrize(
    "make",
    [
        lambda: DistanceDependent(1.5, 2.0, POINTS, POINTS),
        lambda: DistanceDependent(0.3, 0.0, POINTS, POINTS),
        lambda: DistanceDependent(0.3, 500.0, [[0, 0, 0], [999, 999, 999]], [[0, 0, 0]]),
        lambda: DistanceDependent(0.3, 2.0, POINTS[:, :2], POINTS),
        lambda: DistanceDependent(0.3, 2.0, POINTS * 0.5, POINTS),
        lambda: DistanceDependent(0.3, 2.0, POINTS[:5], POINTS).check(SAME),
        lambda: drawn(DistanceDependent(0.3, 2.0, POINTS * 0, POINTS)),
        lambda: Gamma(0.0, 1.0),
        lambda: Gamma(1.0, 0.0),
        lambda: Gamma(1.0, 100.0),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(NetworkError):
        make()


@pytest.mark.parametrize("shape", [0.3, 1.0, 4.0, 250.0])
def test_gamma_function_against_scipy(shape):
    stats = pytest.importorskip("scipy.stats")
    x = np.linspace(0.0, shape * 5 + 20, 400)
    assert np.abs(lower_gamma(shape, x) - stats.gamma.cdf(x, shape)).max() < 1e-12


def test_gamma_with_sd_equal_to_its_mean_is_exponential_and_mirrors():
    x = np.linspace(0.1, 60.0, 50)
    plus, minus = Gamma(15.0, 15.0), Gamma(-15.0, 15.0)
    assert plus.cdf(x) == pytest.approx(1.0 - np.exp(-x / 15.0), abs=1e-12)
    assert minus.cdf(-x) == pytest.approx(np.exp(-x / 15.0), abs=1e-12)
    assert plus.bounds()[1] == pytest.approx(15.0 * 32 * math.log(2.0), rel=1e-3)
    u = np.array([0.1, 0.5, 0.9])
    assert plus.quantiles(u) == pytest.approx(-15.0 * np.log(1.0 - u), rel=1e-9)
    assert minus.bounds() == (-plus.bounds()[1], 0.0)
