"""Matrices and convolutions as projections, against plain loops and lists of synapses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array, csr_array

from distsnn import (
    Convolution,
    ExplicitList,
    LifDelta,
    Matrix,
    Network,
    Simulation,
    SpikeSource,
    SumPooling,
    simulate,
)
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError
from distsnn.network.rules import Ends


def looped(kernel, image, stride, before, output_shape, dilation, groups):
    """A convolution by its definition, one product after another."""
    out = np.zeros(output_shape)
    n_in, n_out = kernel.shape[1], kernel.shape[0]
    for o, *place in np.ndindex(*output_shape):
        for c, *offset in np.ndindex(n_in, *kernel.shape[2:]):
            at = [
                y * s - p + j * d
                for y, s, p, j, d in zip(place, stride, before, offset, dilation, strict=True)
            ]
            if all(0 <= k < n for k, n in zip(at, image.shape[1:], strict=True)):
                channel = (o // (n_out // groups)) * n_in + c
                out[(o, *place)] += kernel[(o, c, *offset)] * image[(channel, *at)]
    return out


def dense(rule) -> np.ndarray:
    """Return [sources, targets] of the synapses of a rule."""
    matrix = np.zeros(rule.shape)
    rule = rule if isinstance(rule, Matrix) else rule.edges()
    np.add.at(matrix, (rule.pre, rule.post), rule.weights)
    return matrix


@pytest.mark.parametrize("seed", range(40))
def test_convolution_is_what_its_definition_says(seed):
    rng = np.random.default_rng(seed)
    n_dims = 2 if seed % 4 else 1
    groups = int(rng.integers(1, 4))
    n_in, n_out = groups * int(rng.integers(1, 3)), groups * int(rng.integers(1, 3))
    kernel_sides = rng.integers(1, 5, n_dims)
    stride, padding, dilation = (rng.integers(low, low + 3, n_dims) for low in (1, 0, 1))
    sides = dilation * (kernel_sides - 1) + 1 + rng.integers(0, 5, n_dims)
    kernel = rng.normal(size=(n_out, n_in // groups, *kernel_sides))
    image = rng.normal(size=(n_in, *sides))
    rule = Convolution(
        kernel, image.shape, stride=stride, padding=padding, dilation=dilation, groups=groups
    )
    expected = looped(kernel, image, stride, padding, rule.output_shape, dilation, groups)
    assert np.allclose(image.ravel() @ dense(rule), expected.ravel())
    # What the rule says of itself, from its kernel alone, is what its list of synapses says.
    if kernel.size > 1:
        kernel[rng.random(kernel.shape) < 0.3] = 0.0
        sparse = Convolution(
            kernel, image.shape, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
        edges, ends = sparse.edges(), Ends("", *sparse.shape, is_same=False)
        assert sparse.most_synapses(ends) == sparse.expected_synapses(ends) == edges.post.size
        assert sparse.most_in_degree(ends) == edges.most_in_degree(ends)
        assert np.array_equal(sparse.weights.values, np.unique(edges.weights))
        assert sparse.weights.counts.sum() == edges.post.size
        mean = edges.weights.mean() if edges.weights.size else 0.0
        assert np.isclose(sparse.weights.expected(), mean)
    largest = (sides + 2 * padding - dilation * (kernel_sides - 1) - 1) // stride + 1
    assert rule.output_shape == (n_out, *largest)


@pytest.mark.parametrize("kernel_side", [1, 2, 3, 4, 5])
def test_padding_same_keeps_the_shape(kernel_side):
    rng = np.random.default_rng(kernel_side)
    kernel, image = rng.normal(size=(2, 3, kernel_side, 3)), rng.normal(size=(3, 6, 7))
    rule = Convolution(kernel, image.shape, padding="same")
    assert rule.output_shape == (2, 6, 7)
    before = ((kernel_side - 1) // 2, 1)
    expected = looped(kernel, image, (1, 1), before, (2, 6, 7), (1, 1), 1)
    assert np.allclose(image.ravel() @ dense(rule), expected.ravel())
    valid = Convolution(kernel, image.shape, padding="valid")
    assert valid.output_shape == (2, 7 - kernel_side, 5)


def test_pooling_sums_patches():
    image = np.arange(2 * 4 * 6.0).reshape(2, 4, 6)
    rule = SumPooling(2, image.shape)
    expected = image.reshape(2, 2, 2, 3, 2).sum(axis=(2, 4))
    assert rule.output_shape == (2, 2, 3)
    assert np.array_equal(image.ravel() @ dense(rule), expected.ravel())
    mean = SumPooling((2, 3), image.shape, stride=(2, 3), weight=1 / 6)
    assert np.allclose(
        image.ravel() @ dense(mean), image.reshape(2, 2, 2, 2, 3).mean(axis=(2, 4)).ravel()
    )


def network_with(rule, delay_ms=1.0):
    network = Network(dt_ms=1.0, seed=1)
    rng = np.random.default_rng(3)
    n, m = getattr(rule, "shape", (18, 32))
    source = network.population(
        "source", n, SpikeSource(rng.uniform(0, 40, 200), rng.integers(0, n, 200), measured=True)
    )
    target = network.population("target", m, LifDelta(v_threshold_mv=4.0, v_reset_mv=0.0))
    network.connect(source, target, rule, delay_ms=delay_ms)
    return network


def digest_of(rule, comm, **options):
    return simulate(network_with(rule), duration_ms=50.0, comm=comm, **options).digest


@pytest.mark.mpi
def test_same_bits_as_a_list_of_the_same_synapses():
    rng = np.random.default_rng(1)
    convolution = Convolution(rng.normal(size=(2, 2, 2, 2)), (2, 3, 3), padding=1, stride=1)
    weights = dense(convolution)
    pre, post = np.nonzero(weights)
    expected = digest_of(ExplicitList(pre, post, weights[pre, post]), SerialComm())
    shuffled = rng.permutation(pre.size)
    entries = coo_array(
        (weights[pre, post][shuffled], (pre[shuffled], post[shuffled])), shape=weights.shape
    )
    for rule in (Matrix(weights), Matrix(csr_array(weights)), Matrix(entries), convolution):
        digest = digest_of(rule, start(), neurons_per_core=9)
        assert digest in (expected, "")


def test_entries_stored_twice_are_one_synapse_of_their_sum():
    twice = coo_array(([1.0, 2.5, 0.0], ([0, 0, 1], [1, 1, 1])), shape=(2, 2))
    rule = Matrix(twice)
    assert rule.pre.tolist() == [0]
    assert rule.weights.tolist() == [3.5]


def test_delays_by_entry():
    weights = np.array([[1.0, 0.0], [2.0, 3.0]])
    rule = Matrix(weights, delays_ms=[[1.0, 9.0], [2.0, 3.0]])
    network = Network(dt_ms=1.0)
    a, b = (network.population(name, 2, LifDelta()) for name in "ab")
    projection = network.connect(a, b, rule)
    with Simulation(network) as simulation:
        synapses = simulation.connections(projection)
        assert synapses.delays_ms.tolist() == [1.0, 2.0, 3.0]
        assert np.allclose(synapses.matrix(), weights, rtol=1e-3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Matrix([[1.0, np.nan]]), r"Matrix\.weights\[0, 1\]: must be numbers"),
        (lambda: Matrix([1.0]), r"Matrix\.weights: must be an array of numbers with 2 dimensions"),
        (lambda: Matrix([[1.0]], [[1.0, 2.0]]), r"Matrix\.delays_ms: must be of shape \(1, 1\)"),
        (
            lambda: Convolution(np.ones((1, 2, 3, 3)), (1, 5, 5)),
            r"kernel: must be \[out channels, 1",
        ),
        (
            lambda: Convolution(np.ones((1, 1, 3, 3)), (1, 2, 5)),
            r"input_shape: must be such that the",
        ),
        (
            lambda: Convolution(np.ones((1, 1, 3)), (1, 5, 5)),
            r"kernel for input_shape \(1, 5, 5\): must be an array",
        ),
        (
            lambda: Convolution(np.ones((1, 1, 3, 3)), (1, 5, 5), stride=0),
            r"stride: must be a whole",
        ),
        (
            lambda: Convolution(np.ones((1, 1, 3, 3)), (1, 5, 5), padding="full"),
            r"padding: must be",
        ),
        (
            lambda: Convolution(np.ones((1, 1, 3, 3)), (1, 5, 5), padding="same", stride=2),
            r"stride: must be 1 with padding 'same'",
        ),
        (lambda: Convolution(np.ones((2, 1, 3, 3)), (3, 5, 5), groups=3), r"groups: must be a div"),
        (lambda: SumPooling((2, 2, 2), (1, 5, 5)), r"SumPooling\.size: must be 2 numbers"),
    ],
)
def test_wrong_ones_are_refused_in_one_line(make, message):
    with pytest.raises(NetworkError, match=message) as refused:
        make()
    assert "\n" not in str(refused.value)


def test_populations_of_another_size_are_refused():
    network = Network(dt_ms=1.0)
    a, b = network.population("a", 3, LifDelta()), network.population("b", 2, LifDelta())
    with pytest.raises(NetworkError, match=r"must be of shape \(3, 2\), got .*Transpose it"):
        network.connect(a, b, Matrix(np.ones((2, 3))))
    with pytest.raises(NetworkError, match=r"source needs 9 neurons for \(1, 3, 3\), the target 4"):
        network.connect(a, b, Convolution(np.ones((1, 1, 2, 2)), (1, 3, 3)))
