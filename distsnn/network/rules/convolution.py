"""Convolutions and poolings: the same kernel of weights at every place."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from distsnn.checks import array, must_be, number, whole
from distsnn.errors import NetworkError
from distsnn.network.distributions.listed import Listed, SharedValues
from distsnn.network.rules.computed import ComputedRule
from distsnn.network.rules.ends import Ends, Streams
from distsnn.network.rules.explicit import ExplicitList
from distsnn.network.rules.laid_kernel import LaidKernel

MAX_SIDE = 1 << 20
SAME, VALID = "same", "valid"


class Convolution(ComputedRule):
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
        geometry = _geometry(name, weights.shape[2:], shape, (stride, padding, dilation))
        sides, strides, before, dilations = geometry
        if min(sides) < 1:
            subject = f"{name}: {self.kernel_name}, dilation, padding, input_shape"
            limit = "such that the kernel with its gaps fits into the padded input"
            remedy = "Pad it, or use a smaller kernel."
            raise NetworkError(must_be(subject, limit, (*weights.shape[2:], *shape), remedy))
        self.input_shape = shape
        self.output_shape = (weights.shape[0], *sides)
        # A dimension of 1 stands for a missing height.
        flat = (1,) * (2 - n_dims)
        self.laid = LaidKernel(
            weights.reshape(*weights.shape[:2], *flat, *weights.shape[2:]), groups,
            (*flat, *shape[1:]), (*flat, *sides),
            (*flat, *strides), (*(0 for _ in flat), *before), (*flat, *dilations),
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self.input_shape} onto {self.output_shape}"

    @property
    def shape(self) -> tuple[int, int]:
        """Number of sources and of targets."""
        return math.prod(self.input_shape), math.prod(self.output_shape)

    @property
    def weights(self) -> SharedValues:
        """The different weights of the synapses, in the receptor's unit."""
        return self.laid.different_weights

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return self.laid.n_synapses

    def largest(self) -> tuple[int, int]:
        """Return the largest index of a source and that of a target."""
        return self.shape[0] - 1, self.shape[1] - 1

    def ends_of(self) -> tuple[np.ndarray, np.ndarray]:
        """Return source and target of all synapses, uint32."""
        counts, sources, _ = self.laid.synapses(0, self.shape[1])
        return sources, np.repeat(np.arange(self.shape[1], dtype=np.uint32), counts)

    def own_values(self, what: str) -> Listed | None:
        """Return the different weights; delays are not the rule's own."""
        return self.weights if what == "weights" else None

    def values_onto(self, values: Listed, start: int, stop: int) -> np.ndarray:
        """Return the weights of all synapses onto targets start .. stop - 1, float64."""
        return self.laid.synapses(start, stop)[2]

    def renumbered(self, source: np.ndarray, target: np.ndarray) -> ExplicitList:
        """Return a list of the same synapses between other neurons."""
        return self.edges().renumbered(source, target)

    def n_entries(self, starts: np.ndarray, stops: np.ndarray) -> int:
        """Return the entries of the kernels of all channels with a target in starts .. stops - 1."""
        plane = math.prod(self.output_shape[1:])
        # channel = target // plane
        has_target = np.zeros(self.output_shape[0], bool)
        for first, last in zip(starts // plane, (stops - 1) // plane, strict=True):
            has_target[first : last + 1] = True
        return int(has_target.sum()) * math.prod(self.laid.kernel.shape[1:])

    def check(self, ends: Ends) -> None:
        """Raise NetworkError unless both populations are of the sizes of input and output."""
        sizes = ends.n_source, ends.n_target
        if self.shape != sizes:
            subject, (n_from, n_onto) = f"{ends.name}: {type(self).__name__}", self.shape
            remedy = (
                f"The source needs {n_from} neurons for {self.input_shape}, the target {n_onto} for "
                f"{self.output_shape}."
            )
            raise NetworkError(must_be(subject, f"of shape {sizes}", self.shape, remedy))

    def most_in_degree(self, ends: Ends) -> int:
        """Return the largest number of synapses of a target."""
        return self.laid.most_in_degree

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        return self.laid.synapses(start, stop)[0]

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        out[:] = self.laid.synapses(start, start + counts.size)[1]

    def edges(self) -> ExplicitList:
        """Return the same synapses as a list."""
        return ExplicitList(*self.ends_of(), self.laid.synapses(0, self.shape[1])[2])


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


Sizes = tuple[int, ...]


def _geometry(
    name: str, kernel_sides: Sizes, shape: Sizes, given: tuple[Any, Any, Any]
) -> tuple[Sizes, Sizes, Sizes, Sizes]:
    """Return sides of the output, strides, padding before and dilations.

    given: stride, padding and dilation as the user has them.
    """
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
    return sides, strides, before, dilations
