"""Passes the rows of an outbox through memory that all ranks of a machine share."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from distsnn.comm.links import Links
from distsnn.comm.outbox import spread
from distsnn.comm.sharing import MeetingPoint, share
from distsnn.kernels.packing import FLAG_STRIDE, collect, publish

MOST_WORDS = 1 << 22  # of one half of the memory, all ranks together (16 MB)
MOST_REGION_WORDS = 1 << 18
LEAST_ROOM = 1024


class WindowPost:
    """Moves rows of words through shared memory; all ranks meet once for each part.

    Every rank has two regions, used in turn, which hold a table of rows and then their words. Who
    has more words than its region holds says so in ``more``, and all ranks take another turn. A
    region is written again two turns later, when everybody has passed a meeting after reading it.
    Same interface as ``MessagePost``.
    """

    def __init__(
        self,
        mpi_comm: Any,
        memory: Any,
        is_sleeping: bool,
        targets: np.ndarray,
        limits: np.ndarray,
        counts: np.ndarray,
        packets: np.ndarray,
    ) -> None:
        n_ranks = mpi_comm.size
        self.links = Links.exchange(mpi_comm, targets, limits)
        self.counts = counts
        self.inbox = np.empty(max(1, self.links.n_inbox), dtype=np.uint32)
        self.starts = np.zeros(self.links.sources.size + 1, dtype=np.int64)
        self.sent = np.zeros(2, dtype=np.int64)
        self.wait_s = 0.0
        self.turn = 0
        layout = WindowLayout(n_ranks)
        self._n_header, self._n_room = layout.n_header, layout.n_room
        self._half = n_ranks * layout.n_region
        self._own = mpi_comm.rank * layout.n_region
        self._meeting = MeetingPoint(mpi_comm, memory, 0, is_sleeping)
        self._more = np.frombuffer(memory, np.uint32, 2 * FLAG_STRIDE, layout.more_at)
        window = np.frombuffer(memory, np.uint32, 2 * self._half, layout.window_at)
        self._publish = publish.bind(counts, packets, window, self.sent)
        self._collect = collect.bind(
            self.links.sources * layout.n_region,
            self.links.source_rows,
            window,
            self.starts,
            self.inbox,
        )

    def swap(self) -> int:
        """Move all rows and empty them; return the number of words in the inbox. Collective."""
        n_header, n_room, first = self._n_header, self._n_room, 0
        while True:
            self.turn += 1
            turn = self.turn & 0xFFFFFFFF
            parity = turn & 1
            half = parity * self._half
            if self._publish(half + self._own, n_header, first, n_room):
                self._more[parity * FLAG_STRIDE] = turn
            before = perf_counter()
            self._meeting.wait(turn)
            self.wait_s += perf_counter() - before
            n_words = self._collect(half, n_header, first, n_room)
            if self._more[parity * FLAG_STRIDE] != turn:
                break
            first += n_room
        self.counts.fill(0)
        return n_words

    def close(self) -> None:
        """The memory goes with the last array that uses it."""


class WindowLayout:
    """Where things lie in the shared memory of n_ranks ranks; sizes in words, places in bytes."""

    def __init__(self, n_ranks: int) -> None:
        self.n_header = n_ranks + 2
        wanted = max(LEAST_ROOM + self.n_header, min(MOST_WORDS // n_ranks, MOST_REGION_WORDS))
        self.n_region = spread(wanted)
        self.n_room = self.n_region - self.n_header
        self.more_at = MeetingPoint.size_bytes(n_ranks)
        self.window_at = self.more_at + 2 * 4 * FLAG_STRIDE
        self.n_bytes = self.window_at + 4 * 2 * n_ranks * self.n_region


def window_memory(mpi_comm: Any) -> Any:
    """Return shared memory for a ``WindowPost`` of all ranks, or None. Collective."""
    return share(mpi_comm, WindowLayout(mpi_comm.size).n_bytes)
