"""Convolutions and poolings: the same kernel of weights at every place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from distsnn.checks import array, must_be, number, whole
from distsnn.errors import NetworkError
from distsnn.network.rules.matrix import Matrix

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MAX_SIDE = 1 << 20
SAME, VALID = "same", "valid"


class Convolution(Matrix):
    """Synapses of a convolution in one or two dimensions, as layers of trained networks have them.

        I(o, y, x) = sum over c, j, i of kernel[o, c, j, i] S(c, y s - p + j d, x s - p + i d)

    with stride s, padding p and dilation d: no kernel is turned round (cross-correlation). Neurons are
    numbered channel by channel, in each row by row: n = (channel * height + y) * width + x.

    kernel: weights [out channels, channels / groups, height, width], or without height in one
    dimension. input_shape: (channels, height, width) or (channels, width) of the source. stride,
    padding and dilation: a number or one per dimension; padding may be "valid" (none) or "same" (an
    output as large as the input; stride 1). groups: so many parts of the channels are kept apart.
    ``output_shape`` is the shape of the target. Raises NetworkError for sizes that do not fit.
    """

    kernel_name: ClassVar[str] = "kernel"
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    def __init__(
        self,
        kernel: Any,
        input_shape: Any,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> None:
        name = type(self).__name__
        shape = _shape(f"{name}.input_shape", input_shape)
        n_dims = len(shape) - 1
        subject = f"{name}: {self.kernel_name} for input_shape {shape}"
        weights = array(subject, kernel, "f", n_dims=n_dims + 2)
        groups = whole(f"{name}.groups", groups, 1, MAX_SIDE)
        _require_channels(name, weights.shape, shape, groups)
        places = _places(name, weights.shape[2:], shape, (stride, padding, dilation))
        if min(places.sides) < 1:
            subject = f"{name}: {self.kernel_name}, dilation, padding, input_shape"
            limit = "such that the kernel with its gaps fits into the padded input"
            remedy = "Pad it, or use a smaller kernel."
            raise NetworkError(must_be(subject, limit, (*weights.shape[2:], *shape), remedy))
        object.__setattr__(self, "input_shape", shape)
        object.__setattr__(self, "output_shape", (weights.shape[0], *places.sides))
        super().__init__(_matrix(weights, shape, places, groups))

    def remedy(self, shape: tuple[int, int]) -> str:
        """Return what to do about populations of other sizes."""
        n_from, n_onto = math.prod(self.input_shape), math.prod(self.output_shape)
        return (
            f"The source needs {n_from} neurons for {self.input_shape}, the target {n_onto} for "
            f"{self.output_shape}."
        )


class SumPooling(Convolution):
    """Sums over patches of each channel: every synapse has the weight ``weight``.

    size, stride, padding: a number, or one per dimension; stride is the size unless it is given. With
    weight = 1 / (patch area) it is the mean.
    """

    kernel_name: ClassVar[str] = "size"

    def __init__(
        self,
        size: Any,
        input_shape: Any,
        *,
        stride: Any = None,
        padding: Any = 0,
        weight: float = 1.0,
    ) -> None:
        name = type(self).__name__
        shape = _shape(f"{name}.input_shape", input_shape)
        sides = _per_dimension(f"{name}.size", size, len(shape) - 1, 1)
        # one channel onto itself
        kernel = np.full((shape[0], 1, *sides), number(f"{name}.weight", weight))
        chosen = sides if stride is None else stride
        super().__init__(kernel, shape, stride=chosen, padding=padding, groups=shape[0])


def _shape(subject: str, given: Any) -> tuple[int, ...]:
    """Return (channels, height, width) or (channels, width)."""
    sizes = array(subject, given, "i", low=1, high=MAX_SIDE)
    if sizes.size not in (2, 3):
        limit = "(channels, height, width) or (channels, width)"
        raise NetworkError(must_be(subject, limit, given, "Give the shape of the source."))
    return tuple(int(size) for size in sizes)


def _require_channels(
    name: str, kernel: tuple[int, ...], shape: tuple[int, ...], groups: int
) -> None:
    """Raise NetworkError unless the kernel's channels are those of the source, in whole groups."""
    if shape[0] % groups or kernel[0] % groups:
        limit = f"a divisor of {shape[0]} and {kernel[0]} channels"
        raise NetworkError(must_be(f"{name}.groups", limit, groups, "Change it."))
    if kernel[1] != shape[0] // groups:
        limit = f"[out channels, {shape[0] // groups}, ...] for {shape[0]} channels"
        limit += f" in {groups} groups" if groups > 1 else ""
        raise NetworkError(must_be(f"{name}.kernel", limit, kernel, "Correct it, or input_shape."))
    if min(kernel) < 1:
        raise NetworkError(must_be(f"{name}.kernel", "of sides from 1", kernel, "Fill it."))


