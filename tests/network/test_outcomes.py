"""Weights and delays as integers: exact probabilities, exact tables, and the draws."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from sampling import P_LIMIT, chi_square, projection_of
from scipy import stats

from distsnn.network import FixedInDegree, LogNormal, Normal, Uniform
from distsnn.network.draw import draw_delays, draw_quanta
from distsnn.network.weights.outcomes import nearest, outcomes

CASES = [
    (Normal(87.8, 8.78), 144.87 / 32767, None),
    (Normal(1.5, 0.75, low=0.1), 0.1, 1),
    (Normal(1.5, 0.75, low=0.1, high=2.0, outside="clip"), 0.1, 1),
    (Normal(0.2, 0.1, low=0.0), 0.1, 1),
    (Uniform(-3.0, 4.0), 4.0 / 32767, None),
    (LogNormal(5.0, 3.0), 0.01, None),
    (Uniform(1.0, 1.3), 1.0, 1),
]


def words_in_table(table: np.ndarray, bits: int) -> np.ndarray:
    """Count the words of every outcome from the alias table alone."""
    column = np.arange(table.size)
    per_column = 2 ** (32 - bits)
    threshold, other = table.astype(np.int64) >> bits, table.astype(np.int64) & (table.size - 1)
    words = np.bincount(column, threshold, table.size)
    words += np.bincount(other, per_column - threshold, table.size)
    return words.astype(np.int64)


@pytest.mark.parametrize(("distribution", "unit", "least"), CASES)
def test_table_holds_exactly_the_words_of_each_outcome(distribution, unit, least):
    found = outcomes(distribution, unit, least)
    assert found.words.sum() == 2**32
    assert found.words.min() >= 0
    in_table = words_in_table(found.table, found.bits)
    assert (in_table[: found.words.size] == found.words).all()
    assert not in_table[found.words.size :].any()


def test_probabilities_are_right_to_a_word():
    found = outcomes(Normal(87.8, 8.78), 0.01, None)
    n = found.first + np.arange(found.words.size)
    reference = stats.norm(87.8, 8.78)
    exact = reference.cdf((n + 0.5) * 0.01) - reference.cdf((n - 0.5) * 0.01)
    assert np.abs(found.words - exact * 2**32).max() < 1.6


def test_clip_puts_its_mass_at_the_bounds():
    found = outcomes(Normal(1.5, 0.75, low=0.1, high=2.0, outside="clip"), 0.1, 1)
    reference = stats.norm(1.5, 0.75)
    assert found.words[0] / 2**32 == pytest.approx(reference.cdf(0.15), abs=1e-9)
    assert found.words[-1] / 2**32 == pytest.approx(reference.sf(1.95), abs=1e-9)


def test_short_delays_become_one_step():
    found = outcomes(Normal(0.2, 0.1, low=0.0), 0.1, 1)
    assert found.first == 1
    share = Normal(0.2, 0.1, low=0.0).cdf(np.array([0.15]))[0]
    assert found.words[0] / 2**32 == pytest.approx(share, abs=1e-9)


def test_halves_go_up():
    assert nearest(np.array([-1.5, -0.5, 0.5, 2.5])).tolist() == [-1, 0, 1, 3]


@pytest.mark.parametrize(("distribution", "unit"), [case[:2] for case in CASES[:-1]])
def test_drawn_weights_follow_the_words(distribution, unit):
    projection = projection_of(FixedInDegree(1000), 10, 300, weight=distribution)
    counts = np.full(300, 1000, dtype=np.int32)
    found = outcomes(distribution, unit, None, keeps_zero=False)
    drawn = draw_quanta(projection, 0, counts, 1, unit).astype(np.int64) - found.first
    assert drawn.min() >= 0
    observed = np.bincount(drawn, minlength=found.words.size)
    assert chi_square(observed, found.words / 2**32 * drawn.size) > P_LIMIT


def test_drawn_delays_follow_the_words():
    delay = Normal(1.5, 0.75, low=0.1)
    projection = projection_of(FixedInDegree(1000), 10, 300, delay_ms=delay)
    found = outcomes(delay, 0.1, 1)
    delays = draw_delays(projection, 0, np.full(300, 1000, dtype=np.int32), 1).astype(np.int64)
    low, high = projection.delay_steps
    assert low == 1
    assert low <= delays.min()
    assert delays.max() <= high
    observed = np.bincount(delays - found.first, minlength=found.words.size)
    assert chi_square(observed, found.words / 2**32 * delays.size) > P_LIMIT


def test_weights_delays_and_sources_are_independent():
    projection = projection_of(
        FixedInDegree(100), 200, 2000, weight=Uniform(0.0, 1.0), delay_ms=Uniform(0.1, 1.6)
    )
    counts = np.full(2000, 100, dtype=np.int32)
    weights = draw_quanta(projection, 0, counts, 1, 1 / 32767) // 2048
    delays = draw_delays(projection, 0, counts, 1) - 1
    for a, b in ((weights[1:], weights[:-1]), (weights, delays), (delays[100:], delays[:-100])):
        pairs = a.astype(np.int64) * 16 + b
        shares = [np.bincount(x, minlength=16)[:16] / x.size for x in (a, b)]
        expected = np.outer(*shares).ravel() * a.size
        assert chi_square(np.bincount(pairs, minlength=256)[:256], expected) > P_LIMIT


def test_a_table_of_thirty_thousand_outcomes_is_quick():
    outcomes(Normal(1.0, 0.1), 0.01, None)
    began = perf_counter()
    found = outcomes(Normal(0.0, 1.0), 6.5 / 16000, None)
    took = perf_counter() - began
    assert found.words.size > 30_000
    assert took < 0.2, "some milliseconds are expected; every rank makes several"
    assert outcomes(Normal(0.0, 1.0), 6.5 / 16000, None) is found
