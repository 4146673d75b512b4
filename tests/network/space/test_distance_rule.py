"""The rule ``Distance`` against a plain twin, and in distribution."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pair_twin import P_LIMIT, all_distances, connected, matrix, race, wanted
from scipy import stats

from distsnn.network import (
    Disc,
    Distance,
    Exponential,
    Gaussian,
    GivenPositions,
    Grid1D,
    Grid2D,
    Grid3D,
    RandomPositions,
    SampledProfile,
)
from distsnn.network.draw import draw_sources


def cosine(d):
    """A user's own profile."""
    return 0.5 + 0.5 * np.cos(3.0 * d)


def in_range(formula, reach):
    return lambda d: np.where(d <= reach, formula(d), 0.0)


TABLE = SampledProfile([0.1, 0.2, 0.5], [0.2, 0.9, 0.0])
# profile, max_range, formula
PROFILES = {
    "gaussian": (Gaussian(0.2, 0.8), None, lambda d: 0.8 * np.exp(-(d**2) / 0.08)),
    "exponential": (Exponential(0.1), 0.35, in_range(lambda d: np.exp(-d / 0.1), 0.35)),
    "disc": (Disc(0.3, 0.4), None, lambda d: 0.4 * (d <= 0.3)),
    "own": (cosine, None, cosine),
    "own, range": (cosine, 0.2, in_range(cosine, 0.2)),
    "table": (TABLE, None, lambda d: np.interp(d, [0.1, 0.2, 0.5], [0.2, 0.9, 0.0])),
}
SPACES = {
    "line": (RandomPositions((1.0,)), Grid1D(1.0)),
    "sheet": (RandomPositions(1.0), Grid2D(1.0)),
    "oblong": (RandomPositions((0.3, 4.0)), RandomPositions((0.3, 4.0))),
    "box": (RandomPositions(1.0, n_dims=3), Grid3D(1.0)),
    "one population": (RandomPositions(1.0), None),
}


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("name", PROFILES)
def test_every_pair_is_that_of_the_twin(name, space, wrap):
    profile, max_range, formula = PROFILES[name]
    rule = Distance(profile, wrap=wrap, max_range=max_range)
    projection = connected(rule, *SPACES[space], n=(60, 48))
    found = matrix(projection)
    expected, unclear = wanted(projection, wrap, formula)
    assert ((found == expected) | unclear).all()
    assert unclear.sum() < 5
    assert 0 < found.sum() < found.size


def test_cells_hide_nothing_in_a_larger_space():
    """Many cells, clusters, an empty half, and targets outside the box of the sources."""
    rng = np.random.default_rng(3)
    source = np.concatenate([rng.normal(0.0, 0.05, (800, 2)), rng.uniform(0.0, 4.0, (700, 2))])
    target = rng.uniform(-1.0, 5.0, (300, 2))
    rule = Distance(Disc(0.4))
    projection = connected(rule, source, target, n=(1500, 300))
    assert (matrix(projection) == (all_distances(projection, wrap=False) <= 0.4)).all()


@pytest.mark.parametrize("radius", [0.05, 0.2, 0.45, 0.6, 0.8])
@pytest.mark.parametrize("layout", [Grid2D(1.0), RandomPositions(1.0), Grid3D(1.0), Grid1D(1.0)])
def test_a_torus_of_any_reach(layout, radius):
    projection = connected(Distance(Disc(radius), wrap=True), layout, n=(1000, 0))
    near = all_distances(projection, wrap=True) <= radius * (1.0 + 1e-9)
    np.fill_diagonal(near, False)
    assert (matrix(projection) == near).all()


def test_a_pair_at_the_range_is_within_it():
    """0.3 is three steps of 0.1, whatever the rounding of positions."""
    projection = connected(Distance(Disc(9.0), wrap=True, max_range=0.3), Grid1D(1.0), n=(10, 0))
    assert (matrix(projection).sum(axis=1) == 6).all()
    projection = connected(Distance(Disc(0.3), wrap=True), Grid2D(1.0), n=(100, 0))
    assert (matrix(projection).sum(axis=1) == 28).all()


@pytest.mark.parametrize(("wrap", "name"), [(True, "gaussian"), (False, "exponential")])
def test_shares_at_each_distance_follow_the_profile(wrap, name):
    profile, max_range, formula = PROFILES[name]
    rule = Distance(profile, wrap=wrap, max_range=max_range)
    projection = connected(rule, Grid2D(1.0), n=(900, 0))
    distance = all_distances(projection, wrap)[~np.eye(900, dtype=bool)]
    found = matrix(projection)[~np.eye(900, dtype=bool)]
    edges = np.linspace(0.0, 0.35, 30)
    bins = np.digitize(distance, edges)
    probability = formula(distance)
    mean = np.bincount(bins, probability)
    variance = np.bincount(bins, probability * (1.0 - probability))
    used = variance > 10.0
    assert used.sum() >= 25
    square = (np.bincount(bins, found) - mean)[used] ** 2 / variance[used]
    assert stats.chi2.sf(square.sum(), used.sum()) > P_LIMIT
    assert stats.chi2.cdf(square.sum(), used.sum()) > P_LIMIT


