"""Passes the rows of an outbox through memory that all ranks of a machine share."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm.fabrics.links import Links
from distsnn.comm.fabrics.outbox import padded_words
from distsnn.comm.shared.memory import BARRIER_BYTES, Barrier, allocate_shared
from distsnn.kernels.comm.window import FLAG_STRIDE, collect, has_next_part, new_state, publish
from distsnn.kernels.loop.program import Program

MAX_WORDS = 1 << 22  # of one half of the memory, all ranks together (16 MB)
MAX_REGION_WORDS = 1 << 18
MIN_ROOM = 1024


class WindowChannel:
    """Moves rows of words through shared memory, with one barrier for each part.

    Every rank has two regions, used alternately, which hold its flag, a table of rows, then words. A
    rank with more words than its region holds sets ``more``, and all ranks go through another round. A
    region is written again two rounds later, when all ranks have passed a barrier after reading it.
    Same interface as ``MessageChannel``; in a program, what is sent may begin its way some lines before
    this rank waits for what it receives.
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
        self.inbox = np.empty(max(1, self.links.n_inbox), dtype=np.uint32)
        self.starts = np.zeros(self.links.sources.size + 1, dtype=np.int64)
        self.sent = np.zeros(2, dtype=np.int64)
        layout = WindowLayout(n_ranks)
        half = n_ranks * layout.n_region
        own = mpi_comm.rank * layout.n_region
        state = new_state(layout.n_header, layout.n_room, half, own)
        more = np.frombuffer(memory, np.uint32, 2 * FLAG_STRIDE, layout.more_at)
        window = np.frombuffer(memory, np.uint32, 2 * half, layout.window_at)
        halves = window.reshape(2, n_ranks, layout.n_region)
        self._barrier = Barrier(mpi_comm, memory, 0, None if is_sleeping else halves)
        self._publish = publish.bind(state, counts, packets, window, more, self.sent)
        regions = self.links.sources * layout.n_region
        self._collect = collect.bind(
            state, regions, self.links.source_rows, window, self.starts, self.inbox
        )
        self._has_next_part = has_next_part.bind(state, more)
        self._program = Program("words", "again", "exchange", "wait")
        self._program.clock("ignored")
        self.add_begin(self._program)
        self._program.clock("exchange")
        self.add_finish(self._program, "words")
        self._program.bind()
        self._words = self._program.place("words")

    def add_begin(self, program: Program) -> None:
        """Add to a program that all rows are sent, and emptied if there was room."""
        program.call(self._publish)
        self._barrier.add_arrive(program)

    def add_finish(self, program: Program, words: str) -> None:
        """Add to a program that the number of words in the inbox becomes its value ``words``.

        The program has the values ``again``, ``exchange`` and ``wait``, has read the clock
        before and adds what has passed since to ``exchange``.
        """
        round_start = program.here
        self._barrier.add_wait(program)
        program.clock("wait")
        program.call(self._collect, result=words)
        program.call(self._has_next_part, result="again")
        over = program.jump_unless("again")
        self.add_begin(program)
        program.clock("exchange")
        program.jump_if(to=round_start)
        program.land(over)

    @property
    def wait_s(self) -> float:
        """Seconds that ``exchange_words`` has spent so far waiting for others."""
        return self._program.seconds("wait")

    def exchange_words(self) -> int:
        """Move all rows and empty them; return the number of words in the inbox. Collective."""
        self._program.run()
        return self._program.values[self._words]

    def close(self) -> None:
        """The memory goes with the last array that uses it."""


class WindowLayout:
    """Layout of the shared memory of n_ranks ranks; sizes in words, offsets in bytes."""

    def __init__(self, n_ranks: int) -> None:
        self.n_header = n_ranks + 2
        wanted = max(MIN_ROOM + self.n_header, min(MAX_WORDS // n_ranks, MAX_REGION_WORDS))
        self.n_region = padded_words(wanted)
        self.n_room = self.n_region - self.n_header
        self.more_at = BARRIER_BYTES
        self.window_at = self.more_at + 2 * 4 * FLAG_STRIDE
        self.n_bytes = self.window_at + 4 * 2 * n_ranks * self.n_region


def window_memory(mpi_comm: Any) -> Any:
    """Return shared memory for a ``WindowChannel`` of all ranks, or None. Collective."""
    return allocate_shared(mpi_comm, WindowLayout(mpi_comm.size).n_bytes)
