"""Passes the rows of an outbox through memory that all ranks of a machine share."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm.links import Links
from distsnn.comm.outbox import spread
from distsnn.comm.sharing import MeetingPoint, share
from distsnn.kernels.packing import FLAG_STRIDE, clear, collect, is_word, publish
from distsnn.kernels.program import Program

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
        self._write_program(mpi_comm.rank, n_ranks)

    def _write_program(self, rank: int, n_ranks: int) -> None:
        """A part of a turn, in which Python has a part only where words are left or ranks wait."""
        self._program = program = Program(
            "turn", "half", "base", "more at", "first", "header", "room", "rank", "ranks",
            "left", "words", "again", "wait ns", "ignored",
        )  # fmt: skip
        settings = {"header": self._n_header, "room": self._n_room, "rank": rank, "ranks": n_ranks}
        for name, value in settings.items():
            program.values[program.place(name)] = value
        program.call(self._publish, ("base", "header", "first", "room"), "left")
        self._line_left = program.stop_if("left")
        program.clock("ignored")
        self._line_meet = self._meeting.add_to(program)
        program.clock("wait ns")
        program.call(self._collect, ("half", "header", "first", "room"), "words")
        program.call(is_word.bind(self._more), ("more at", "turn"), "again")
        program.stop_if("again")
        program.call(clear.bind(self.counts), (), "ignored")
        self._words, self._wait_ns = program.place("words"), program.place("wait ns")
        self._run = program.bind()

    @property
    def wait_s(self) -> float:
        """Seconds spent so far waiting for others."""
        return self._program.values[self._wait_ns] * 1e-9

    def swap(self) -> int:
        """Move all rows and empty them; return the number of words in the inbox. Collective."""
        first = 0
        line = self._begin_part(first)
        while line >= 0:
            if line == self._line_left:
                self._more[(self.turn & 1) * FLAG_STRIDE] = self.turn & 0xFFFFFFFF
                line = self._run(line + 1)
            elif line == self._line_meet:
                self._meeting.wait(self.turn & 0xFFFFFFFF)
                line = self._run(line + 1)
            else:
                first += self._n_room
                line = self._begin_part(first)
        return self._program.values[self._words]

    def _begin_part(self, first: int) -> int:
        self.turn += 1
        parity, values = self.turn & 1, self._program.values
        half = parity * self._half
        # in the order of the program's names
        values[0], values[1], values[2] = self.turn & 0xFFFFFFFF, half, half + self._own
        values[3], values[4] = parity * FLAG_STRIDE, first
        return self._run(0)

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
