"""Linear nodes as matrices from the elements of their input to those of their output.

Elements are numbered in the order of the array, the last axis fastest. A matrix is sparse, float64
[inputs, outputs].
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distsnn.nir.graph import Graph, Node, Shape
from distsnn.nir.nodes.windows import convolution_matrix, pooling_matrix

MAX_SYNAPSES = 1 << 26


@dataclass(frozen=True, eq=False)
class Linear:
    """y = x matrix + bias; shape: of y. matrix None: y = x, in another shape."""

    shape: Shape
    matrix: Any = None
    bias: np.ndarray | None = None


def linear_of(graph: Graph, node: Node, shape: Shape) -> Linear:
    """Return what a linear node does with an input of this shape. Raises InputFileError."""
    try:
        return MATRICES[node.kind](node, shape)
    except ValueError as error:
        # The functions below say limit and value, divided by a bar; here the node is known.
        limit, _, got = str(error).partition("|")
        raise graph.refused(limit, got, "Export the graph again.", node) from None


def whole_numbers(node: Node, key: str, n: int, low: int) -> tuple[int, ...]:
    """Return a field of ``n`` whole numbers; one number stands for all. Raises ValueError."""
    # Exporters write one number, or one for each axis.
    values = np.asarray(node.numbers.get(key, np.empty(0))).ravel()
    values = np.repeat(values, n) if values.size == 1 else values
    is_right = values.size == n and (values == np.round(values)).all()
    if not is_right or not ((values >= low) & (values < 2**20)).all():
        raise ValueError(f"one with {n} whole numbers from {low} in {key}|{_short(values)}")
    return tuple(int(value) for value in values)


def _short(values: np.ndarray) -> str:
    return str(values.tolist()) if 0 < values.size <= 8 else f"{values.size} numbers"


def _dense(node: Node, shape: Shape) -> Linear:
    from scipy import sparse

    weight = np.asarray(node.numbers["weight"], dtype=np.float64)
    # weight: [outputs, inputs]; a shaped input is taken flat
    if weight.ndim != 2 or weight.shape[1] != math.prod(shape):
        wanted = f"one with weights [outputs, {math.prod(shape)}], as its input has elements"
        raise ValueError(f"{wanted}|weights of shape {weight.shape}")
    return Linear((weight.shape[0],), sparse.csr_array(weight.T), _bias(node, weight.shape[0]))


def _bias(node: Node, n: int) -> np.ndarray | None:
    if "bias" not in node.numbers:
        return None
    bias = np.asarray(node.numbers["bias"], dtype=np.float64).ravel()
    if bias.size not in (1, n):
        raise ValueError(f"one with {n} numbers in bias|{bias.size}")
    return np.broadcast_to(bias, n)


def _convolution(node: Node, shape: Shape) -> Linear:
    n_axes = 2 if node.kind == "Conv2d" else 1
    weight = np.asarray(node.numbers["weight"], dtype=np.float64)
    # weight: [channels out, channels in / groups, kernel ...]
    if weight.ndim != n_axes + 2 or len(shape) != n_axes + 1 or not weight.size:
        wanted = f"one with a kernel of {n_axes + 2} axes and an input of {n_axes + 1}"
        raise ValueError(f"{wanted}|{weight.ndim} and {len(shape)}")
    stride = whole_numbers(node, "stride", n_axes, 1)
    dilation = whole_numbers(node, "dilation", n_axes, 1)
    groups = whole_numbers(node, "groups", 1, 1)[0]
    before, after = _padding(node, weight.shape[2:], stride, dilation)
    # A convolution along one axis is one of pictures of height 1.
    flat = n_axes == 1
    matrix, out = convolution_matrix(
        weight[:, :, np.newaxis] if flat else weight,
        (shape[0], 1, shape[1]) if flat else shape,
        (1, *stride) if flat else stride,
        (1, *dilation) if flat else dilation,
        ((0, *before), (0, *after)) if flat else (before, after),
        groups,
        MAX_SYNAPSES,
    )
    # One bias for each channel.
    bias = _bias(node, out[0])
    every = None if bias is None else np.repeat(bias, math.prod(out[1:]))
    return Linear((out[0], *out[2:]) if flat else out, matrix, every)


def _padding(
    node: Node, kernel: Shape, stride: Shape, dilation: Shape
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the padding before and after each axis."""
    word = node.texts.get("padding")
    if word is None:
        padding = whole_numbers(node, "padding", len(kernel), 0)
        return padding, padding
    if word == "valid":
        return (0,) * len(kernel), (0,) * len(kernel)
    if word != "same" or set(stride) != {1}:
        raise ValueError(f"one whose padding is numbers, 'valid', or 'same' with stride 1|{word}")
    # 'same': the output is as large as the input; the odd pixel is at the end.
    # total padding = dilation (kernel - 1)
    total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple(t // 2 for t in total), tuple(t - t // 2 for t in total)


def _pooling(node: Node, shape: Shape) -> Linear:
    if len(shape) != 3:
        raise ValueError(f"one whose input has channels, height and width|shape {shape}")
    size = whole_numbers(node, "kernel_size", 2, 1)
    padding = whole_numbers(node, "padding", 2, 0)
    stride = whole_numbers(node, "stride", 2, 1)
    matrix, out = pooling_matrix(size, shape, stride, padding, MAX_SYNAPSES)
    # A mean is taken over the whole window, its padding included.
    is_mean = node.kind == "AvgPool2d"
    return Linear(out, matrix / math.prod(size) if is_mean else matrix)


def _flatten(node: Node, shape: Shape) -> Linear:
    n = len(shape)
    ends = [int(node.numbers[key].ravel()[0]) for key in ("start_dim", "end_dim")]
    # Negative axes count from the end.
    first, last = (end + n if end < 0 else end for end in ends)
    if not 0 <= first <= last < n:
        raise ValueError(f"one that flattens axes from 0 to {n - 1}|{ends[0]} to {ends[1]}")
    return Linear((*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def _scale(node: Node, shape: Shape) -> Linear:
    from scipy import sparse

    scale, n = np.asarray(node.numbers["scale"], dtype=np.float64), math.prod(shape)
    if scale.size not in (1, n):
        raise ValueError(f"one with {n} numbers in scale|{scale.size}")
    return Linear(shape, sparse.diags_array(np.broadcast_to(scale.ravel(), n)).tocsr())


MATRICES: dict[str, Callable[[Node, Shape], Linear]] = {
    "Affine": _dense, "Linear": _dense, "Conv1d": _convolution, "Conv2d": _convolution,
    "SumPool2d": _pooling, "AvgPool2d": _pooling, "Flatten": _flatten, "Scale": _scale,
}  # fmt: skip


def with_weights(node: Node, weights: np.ndarray, key: str) -> Node:
    """Return a node with other weights."""
    return replace(node, numbers={**node.numbers, key: weights})
