"""Matrices of what slides a window over pictures: convolution and pooling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.nir.graph import Shape

Pair = tuple[int, ...]


def convolution_matrix(
    weight: np.ndarray, shape: Shape, stride: Pair, dilation: Pair, padding: tuple[Pair, Pair],
    groups: int, most: int,
) -> tuple[Any, Shape]:  # fmt: skip
    """Return the matrix of a convolution [c h w of the input, c h w of the output] and its shape.

    weight: [channels out, channels in / groups, kernel height, kernel width]. padding: before and
    after each axis. Raises ValueError for shapes that do not fit, or more than ``most`` entries.

        y[o, i, j] = sum over c, a, b of weight[o, c, a, b] x[c, i s + a d - p, j s + b d - p]
    """
    n_out, n_in, *kernel = weight.shape
    if n_in * groups != shape[0] or n_out % groups:
        raise ValueError(
            f"one of {shape[0]} channels in {groups} groups|a kernel [{n_out}, {n_in}, ...]"
        )
    # Along each axis: which input pixel is under which place of the kernel in which window.
    axes = [
        _windows(n, k, s, d, before, after)
        for n, k, s, d, before, after in zip(
            shape[1:], kernel, stride, dilation, *padding, strict=True
        )
    ]
    sizes = [axis.shape[0] for axis in axes]
    if min(sizes) < 1:
        raise ValueError(f"one whose kernel fits into an input of shape {shape}|{kernel}")
    n_entries = weight.size * math.prod(sizes)
    # Checked before arrays of this size are made.
    if n_entries > most:
        raise ValueError(f"one of at most {most} synapses|{n_entries}")
    out = n_out, *sizes
    return _entries(weight, axes, shape, out, n_out // groups), out


def _entries(
    weight: np.ndarray, axes: list[np.ndarray], shape: Shape, out: Shape, per_group: int
) -> Any:
    """Return the matrix of a convolution, from the input pixels under the kernel along each axis.

    per_group: output channels of a group.
    """
    n_out, n_in, *kernel = weight.shape
    # Every (output channel, input channel of its group, window row, kernel row, ...) at once.
    o, c, i, a, j, b = np.ogrid[:n_out, :n_in, : out[1], : kernel[0], : out[2], : kernel[1]]
    row, column = axes[0][i, a], axes[1][j, b]
    # Output channels of a group see the input channels of that group.
    channel = o // per_group * n_in + c
    source = (channel * shape[1] + row) * shape[2] + column
    target = (o * out[1] + i) * out[2] + j
    values = weight[o, c, a, b]
    # Pixels in the padding are 0, and weights of 0 are no synapses.
    is_inside = (row >= 0) & (row < shape[1]) & (column >= 0) & (column < shape[2])
    return _matrix(values, source, target, is_inside & (values != 0), shape, out)


def pooling_matrix(
    size: Pair, shape: Shape, stride: Pair, padding: Pair, most: int
) -> tuple[Any, Shape]:
    """Return the matrix of sums over windows of each channel, and the shape of the output."""
    # A sum is a convolution with ones of each channel with itself.
    kernel = np.ones((shape[0], 1, *size))
    return convolution_matrix(kernel, shape, stride, (1, 1), (padding, padding), shape[0], most)


def _windows(n: int, k: int, s: int, d: int, before: int, after: int) -> np.ndarray:
    """Return the input index of each place of each window along an axis, int64 [windows, places].

    Indices in the padding are outside 0 .. n - 1.
    """
    # windows = floor((n + before + after - d (k - 1) - 1) / s) + 1
    n_windows = max((n + before + after - d * (k - 1) - 1) // s + 1, 0)
    return np.arange(n_windows)[:, np.newaxis] * s + np.arange(k) * d - before


def _matrix(
    values: np.ndarray, source: np.ndarray, target: np.ndarray, is_kept: np.ndarray,
    shape: Shape, out: Shape,
) -> Any:  # fmt: skip
    from scipy import sparse

    parts = np.broadcast_arrays(values, source, target, is_kept)
    kept = parts[3]
    size = math.prod(shape), math.prod(out)
    return sparse.csr_array((parts[0][kept], (parts[1][kept], parts[2][kept])), shape=size)
