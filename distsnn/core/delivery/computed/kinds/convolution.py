"""The synapses of a convolution on a rank: its kernel once, and where its targets are."""

from __future__ import annotations

import numpy as np

from distsnn.core.delivery.computed.part import ComputedPart, Description
from distsnn.kernels.delivery.kinds.convolution import deliver_convolution
from distsnn.kernels.formats import RING_SIZE
from distsnn.mapping.plan import Slice
from distsnn.network import Convolution


class ConvolutionPart(ComputedPart[Convolution]):
    """Computes the synapses of a ``Convolution`` or of a pooling."""

    rule_type = Convolution
    kernel = deliver_convolution

    def describe(self) -> Description:
        """Return the kernel as words and the targets on the rank as strips."""
        laid = self.rule.laid
        n_out, n_in, n_rows, n_columns = laid.kernel.shape
        strips, starts = self._strips()
        facts = (
            *laid.input_sides, n_in, n_out // laid.groups, n_rows, n_columns,
            *laid.strides, *laid.before, *laid.dilations, *laid.output_sides,
        )  # fmt: skip
        return Description(facts, self._words(), strips, starts, 2 * n_columns)

    def _words(self) -> np.ndarray:
        """Return the kernel as synapse words without targets, int32, in the order of the walk."""
        laid, site = self.rule.laid, self.site
        n_out, n_in, n_rows, n_columns = laid.kernel.shape
        # Entries that apply nowhere need not fit any lane.
        used = np.where(laid.uses > 0, laid.kernel, 0.0)
        quanta, lanes = site.quanta.code(site.projection).encode(used)
        sizes = quanta.astype(np.int64)
        if site.projection.target.model.takes_sizes:
            sizes = np.abs(sizes)
        lane_shift = site.layout.lid_bits + site.layout.core_bits
        words = (sizes << 16) | (lanes.astype(np.int64) << lane_shift)
        # [group, channel o, channel c, row, column] -> [group, c, row, o, column]
        by_group = words.reshape(laid.groups, n_out // laid.groups, n_in, n_rows, n_columns)
        in_order = by_group.transpose(0, 2, 3, 1, 4).ravel()
        return (in_order & 0xFFFFFFFF).astype(np.uint32).view(np.int32)

    def _strips(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the strips, uint32 [strips, 5], by group and row, and the start of each row's."""
        laid = self.rule.laid
        out_rows = laid.output_sides[0]
        per_group = laid.kernel.shape[0] // laid.groups
        parts = [self._strips_of(piece, core) for piece, core in self.site.pieces]
        # Number of the row of each strip, channel * rows + row, and the columns of the table.
        line = np.concatenate([np.zeros(0, np.int64), *(part[0] for part in parts)])
        columns = np.concatenate([np.zeros((0, 4), np.int64), *(part[1] for part in parts)])
        channel, row = line // out_rows, line % out_rows
        key = channel // per_group * out_rows + row
        order = np.lexsort((columns[:, 0], channel, key))
        table = np.column_stack([channel % per_group, columns])[order].astype(np.uint32)
        counts = np.bincount(key, minlength=laid.groups * out_rows)
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.uint32)
        return np.ascontiguousarray(table), starts

    def _strips_of(self, piece: Slice, core_local: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that a slice has a part of, and (first, end, ring start, index) of each."""
        width = self.rule.laid.output_sides[1]
        line = np.arange(piece.start // width, (piece.stop - 1) // width + 1)
        first = np.maximum(line * width, piece.start)
        end = np.minimum((line + 1) * width, piece.stop)
        # Where the sum of the first neuron is: [group | ring index]
        at = self.site.layout.ring_start(core_local, piece.lid_start) + first - piece.start
        ring_start, index = at // RING_SIZE * RING_SIZE, at % RING_SIZE
        return line, np.column_stack([first - line * width, end - line * width, ring_start, index])
