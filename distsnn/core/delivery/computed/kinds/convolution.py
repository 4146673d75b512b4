"""The synapses of a convolution on a rank: its kernel once, and where its targets are."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from distsnn.core.delivery.computed.part import ComputedPart, Description
from distsnn.kernels.delivery.kinds.convolution import (
    N_SEEN,
    NUMBER,
    ORIGIN,
    PLACE,
    POSITION,
    deliver_convolution,
)
from distsnn.kernels.formats import RING_SIZE
from distsnn.mapping.plan import Slice
from distsnn.network import Convolution


class _Axis(NamedTuple):
    """How the entries of a kernel along an axis are kept.

    order: of the entries. fall: of the place from one entry to the next that sees the same input.
    distance: of the place of each entry, in this order, from that of entry 0. seen: int64 [input
    places, N_SEEN], see ``kernels/delivery/kinds/convolution.py``.
    """

    order: np.ndarray
    fall: int
    distance: np.ndarray
    seen: np.ndarray


class ConvolutionPart(ComputedPart[Convolution]):
    """Computes the synapses of a ``Convolution`` or of a pooling."""

    rule_type = Convolution
    kernel = deliver_convolution

    def describe(self) -> Description:
        """Return the kernel as words and the targets on the rank as strips."""
        laid = self.rule.laid
        n_out, n_in, n_rows, n_columns = laid.kernel.shape
        rows, columns = self._axis(0), self._axis(1)
        strips, starts = self._strips()
        facts = (
            *laid.input_sides, n_in, laid.output_sides[0], n_rows, n_out // laid.groups * n_columns,
            rows.fall, columns.fall, *rows.seen.ravel().tolist(), *columns.seen.ravel().tolist(),
        )  # fmt: skip
        return Description(facts, self._words(rows, columns), strips, starts)

    def _axis(self, axis: int) -> _Axis:
        """Return the order of the entries along an axis, and what sees each place of the input."""
        laid = self.rule.laid
        divisor = math.gcd(laid.strides[axis], laid.dilations[axis])
        n_classes, fall = laid.strides[axis] // divisor, laid.dilations[axis] // divisor
        entries = np.arange(laid.kernel.shape[2 + axis])
        order = np.lexsort((entries, entries % n_classes))
        at, exists = laid.seen(axis)
        # Places of the output and positions of the entries that see each place of the input.
        place, position = np.nonzero(exists[:, order])
        source = at[:, order][place, position]
        seen = np.zeros((laid.input_sides[axis], N_SEEN), np.int64)
        by_source = np.lexsort((position, source))
        which, first, number = np.unique(source[by_source], return_index=True, return_counts=True)
        first = by_source[first]
        seen[which, PLACE], seen[which, POSITION] = place[first], position[first]
        seen[which, NUMBER] = number
        # u + fall floor(i / classes) is the same for all of them.
        seen[which, ORIGIN] = place[first] + fall * (order[position[first]] // n_classes)
        return _Axis(order, fall, fall * (order // n_classes), seen)

    def _words(self, rows: _Axis, columns: _Axis) -> np.ndarray:
        """Return the kernel as synapse words, int32, in the order of the walk.

        Their low bits are the lane less the distance of u from where entry 0 would be seen.
        """
        laid, site = self.rule.laid, self.site
        n_out, n_in, n_rows, n_columns = laid.kernel.shape
        # Entries that apply nowhere need not fit any lane.
        used = np.where(laid.uses > 0, laid.kernel, 0.0)
        quanta, lanes = site.quanta.code(site.projection).encode(used)
        sizes = quanta.astype(np.int64)
        if site.projection.target.model.takes_sizes:
            sizes = np.abs(sizes)
        lane_shift = site.layout.lid_bits + site.layout.core_bits
        in_order = np.ix_(np.arange(n_out), np.arange(n_in), rows.order, columns.order)
        low = (lanes.astype(np.int64) << lane_shift)[in_order] - columns.distance
        words = (sizes[in_order] << 16) | (low & 0xFFFF)
        # [group, channel o, channel c, row, column] -> [group, c, row, o, column]
        by_group = words.reshape(laid.groups, n_out // laid.groups, n_in, n_rows, n_columns)
        walked = by_group.transpose(0, 2, 3, 1, 4).ravel()
        return (walked & 0xFFFFFFFF).astype(np.uint32).view(np.int32)

    def _strips(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the strips, uint32 [strips, 5], by group and row, and the start of each row's."""
        laid = self.rule.laid
        out_rows, n_columns = laid.output_sides[0], laid.kernel.shape[3]
        per_group = laid.kernel.shape[0] // laid.groups
        parts = [self._strips_of(piece, core) for piece, core in self.site.pieces]
        # Number of the row of each strip, channel * rows + row, and the columns of the table.
        line = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
        columns = np.concatenate([np.zeros((0, 4), np.int64), *(part[1] for part in parts)])
        channel, row = line // out_rows, line % out_rows
        key = channel // per_group * out_rows + row
        order = np.lexsort((columns[:, 0], channel, key))
        # The index of column 0 may be negative, and is taken modulo the size of the ring.
        table = np.column_stack([channel % per_group * n_columns, columns])[order]
        table = (table & 0xFFFFFFFF).astype(np.uint32)
        counts = np.bincount(key, minlength=laid.groups * out_rows)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
        return np.ascontiguousarray(table), starts

    def _strips_of(self, piece: Slice, core_local: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of which a slice has a part, and (first, end, ring start, index) of each."""
        width = self.rule.laid.output_sides[1]
        line = np.arange(piece.start // width, (piece.stop - 1) // width + 1)
        first = np.maximum(line * width, piece.start)
        end = np.minimum((line + 1) * width, piece.stop)
        # Where the sum of the first neuron is: [group | ring index]
        at = self.site.layout.ring_start(core_local, piece.lid_start) + first - piece.start
        ring_start, index = at // RING_SIZE * RING_SIZE, at % RING_SIZE
        first, end = first - line * width, end - line * width
        return line, np.column_stack([first, end, ring_start, index - first])
