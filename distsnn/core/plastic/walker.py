"""Delivers the rows of plastic synapses, segment by segment, by a calendar of waiting rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distsnn.core.plastic.rows import PlasticRows
from distsnn.kernels import Kernel

MIN_ROOM = 256


class RowWalker:
    """Walks the rows of one projection and processes each segment in the step in which it is due.

    kernel: the rule's kernel ``deliver``. arrays: its arguments after the words. batch: steps between
    exchanges, and thus the most by which a packet can be late.
    """

    def __init__(
        self, kernel: Kernel, rows: PlasticRows, arrays: Sequence[np.ndarray], batch: int
    ) -> None:
        self._kernel, self._rows, self._arrays = kernel, rows, tuple(arrays)
        # The calendar: [buckets, rows per bucket], pointers to rows by the step in which they are due.
        # The number of buckets is a power of 2, so that the bucket of a step is its lowest bits.
        n_buckets = 1 << (rows.longest_delay + batch + 1).bit_length()
        self._n_waiting = np.zeros(n_buckets, dtype=np.int64)
        self._calendar = np.empty((n_buckets, MIN_ROOM), dtype=np.uint32)

    def bind(self, own_axons: np.ndarray, received: np.ndarray) -> None:
        """Bind the kernel to the arrays that hold a step's own axons and received packets."""
        self._inputs = (own_axons, received)
        self._deliver: Callable[..., int] = self._kernel.bind(
            own_axons, received, self._rows.pointers, self._calendar, self._n_waiting,
            self._rows.words, *self._arrays,
        )  # fmt: skip

    def replace_kernel(self, kernel: Kernel) -> None:
        """Process segments with another kernel that takes the same arrays."""
        self._kernel = kernel
        self.bind(*self._inputs)

    def reset(self) -> None:
        """Remove all waiting rows."""
        self._n_waiting.fill(0)

    def deliver(self, t: int, batch_start: int, n_own: int, n_received: int) -> None:
        """Process all segments due at step ``t``; see ``deliver_source`` in ``kernels/plastic``."""
        room = self._deliver(t, batch_start, n_own, n_received)
        if room:  # the calendar is too small; the kernel has changed nothing
            calendar = np.empty((self._calendar.shape[0], 2 * room), dtype=np.uint32)
            calendar[:, : self._calendar.shape[1]] = self._calendar
            self._calendar = calendar
            self.bind(*self._inputs)
            self._deliver(t, batch_start, n_own, n_received)
