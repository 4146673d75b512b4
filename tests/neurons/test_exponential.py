"""exp, exp - 1 and log(1 + x) in float32 against float64, over their whole ranges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from exponential_kernels import exp_all, expm1_all, log1p_all, mean_exp_all

from distsnn.kernels.numbers.exponential import exp_f4, log1p_f4


def spread(low: float, high: float) -> np.ndarray:
    """Values of both signs whose sizes are spread evenly over powers of ten, and over a line."""
    rng = np.random.default_rng(7)
    sizes = 10.0 ** rng.uniform(-30, math.log10(max(abs(low), high)), 200_000)
    values = np.concatenate([sizes, -sizes, rng.uniform(low, high, 200_000), [low, high]])
    return values[(values >= low) & (values <= high)].astype(np.float32)


def relative_error(kernel, reference, x: np.ndarray) -> float:
    y = np.empty_like(x)
    kernel(x, y)
    expected = reference(x.astype(np.float64))
    return float(np.max(np.abs(y - expected) / np.abs(expected)))


@pytest.mark.parametrize(
    ("kernel", "reference", "x", "bound"),
    [
        (exp_all, np.exp, spread(-87.0, 88.0), 9e-8),
        (expm1_all, np.expm1, spread(-87.0, 88.0), 1.2e-7),
        (mean_exp_all, lambda x: np.expm1(x) / x, spread(-87.0, 88.0), 1.6e-7),
        (log1p_all, np.log1p, spread(-0.99999994, 1e30), 9e-8),
    ],
    ids=["exp", "expm1", "mean_exp", "log1p"],
)
def test_relative_error_is_as_stated(kernel, reference, x, bound):
    assert relative_error(kernel, reference, x[x != 0]) < bound


def test_ends_of_the_range():
    x = np.array([-1e30, -88.0, -0.0, 0.0, 1e30], dtype=np.float32)
    y = np.empty_like(x)
    exp_all(x, y)
    assert y[2] == y[3] == 1.0
    assert 0 < y[0] == y[1] < 2e-38
    assert 1e38 < y[4] < np.inf
    mean_exp_all(x[2:4].copy(), y[:2])
    assert y[0] == y[1] == 1.0
    log1p_all(x[2:4].copy(), y[:2])
    assert y[0] == y[1] == 0.0


def test_uncompiled_gives_the_same_bits():
    x = np.linspace(-80, 80, 401, dtype=np.float32)
    compiled = np.empty_like(x)
    exp_all(x, compiled)
    assert np.array_equal(compiled, [exp_f4(value) for value in x])
    log1p_all(np.abs(x), compiled)
    assert np.array_equal(compiled, [log1p_f4(value) for value in np.abs(x)])
