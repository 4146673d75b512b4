"""The kernel of a convolution, found in the matrix of all synapses between two layers.

Nodes between two layers, such as a pooling and a convolution, are one matrix by then. It is that of a
convolution if all entries with the same channels and the same offset

    j = y - v s + p,   i = x - u s + p      (y, x: row and column of the source; v, u: of the target)

are equal, and none is missing. Strides and paddings are guessed from the matrix and then verified.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from distsnn.network import Convolution
from distsnn.nir.graph import Shape


class _Axis(NamedTuple):
    """n_entries: of the kernel; offset: of each synapse, int64; see ``Convolution``."""

    n_entries: int
    stride: int
    padding: int
    offset: np.ndarray


def convolution_in(matrix: Any, source_shape: Shape, target_shape: Shape) -> Convolution | None:
    """Return the convolution whose synapses are the entries of a matrix, None if there is none.

    matrix: sparse, without zeros [source, target]. Kernels of more than half as many weights as
    synapses are not worth it.
    """
    n_axes = len(source_shape)
    if n_axes not in (2, 3) or len(target_shape) != n_axes:
        return None
    entries = matrix.tocoo()
    c, *source = np.unravel_index(entries.row.astype(np.int64), source_shape)
    o, *target = np.unravel_index(entries.col.astype(np.int64), target_shape)
    axes = [
        _axis(*places)
        for places in zip(source, target, source_shape[1:], target_shape[1:], strict=True)
    ]
    known = [axis for axis in axes if axis is not None]
    shape = (target_shape[0], source_shape[0], *(axis.n_entries for axis in known))
    if len(known) < len(axes) or 2 * np.prod(shape, dtype=np.float64) > entries.nnz:
        return None
    kernel = np.zeros(shape)
    at = (o, c, *(axis.offset for axis in known))
    kernel[at] = entries.data
    if (kernel[at] != entries.data).any():
        return None
    kernel, groups = _by_groups(kernel)
    rule = Convolution(
        kernel, source_shape, stride=[axis.stride for axis in known],
        padding=[axis.padding for axis in known], groups=groups,
    )  # fmt: skip
    # Every synapse has its entry; equal numbers say that no entry applies elsewhere.
    is_same = rule.output_shape == target_shape and rule.laid.n_synapses == entries.nnz
    return rule if is_same else None


def _axis(source: np.ndarray, target: np.ndarray, n_source: int, n_target: int) -> _Axis | None:
    """Return how a kernel is laid along an axis, None if it cannot be told.

    source, target: places of each synapse along the axis, int64.
    """
    first, last = np.full(n_target, n_source), np.full(n_target, -1)
    np.minimum.at(first, target, source)
    np.maximum.at(last, target, source)
    extent = last - first + 1
    # Places of the target that see as much as any are away from the border: first = v s - p
    inner = np.flatnonzero(extent == extent.max())
    v, n_entries = inner[0], int(extent.max())
    if n_entries < 1:
        return None
    stride = max(1, n_source // n_target)
    if inner.size > 1:
        stride = int(first[inner[1]] - first[v]) // int(inner[1] - v)
    if stride < 1:
        return None
    padding = int(v * stride - first[v])
    # Entries of 0 in front, so that the padding is not negative, and as many as the output needs.
    more = next(
        (n for n in range(max(0, -padding), n_source + stride)
         if (n_source + 2 * padding + n - n_entries) // stride + 1 >= n_target),
        0,
    )  # fmt: skip
    padding, n_entries = padding + more, n_entries + more
    # Entries of 0 behind, if the output would be too long.
    n_places = (n_source + 2 * padding - n_entries) // stride + 1
    n_entries += max(0, n_places - n_target) * stride
    offset = source - target * stride + padding
    is_inside = (offset >= 0).all() and (offset < n_entries).all() and padding >= 0
    return _Axis(n_entries, stride, padding, offset) if is_inside else None


def _by_groups(kernel: np.ndarray) -> tuple[np.ndarray, int]:
    """Return a kernel as [out, channels / groups, ...] with the number of its groups.

    One group for each source channel, if that is all that the target's channels see, as in a pooling.
    """
    n_out, n_in = kernel.shape[:2]
    if n_in > 1 and n_out % n_in == 0:
        own = np.arange(n_out) // (n_out // n_in)
        diagonal = kernel[np.arange(n_out), own]
        if np.count_nonzero(diagonal) == np.count_nonzero(kernel):
            return diagonal[:, np.newaxis], n_in
    return kernel, 1