def test_pairs_are_independent_and_seeds_differ():
    """Both directions of a pair, and the same pair under other seeds, are like coins of their own."""
    projection = connected(Distance(lambda d: 0.5 + 0.0 * d), Grid2D(1.0), n=(400, 0))
    upper = np.triu_indices(400, 1)
    pairs = matrix(projection)[upper], matrix(projection).T[upper], matrix(projection, 2)[upper]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        counts = np.bincount(2 * pairs[one] + pairs[other], minlength=4)
        assert stats.chisquare(counts).pvalue > P_LIMIT


def test_moving_a_torus_changes_nothing():
    points = np.random.default_rng(5).uniform(0.0, 1.0, (300, 2)) * (2.0, 1.0)
    extent = (2.0, 1.0)
    drawn = []
    for shift in ((0.0, 0.0), (0.3, 0.9), (1.7, 0.2)):
        moved = GivenPositions((points + shift) % extent, extent)
        rule = Distance(Gaussian(0.1), wrap=True)
        drawn.append(matrix(connected(rule, moved, n=(300, 0))))
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] == drawn[2]).all()


@pytest.mark.parametrize("in_degree", [None, 20])
@pytest.mark.parametrize("wrap", [False, True])
def test_any_cut_of_the_targets_gives_the_same(wrap, in_degree):
    rule = Distance(Gaussian(0.15, 0.5), wrap=wrap, in_degree=in_degree)
    projection = connected(rule, RandomPositions(1.0), Grid2D(1.0), n=(500, 400))
    counts, sources = draw_sources(projection, 0, 400, 7)
    for cuts in ((0, 1, 400), (0, 133, 200, 399, 400)):
        parts = [draw_sources(projection, start, stop, 7) for start, stop in pairwise(cuts)]
        assert (np.concatenate([part[0] for part in parts]) == counts).all()
        assert (np.concatenate([part[1] for part in parts]) == sources).all()


@pytest.mark.parametrize("space", SPACES)
def test_expected_number_and_bound(space):
    profile, _, formula = PROFILES["gaussian"]
    projection = connected(Distance(profile), *SPACES[space], n=(60, 48))
    probability = formula(all_distances(projection, wrap=False))
    if projection.source is projection.target:
        np.fill_diagonal(probability, 0.0)
    assert projection.expected_synapses() == pytest.approx(probability.sum(), rel=1e-6)
    assert matrix(projection).sum(axis=1).max() <= projection.most_in_degree()


def test_expectations_of_many_pairs_come_from_some_targets(monkeypatch):
    rule = Distance(Gaussian(0.1), wrap=True)
    exact = connected(rule, RandomPositions(1.0), n=(3000, 0)).expected_synapses()
    monkeypatch.setattr("distsnn.network.space.neighbours.MAX_PAIRS", 30_000)
    projection = connected(rule, RandomPositions(1.0), n=(3000, 0))
    assert projection.rule.neighbours(projection.ends).expected[0].size < 500
    assert projection.expected_synapses() == pytest.approx(exact, rel=0.05)


def test_autapses_where_they_are_allowed():
    always = {"profile": Disc(0.2), "wrap": True}
    without = matrix(connected(Distance(**always), Grid1D(1.0), n=(50, 0)))
    assert without.diagonal().sum() == 0
    own = matrix(connected(Distance(**always, autapses=True), Grid1D(1.0), n=(50, 0)))
    assert (own - without == np.eye(50)).all()
    other = matrix(connected(Distance(**always), Grid1D(1.0), Grid1D(1.0), n=(50, 50)))
    assert (other == own).all()


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("wrap", [False, True])
def test_in_degree_is_the_race_of_the_twin(space, wrap):
    rule = Distance(Exponential(0.2, 7.0), wrap=wrap, in_degree=9)
    projection = connected(rule, *SPACES[space], n=(60, 48))
    expected = race(projection, wrap, 9, lambda d: np.exp(-d / 0.2))
    assert (matrix(projection) == expected).all()
    assert projection.expected_synapses() == 9 * projection.target.size
    assert projection.most_in_degree() == 9


def test_one_source_each_is_chosen_in_proportion_to_the_profile():
    source = np.array([0.0, 0.1, 0.2, 0.4, 0.8])
    rule = Distance(Exponential(0.3), in_degree=1)
    projection = connected(rule, source, np.zeros(8000), n=(5, 8000))
    share = np.exp(-source / 0.3)
    found = matrix(projection).sum(axis=0)
    assert stats.chisquare(found, 8000 * share / share.sum()).pvalue > P_LIMIT
