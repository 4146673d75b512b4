"""Convolutions are found in matrices, and what is none is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from distsnn.network import Convolution, SumPooling
from distsnn.nir.kernels import convolution_in


def matrix_of(rule: Convolution) -> csr_array:
    edges = rule.edges()
    return csr_array((edges.weights, (edges.pre, edges.post)), shape=rule.shape)


@pytest.mark.parametrize("seed", range(40))
def test_a_convolution_is_found_again(seed):
    rng = np.random.default_rng(seed)
    n_dims = int(rng.integers(1, 3))
    kernel_sides = rng.integers(1, 5, n_dims)
    stride = rng.integers(1, 4, n_dims)
    padding = rng.integers(0, kernel_sides, n_dims)
    sides = kernel_sides + rng.integers(8, 16, n_dims)
    n_in = int(rng.integers(1, 4))
    kernel = rng.normal(size=(int(rng.integers(1, 4)), n_in, *kernel_sides))
    rule = Convolution(kernel, (n_in, *sides), stride=stride, padding=padding)
    matrix = matrix_of(rule)
    found = convolution_in(matrix, rule.input_shape, rule.output_shape)
    assert found is not None
    assert (matrix_of(found) != matrix).nnz == 0
    # Weights in a corner or in the middle that differ, or that are missing.
    for place in (0, matrix.nnz // 2):
        other = matrix.copy()
        other.data[place] += 1.0
        assert convolution_in(other, rule.input_shape, rule.output_shape) is None
        other.data[place] = 0.0
        other.eliminate_zeros()
        assert convolution_in(other, rule.input_shape, rule.output_shape) is None


@pytest.mark.parametrize(("height", "width"), [(12, 12), (13, 15)])
def test_a_pooling_and_a_convolution_are_one_convolution(height, width):
    rng = np.random.default_rng(1)
    pooling = SumPooling(2, (3, height, width))
    for padding in (0, 1):
        rule = Convolution(rng.normal(size=(4, 3, 3, 3)), pooling.output_shape, padding=padding)
        matrix = matrix_of(pooling) @ matrix_of(rule)
        found = convolution_in(matrix, pooling.input_shape, rule.output_shape)
        if found is not None:
            assert (matrix_of(found) != matrix).nnz == 0
        # Where a row or column is left over, the padding would show it.
        assert (found is not None) or (padding == 1 and height % 2 == 1)


def test_the_kernel_of_a_pooling_has_a_group_for_each_channel():
    pooling = SumPooling(2, (5, 8, 8))
    found = convolution_in(matrix_of(pooling), pooling.input_shape, pooling.output_shape)
    assert found.laid.kernel.shape == (5, 1, 2, 2)


def test_dense_weights_are_no_convolution():
    dense = csr_array(np.random.default_rng(1).normal(size=(2 * 5 * 5, 3 * 4 * 4)))
    assert convolution_in(dense, (2, 5, 5), (3, 4, 4)) is None
    assert convolution_in(dense, (50,), (48,)) is None