def _per_dimension(subject: str, given: Any, n_dims: int, low: int) -> tuple[int, ...]:
    """Return one whole number per dimension of space."""
    remedy = f"Give a number, or {n_dims} of them."
    if not isinstance(given, list | tuple | np.ndarray):
        return (whole(subject, given, low, MAX_SIDE, remedy=remedy),) * n_dims
    numbers = array(subject, given, "i", low=low, high=MAX_SIDE, remedy=remedy)
    if numbers.size != n_dims:
        raise NetworkError(must_be(subject, f"{n_dims} numbers", given, remedy))
    return tuple(int(number) for number in numbers)


def _paddings(
    name: str, padding: Any, reaches: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the padding before and after each dimension."""
    n_dims = len(reaches)
    if not isinstance(padding, str):
        both = _per_dimension(f"{name}.padding", padding, n_dims, 0)
        return both, both
    if padding not in (SAME, VALID):
        limit = f"numbers, {SAME!r} or {VALID!r}"
        raise NetworkError(must_be(f"{name}.padding", limit, padding, "Choose one."))
    if padding == VALID:
        return (0,) * n_dims, (0,) * n_dims
    if max(strides) > 1:
        limit = f"1 with padding {SAME!r}"
        raise NetworkError(must_be(f"{name}.stride", limit, strides, "Give numbers as padding."))
    # an even kernel has one more after than before
    before = tuple((reach - 1) // 2 for reach in reaches)
    return before, tuple(reach - 1 - first for reach, first in zip(reaches, before, strict=True))


class _Places(NamedTuple):
    """Where the kernel is laid: output y sees input y stride - before + j dilation."""

    sides: tuple[int, ...]  # of the output
    strides: tuple[int, ...]
    before: tuple[int, ...]
    dilations: tuple[int, ...]


def _places(
    name: str, kernel_sides: tuple[int, ...], shape: tuple[int, ...], given: tuple[Any, Any, Any]
) -> _Places:
    """Return where a kernel is laid. given: stride, padding and dilation as the user has them."""
    stride, padding, dilation = given
    n_dims = len(kernel_sides)
    strides = _per_dimension(f"{name}.stride", stride, n_dims, 1)
    dilations = _per_dimension(f"{name}.dilation", dilation, n_dims, 1)
    reaches = tuple(d * (k - 1) + 1 for d, k in zip(dilations, kernel_sides, strict=True))
    before, after = _paddings(name, padding, reaches, strides)
    # sides of the output: floor((n + p + q - reach) / s) + 1
    sides = tuple(
        (n + p + q - reach) // s + 1
        for n, p, q, reach, s in zip(shape[1:], before, after, reaches, strides, strict=True)
    )
    return _Places(sides, strides, before, dilations)


def _matrix(kernel: np.ndarray, shape: tuple[int, ...], places: _Places, groups: int) -> csr_array:
    """Return the weights [source neurons, target neurons]."""
    from scipy.sparse import csr_array

    n_out, n_in = kernel.shape[:2]
    n_onto, n_from = math.prod(places.sides), math.prod(shape[1:])
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for offset in np.ndindex(*kernel.shape[2:]):
        # Which place of the input each place of the output sees through this entry of the kernel.
        onto, seen = _seen(shape[1:], places, offset)
        for o, c in np.ndindex(n_out, n_in):
            weight = kernel[(o, c, *offset)]
            channel = o // (n_out // groups) * n_in + c
            if weight != 0.0:
                values = np.full(onto.size, weight)
                parts.append((values, channel * n_from + seen, o * n_onto + onto))
    size = shape[0] * n_from, n_out * n_onto
    if not parts:
        return csr_array(size)
    values, rows, columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    return csr_array((values, (rows, columns)), shape=size)


def _seen(
    sides: tuple[int, ...], places: _Places, offset: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the output that see one of the input, and that place."""
    grid = np.indices(places.sides).reshape(len(sides), -1)
    at = [
        axis * s - p + j * d
        for axis, s, p, j, d in zip(
            grid, places.strides, places.before, offset, places.dilations, strict=True
        )
    ]
    # Beyond the border there is nothing to see.
    inside = np.all([(y >= 0) & (y < n) for y, n in zip(at, sides, strict=True)], axis=0)
    return np.flatnonzero(inside), np.ravel_multi_index([y[inside] for y in at], sides)
