"""Binomial and hypergeometric numbers against scipy's distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sampling import P_LIMIT, chi_square_of
from scipy import stats

from distsnn.kernels.draw.counts import deviance, log_binomial, log_hypergeometric, stirling_error
from distsnn.kernels.draw.total import STACK_ROWS, count_trials, share_total

N_DRAWS = 200_000
N_SPLITS = 20_000


@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.3), (10, 0.3), (3, 0.999), (1000, 0.0119), (1000, 0.0121), (50, 0.5), (1000, 0.1),
        (1000, 0.9), (10_000, 0.37), (30, 0.41), (1_000_000, 0.5), (2**31 - 1, 1e-8),
    ],
)  # fmt: skip
def test_binomial(n, p):
    counts = np.empty(N_DRAWS, dtype=np.int32)
    count_trials(11, 12, 0, n, np.array([p]), counts)
    assert chi_square_of(counts, stats.binom(n, p)) > P_LIMIT


@pytest.mark.parametrize(("n", "p", "expected"), [(0, 0.5, 0), (7, 0.0, 0), (7, 1.0, 7)])
def test_binomial_without_chance(n, p, expected):
    counts = np.empty(100, dtype=np.int32)
    count_trials(1, 2, 0, n, np.array([p]), counts)
    assert (counts == expected).all()


def split_many(total: int, places: int, n_lower: int, n_upper: int) -> np.ndarray:
    """Return the shares of the lower targets of the first split, for many keys."""
    n_targets = n_lower + n_upper
    stack = np.empty((STACK_ROWS, 4), dtype=np.int64)
    counts = np.empty(n_lower, dtype=np.int32)
    run = share_total.bind(stack, counts)
    lower = np.empty(N_SPLITS, dtype=np.int64)
    for key in range(N_SPLITS):
        run(key, 77, total, places, n_targets, 0)
        lower[key] = counts.sum()
    return lower


@pytest.mark.parametrize(
    ("total", "places", "n_lower", "n_upper"),
    [
        (5, 4, 1, 2), (9, 4, 1, 2), (100, 100, 1, 2), (290, 100, 1, 2), (150, 100, 1, 2),
        (40_000, 20_000, 1, 2), (30, 20_000, 1, 2), (200, 300, 1, 1), (400, 300, 1, 1),
    ],
)  # fmt: skip
def test_hypergeometric(total, places, n_lower, n_upper):
    lower = split_many(total, places, n_lower, n_upper)
    everywhere = places * (n_lower + n_upper)
    assert chi_square_of(lower, stats.hypergeom(everywhere, places * n_lower, total)) > P_LIMIT


def test_log_probabilities_equal_scipy():
    for n in (1, 5, 15, 16, 17, 300, 10**6):
        for p in (1e-4, 0.3, 0.5):
            middle, spread = n * p, 5 * np.sqrt(n * p * (1 - p)) + 2
            for k in np.unique(np.clip(np.linspace(middle - spread, middle + spread, 9), 0, n)):
                k = float(round(k))
                expected = stats.binom.logpmf(k, n, p)
                assert log_binomial(k, float(n), p) == pytest.approx(expected, abs=1e-8, rel=1e-8)
    for good, bad, n in ((5, 9, 4), (40, 60, 30), (1000, 5000, 800)):
        for k in range(max(0, n - bad), min(n, good) + 1, 1 + n // 10):
            expected = stats.hypergeom.logpmf(k, good + bad, good, n)
            got = log_hypergeometric(float(k), float(good), float(bad), float(n))
            assert got == pytest.approx(expected, abs=1e-8, rel=1e-8)


def test_parts_of_the_probabilities():
    for n in range(1, 40):
        stirling = 0.5 * math.log(2 * math.pi * n) + n * math.log(n) - n
        exact = math.log(math.factorial(n)) - stirling
        assert stirling_error(float(n)) == pytest.approx(exact, abs=1e-13)
    for x, mean in ((5.0, 5.0), (1e9, 1e9 + 1.0), (3.0, 300.0), (300.0, 3.0)):
        difference = x - mean
        if abs(difference) < 1e-3 * mean:
            assert deviance(x, mean) == pytest.approx(difference**2 / (2 * mean), rel=1e-3)
        else:
            assert deviance(x, mean) == pytest.approx(x * np.log(x / mean) + mean - x)
