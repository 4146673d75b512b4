"""Normal numbers, sines, exponentials and binomial tables against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from device_kernels import write_binomial, write_double_functions, write_normal
from scipy import stats


def words(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**32, n, dtype=np.uint32)


def test_exponentials_and_sines():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-40.0, 3.0, 50_000), np.arange(-8, 9) / 8.0, [0.0]])
    exponentials, sines, cosines = (np.empty_like(x) for _ in range(3))
    write_double_functions(x, exponentials, sines, cosines)
    assert np.abs(exponentials / np.exp(x) - 1.0).max() < 4e-16
    turns = x - np.floor(x)
    assert np.abs(sines - np.sin(2 * np.pi * turns)).max() < 2e-10
    assert np.abs(cosines - np.cos(2 * np.pi * turns)).max() < 2e-10
    ends = np.array([-1e9, 1e9])
    out = [np.empty(2) for _ in range(3)]
    write_double_functions(ends, *out)
    assert out[0] == pytest.approx(np.exp([-700.0, 700.0]), rel=1e-12)


def test_logarithms_of_words():
    x = np.concatenate([words(50_000, 2), np.arange(40), 2**32 - 1 - np.arange(40),
                        2**31 + np.arange(-5, 5)]).astype(np.uint32)  # fmt: skip
    out = [np.empty(x.size, np.float32), np.empty(x.size), np.empty(x.size)]
    write_normal(x, x, *out)
    # The distance from 1 counts where the word is near 2^32.
    rest = (2.0**32 - x.astype(np.float64) - 0.5) / 2.0**32
    exact = np.where(rest < 0.5, -np.log1p(-rest), -np.log((x + 0.5) / 2.0**32))
    assert np.abs(out[0] / exact - 1.0).max() < 4e-7


def test_normal_numbers_are_those_of_box_and_muller():
    x, y = words(100_000, 3), words(100_000, 4)
    first, second = np.empty(x.size), np.empty(x.size)
    write_normal(x, y, np.empty(x.size, np.float32), first, second)
    r = np.sqrt(-2.0 * np.log((x + 0.5) / 2.0**32))
    turns = 2.0 * np.pi * (y / 2.0**32)
    assert np.abs(first - r * np.cos(turns)).max() < 2e-6
    assert np.abs(second - r * np.sin(turns)).max() < 2e-6
    for z in (first, second):
        assert stats.kstest(z, "norm").pvalue > 1e-4
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(x.size)
    assert abs(np.corrcoef(first**2, second**2)[0, 1]) < 5 / np.sqrt(x.size)


@pytest.mark.parametrize("n", [1, 2, 7, 60, 900, 11_000])
@pytest.mark.parametrize("p", [1e-4, 0.03, 0.5, 0.97, 1.0])
def test_binomial_tables(n, p):
    out = np.empty(n + 2, dtype=np.uint32)
    found = out[: write_binomial(n, np.array([p]), out)].astype(np.float64)
    exact = stats.binom.cdf(np.arange(found.size), n, p)
    assert np.abs(found / 2.0**32 - exact).max(initial=0.0) < 2.0**-31
    assert stats.binom.sf(found.size, n, p) < 2.0**-31
    assert (np.diff(found) >= 0).all()
    assert found.size <= n
