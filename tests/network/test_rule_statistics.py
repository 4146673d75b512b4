"""The distribution of what each rule draws, by chi-square."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from math import comb, factorial

import numpy as np
import pytest
from sampling import P_LIMIT, chi_square, chi_square_of, drawn, matrix, projection_of
from scipy import stats

from distsnn.network import (
    FixedInDegree,
    FixedOutDegree,
    FixedProbability,
    FixedTotalNumber,
    PatchInDegree,
)
from distsnn.network.draw import draw_sources


def set_counts(rows: np.ndarray, n: int, k: int) -> np.ndarray:
    """Count how often each k-subset of range(n) occurs among the rows of a 0/1 matrix."""
    seen = Counter(tuple(np.flatnonzero(row)) for row in rows)
    assert all(len(subset) == k for subset in seen)
    return np.array([seen[subset] for subset in combinations(range(n), k)])


@pytest.mark.parametrize("rule", [FixedInDegree(100), FixedTotalNumber(300_000)])
def test_repeating_sources_are_uniform(rule):
    sources, targets = drawn(projection_of(rule, 777, 3000))
    counts = np.bincount(sources, minlength=777)
    assert chi_square(counts, np.full(777, sources.size / 777)) > P_LIMIT
    pairs = (sources[1:] * 8 // 777) * 8 + sources[:-1] * 8 // 777
    shares = np.bincount(np.arange(777) * 8 // 777) / 777
    expected = np.outer(shares, shares).ravel() * pairs.size
    assert chi_square(np.bincount(pairs, minlength=64), expected) > P_LIMIT
    blocks = (targets // 300) * 7 + sources // 111
    assert chi_square(np.bincount(blocks, minlength=70), np.full(70, sources.size / 70)) > P_LIMIT


def test_sources_without_self_are_uniform_over_the_others():
    pairs = matrix(projection_of(FixedInDegree(4000, autapses=False), 30))
    others = pairs[~np.eye(30, dtype=bool)]
    assert chi_square(others, np.full(others.size, 4000 / 29)) > P_LIMIT


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_all_sets_of_distinct_sources_are_equally_likely(k):
    rows = matrix(projection_of(FixedInDegree(k, multapses=False), 6, 20_000))
    observed = set_counts(rows, 6, k)
    assert chi_square(observed, np.full(comb(6, k), 20_000 / comb(6, k))) > P_LIMIT


@pytest.mark.parametrize("k", [150, 450])
def test_many_distinct_sources_are_uniform(k):
    pairs = matrix(projection_of(FixedInDegree(k, multapses=False), 600, 1000))
    counts = pairs.sum(axis=0)
    deviations = (counts - 1000 * k / 600) / np.sqrt(1000 * k / 600 * (1 - k / 600))
    # Distinct sources of one target exclude each other: variance (1 - 1/600) smaller in all.
    assert stats.chi2.sf((deviations**2).sum() * 599 / 600, 599) > P_LIMIT
    shared = (pairs[1:] * pairs[:-1]).sum(axis=1)
    assert chi_square_of(shared[::2], stats.hypergeom(600, k, k)) > P_LIMIT


@pytest.mark.parametrize("p", [0.02, 0.3, 0.8])
def test_fixed_probability(p):
    pairs = matrix(projection_of(FixedProbability(p), 500, 3000))
    assert chi_square_of(pairs.sum(axis=1), stats.binom(500, p)) > P_LIMIT
    assert chi_square_of(pairs.sum(axis=0), stats.binom(3000, p)) > P_LIMIT


def test_fixed_probability_is_a_coin_for_every_pair():
    rows = matrix(projection_of(FixedProbability(0.4), 4, 20_000))
    numbers = rows @ [8, 4, 2, 1]
    expected = [
        20_000 * 0.4 ** sum(coins) * 0.6 ** (4 - sum(coins)) for coins in product((0, 1), repeat=4)
    ]
    assert chi_square(np.bincount(numbers, minlength=16), np.array(expected)) > P_LIMIT


def test_fixed_total_number_is_multinomial():
    rule = FixedTotalNumber(4)
    projection = projection_of(rule, 2, 3)
    n_draws = 6000
    seen = Counter(tuple(matrix(projection, seed).ravel()) for seed in range(n_draws))
    cells = [c for c in product(range(5), repeat=6) if sum(c) == 4]
    expected = [n_draws * factorial(4) / np.prod([factorial(k) for k in c]) / 6**4 for c in cells]
    assert chi_square([seen[c] for c in cells], np.array(expected)) > P_LIMIT


@pytest.mark.parametrize("multapses", [True, False])
def test_fixed_total_number_per_target(multapses):
    rule = FixedTotalNumber(60_000, multapses=multapses)
    counts, _ = draw_sources(projection_of(rule, 100, 2000), 0, 2000, 1)
    expected = stats.binom(60_000, 1 / 2000) if multapses else stats.hypergeom(200_000, 100, 60_000)
    assert counts.sum() == 60_000
    assert chi_square_of(counts, expected) > P_LIMIT


def test_fixed_total_number_of_distinct_pairs():
    rule = FixedTotalNumber(3, multapses=False, autapses=False)
    projection = projection_of(rule, 3)
    rows = np.array([matrix(projection, seed)[~np.eye(3, dtype=bool)] for seed in range(6000)])
    assert chi_square(set_counts(rows, 6, 3), np.full(20, 6000 / 20)) > P_LIMIT


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("k", [5, 40, 200])
def test_out_degree_is_exact_and_targets_uniform(k, multapses):
    projection = projection_of(FixedOutDegree(k, multapses=multapses), 800, 333)
    pairs = matrix(projection)
    assert (pairs.sum(axis=0) == k).all()
    p = 1 / 333 if multapses else k / 333
    n = 800 * k if multapses else 800
    assert chi_square_of(pairs.sum(axis=1), stats.binom(n, p)) > P_LIMIT
    halves = pairs[:100].sum(axis=0)
    expected = stats.binom(k, 100 / 333) if multapses else stats.hypergeom(333, 100, k)
    assert chi_square_of(halves, expected) > P_LIMIT


@pytest.mark.parametrize("multapses", [True, False])
def test_out_degree_without_self(multapses):
    rule = FixedOutDegree(60, multapses=multapses, autapses=False)
    total = sum(matrix(projection_of(rule, 100), seed) for seed in range(60))
    others = total[~np.eye(100, dtype=bool)]
    assert not np.diag(total).any()
    expected = stats.binom(60 * 60, 1 / 99) if multapses else stats.binom(60, 60 / 99)
    assert chi_square_of(others, expected) > P_LIMIT


@pytest.mark.parametrize("k", [2, 4])
def test_out_degree_sets_are_equally_likely(k):
    projection = projection_of(FixedOutDegree(k, multapses=False), 20_000, 6)
    observed = set_counts(matrix(projection).T, 6, k)
    assert chi_square(observed, np.full(15, 20_000 / 15)) > P_LIMIT


def test_patches():
    listed = [(0, 2), (1,), (), (2, 2, 0)]
    rule = PatchInDegree(50, listed)
    projection = projection_of(rule, 30, 400, patches=(3, 4))
    pairs = matrix(projection).reshape(4, 100, 3, 10)
    for patch, sources in enumerate(listed):
        for source in range(3):
            part = pairs[patch, :, source]
            assert (part.sum(axis=1) == 50 * sources.count(source)).all()
            if source in sources:
                expected = np.full(10, part.sum() / 10)
                assert chi_square(part.sum(axis=0), expected) > P_LIMIT


def test_patches_without_self():
    rule = PatchInDegree(1000, [(0, 1), (0, 1)], autapses=False)
    pairs = matrix(projection_of(rule, 20, patches=(2, 2)))
    own = pairs[:10, :10]
    assert not np.diag(pairs).any()
    assert chi_square(own[~np.eye(10, dtype=bool)], np.full(90, 1000 / 9)) > P_LIMIT
    assert chi_square(pairs[:10, 10:], np.full(100, 1000 / 10)) > P_LIMIT
