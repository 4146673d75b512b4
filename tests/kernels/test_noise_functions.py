"""Sines, exponentials and binomial tables against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from device_kernels import write_binomial, write_double_functions
from scipy import stats


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
