"""sin, cos, tanh, log and normal numbers in float32 against float64, over their whole ranges."""

from __future__ import annotations

import numpy as np
import pytest
from exponential_kernels import cos_all, log_all, normal_all, sin_all, tanh_all
from scipy.special import ndtri

from distsnn.kernels.numbers.elementary import cos_f4, sin_f4
from distsnn.kernels.numbers.normal import further_word, normal_f4


def results(kernel, x: np.ndarray) -> np.ndarray:
    y = np.empty(x.size, dtype=np.float32)
    kernel(x, y)
    return y.astype(np.float64)


@pytest.mark.parametrize(
    ("kernel", "reference"), [(sin_all, np.sin), (cos_all, np.cos)], ids=["sin", "cos"]
)
def test_angles(kernel, reference):
    x = np.concatenate([np.linspace(-1e4, 1e4, 400_001), np.linspace(-7, 7, 100_001)])
    x = x.astype(np.float32)
    assert np.abs(results(kernel, x) - reference(x.astype(np.float64))).max() < 1.2e-7


def test_tanh():
    sizes = 10.0 ** np.linspace(-20, 3, 100_001)
    x = np.concatenate([sizes, -sizes]).astype(np.float32)
    expected = np.tanh(x.astype(np.float64))
    assert np.abs(results(tanh_all, x) / expected - 1.0).max() < 3e-7
    assert results(tanh_all, np.zeros(1, np.float32))[0] == 0.0


def test_log():
    x = np.concatenate([10.0 ** np.linspace(-37, 38, 200_001), np.linspace(0.5, 2.0, 100_001)])
    x = x.astype(np.float32)
    x = x[x != 1.0]
    assert np.abs(results(log_all, x) / np.log(x.astype(np.float64)) - 1.0).max() < 9e-8
    ends = results(log_all, np.array([1.0, 0.0, -3.0], dtype=np.float32))
    assert ends[0] == 0.0
    assert -88.0 < ends[1] == ends[2] < -87.0


def test_normal_numbers_are_the_quantiles_of_their_words():
    rng = np.random.default_rng(5)
    tails = np.arange(2000)
    words = np.concatenate(
        [rng.integers(0, 2**32, 500_000), tails, 2**32 - 1 - tails, 2**31 + tails - 1000]
    )
    expected = ndtri((words + 0.5) / 2.0**32)
    got = results(normal_all, words.astype(np.uint32))
    assert np.abs(got / expected - 1.0).max() < 1e-6
    opposite = results(normal_all, (2**32 - 1 - words).astype(np.uint32))
    assert np.array_equal(got, -opposite)


def test_normal_numbers_have_their_moments():
    z = results(normal_all, np.random.default_rng(6).integers(0, 2**32, 4_000_000, dtype=np.uint32))
    assert abs(z.mean()) < 0.0025
    assert abs(z.var() - 1.0) < 0.004
    assert abs((z**4).mean() - 3.0) < 0.03


def test_uncompiled_gives_the_same_bits():
    x = np.linspace(-20, 20, 201, dtype=np.float32)
    assert np.array_equal(results(sin_all, x), [sin_f4(value) for value in x])
    assert np.array_equal(results(cos_all, x), [cos_f4(value) for value in x])
    words = np.arange(0, 2**32, 2**25, dtype=np.uint32)
    assert np.array_equal(results(normal_all, words), [normal_f4(word) for word in words])


def test_further_words_are_those_of_plain_integers():
    for word, k in ((0, 1), (1, 1), (2**32 - 1, 3), (123456789, 2)):
        x = word ^ (k * 0x9E3779B9 & 0xFFFFFFFF)
        x = (x ^ x >> 16) * 0x85EBCA6B & 0xFFFFFFFF
        x = (x ^ x >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
        assert int(further_word(np.uint32(word), k)) == x ^ x >> 16
