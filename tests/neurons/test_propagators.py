"""exp(A h) - 1 against scipy, and digit for digit where it is tiny."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from distsnn.neurons.propagators import matrix_expm1


@pytest.mark.parametrize("seed", range(10))
def test_against_scipy(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(5, 5)) * 10.0 ** rng.uniform(-3, 1)
    expected = expm(matrix) - np.eye(5)
    assert np.allclose(matrix_expm1(matrix, 1.0), expected, rtol=1e-12, atol=1e-13)


def test_small_steps_keep_their_digits():
    matrix = np.array([[-0.1, 0.004], [0.0, -0.2]])
    found = matrix_expm1(matrix, 1e-9)
    assert np.allclose(np.diag(found), np.expm1([-1e-10, -2e-10]), rtol=1e-14)
    assert found[0, 1] == pytest.approx(4e-12, rel=1e-9)


def test_large_steps_and_zero():
    assert np.allclose(matrix_expm1(np.array([[-2.0]]), 300.0), -1.0)
    assert not matrix_expm1(np.zeros((3, 3)), 1.0).any()
