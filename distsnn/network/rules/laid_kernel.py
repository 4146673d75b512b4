"""Where the entries of a kernel of weights apply: the synapses of a convolution."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from distsnn.network.distributions.listed import SharedValues

ENTRIES_AT_ONCE = 1 << 20  # of the kernel, times targets

Pair = tuple[int, ...]  # of rows and columns


class LaidKernel:
    """A kernel laid at every place of an image, in two dimensions.

    Output row y sees input row y s - p + j d through row j of the kernel, and so for columns. kernel:
    float64 [out channels, channels / groups, rows, columns], read only; an entry of 0 is no synapse.
    input_sides, output_sides: rows and columns. strides, before (padding), dilations: of both.
    """

    def __init__(
        self,
        kernel: np.ndarray,
        groups: int,
        input_sides: Pair,
        output_sides: Pair,
        strides: Pair,
        before: Pair,
        dilations: Pair,
    ) -> None:
        self.kernel = kernel.copy()
        self.kernel.flags.writeable = False
        self.groups, self.input_sides, self.output_sides = groups, input_sides, output_sides
        self.strides, self.before, self.dilations = strides, before, dilations

    def seen(self, axis: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the input seen by each place of an axis through each entry, and whether it exists.

        int64 and bool [places of the output, entries of the kernel].
        """
        places = np.arange(self.output_sides[axis])[:, np.newaxis]
        entries = np.arange(self.kernel.shape[2 + axis])
        # y s - p + j d
        at = places * self.strides[axis] - self.before[axis] + entries * self.dilations[axis]
        return at, (at >= 0) & (at < self.input_sides[axis])

    @cached_property
    def uses(self) -> np.ndarray:
        """The number of synapses with each entry of the kernel, int64, of the shape of the kernel."""
        # uses[o, c, j, i] = rows that see through j times columns that see through i
        n_rows, n_columns = (self.seen(axis)[1].sum(axis=0) for axis in (0, 1))
        return np.where(self.kernel != 0.0, np.outer(n_rows, n_columns), 0)

    @cached_property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return int(self.uses.sum())

    @cached_property
    def most_in_degree(self) -> int:
        """Largest number of synapses of a target."""
        # Places that see the same entries are counted once.
        rows, columns = (np.unique(self.seen(axis)[1], axis=0).astype(np.int64) for axis in (0, 1))
        n_each = np.count_nonzero(self.kernel, axis=1)  # [out channels, rows, columns]
        return int(np.einsum("oji,yj,xi->oyx", n_each, rows, columns, optimize=True).max(initial=0))

    @cached_property
    def different_weights(self) -> SharedValues:
        """The different weights of the synapses, and how many have each."""
        used = self.uses > 0
        values, which = np.unique(self.kernel[used], return_inverse=True)
        return SharedValues(values, np.bincount(which, self.uses[used], values.size))

    def synapses(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the synapses onto targets start .. stop - 1, in order of targets, then of sources.

        Numbers of synapses (int32 [targets]), sources (uint32) and weights (float64).
        """
        # Parts of the targets, so that the arrays of a part stay small.
        n_at_once = max(1, ENTRIES_AT_ONCE // max(1, self.kernel[0].size))
        parts = [
            self._synapses(first, min(stop, first + n_at_once))
            for first in range(start, stop, n_at_once)
        ]
        if not parts:
            return np.zeros(0, np.int32), np.zeros(0, np.uint32), np.zeros(0)
        counts, sources, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
        return counts, sources, weights

    def _synapses(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        n_out, n_in = self.kernel.shape[:2]
        # target = (channel * height + y) * width + x
        channel, y, x = np.unravel_index(np.arange(start, stop), (n_out, *self.output_sides))
        (at_y, has_y), (at_x, has_x) = self.seen(0), self.seen(1)
        exists = has_y[y][:, :, np.newaxis] & has_x[x][:, np.newaxis, :]
        place = at_y[y][:, :, np.newaxis] * self.input_sides[1] + at_x[x][:, np.newaxis, :]
        # First input channel of the target's group, and the others after it.
        first = channel // (n_out // self.groups) * n_in
        plane = (first[:, np.newaxis] + np.arange(n_in)) * (
            self.input_sides[0] * self.input_sides[1]
        )
        # [targets, channels of the group, rows, columns]: sources ascend in this order.
        weights = self.kernel[channel]
        used = exists[:, np.newaxis] & (weights != 0.0)
        sources = (plane[:, :, np.newaxis, np.newaxis] + place[:, np.newaxis])[used]
        counts = used.reshape(stop - start, -1).sum(axis=1).astype(np.int32)
        return counts, sources.astype(np.uint32), weights[used]
