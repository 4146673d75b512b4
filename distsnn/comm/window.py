"""Passes the rows of an outbox through memory that all ranks of a machine share."""

from __future__ import annotations

from time import perf_counter
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
POLLS = 300  # about a microsecond; then Python goes on polling, and yields


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
        self._wait_s = 0.0
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
        self._program: Program | None = None
        if self._meeting.is_polling:
            self._program = self._write_program(mpi_comm.rank, n_ranks)
            self._values = self._program.values
            self._run = self._program.bind()

    def _write_program(self, rank: int, n_ranks: int) -> Program:
        """The usual turn, in which everything fits one part, as one call."""
        program = Program(
            "turn", "half", "base", "more at", "header", "room", "zero", "rank", "ranks",
            "left", "words", "again", "wait ns", "ignored",
        )  # fmt: skip
        settings = {"header": self._n_header, "room": self._n_room, "rank": rank, "ranks": n_ranks}
        for name, value in settings.items():
            program.values[program.place(name)] = value
        program.call(self._publish, ("base", "header", "zero", "room"), "left")
        self._has_more = program.stop_if("left")
        program.clock("ignored")
        self._waits = self._meeting.add_to(program, POLLS)
        program.clock("wait ns")
        program.call(self._collect, ("half", "header", "zero", "room"), "words")
        program.call(is_word.bind(self._more), ("more at", "turn"), "again")
        program.stop_if("again")
        program.call(clear.bind(self.counts), (), "ignored")
        self._words, self._wait_ns = program.place("words"), program.place("wait ns")
        return program

    @property
    def wait_s(self) -> float:
        """Seconds spent so far waiting for others."""
        in_program = 0 if self._program is None else self._values[self._wait_ns]
        return self._wait_s + in_program * 1e-9

    def swap(self) -> int:
        """Move all rows and empty them; return the number of words in the inbox. Collective."""
        self.turn += 1
        if self._program is None:
            return self._swap_by_calls()
        turn = self.turn & 0xFFFFFFFF
        values, half = self._values, (turn & 1) * self._half
        values[0], values[1], values[2] = turn, half, half + self._own
        values[3] = (turn & 1) * FLAG_STRIDE
        line = self._run(0)
        if line < 0:
            return values[self._words]
        left = values[self._program.place("left")]
        return self._swap_by_calls(left, is_met=line > self._waits)

    def _swap_by_calls(self, left: int | None = None, is_met: bool = False) -> int:
        """All parts of a turn, or what is left of it.

        left: words that were left when this turn was published, None where that is still to be
        done. is_met: whether the ranks have met since.
        """
        n_header, n_room, first = self._n_header, self._n_room, 0
        while True:
            turn = self.turn & 0xFFFFFFFF
            parity = turn & 1
            half = parity * self._half
            if left is None:
                left = self._publish(half + self._own, n_header, first, n_room)
            if left:
                self._more[parity * FLAG_STRIDE] = turn
            if not is_met:
                before = perf_counter()
                self._meeting.wait(turn)
                self._wait_s += perf_counter() - before
            n_words = self._collect(half, n_header, first, n_room)
            if self._more[parity * FLAG_STRIDE] != turn:
                break
            self.turn += 1
            first += n_room
            left, is_met = None, False
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
