"""A channel that sends the rows of an outbox through memory that all ranks of a machine share."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.comm.fabrics.links import Links
from distsnn.comm.fabrics.outbox import padded_words
from distsnn.comm.shared.barrier import BARRIER_BYTES, Barrier
from distsnn.comm.shared.memory import allocate_shared
from distsnn.kernels.comm.barrier import FLAG_STRIDE
from distsnn.kernels.comm.window import collect, has_next_part, new_state, publish
from distsnn.kernels.loop.program import Program

MAX_WORDS = 1 << 22  # the regions of all ranks for one parity of rounds (16 MB)
MAX_REGION_WORDS = 1 << 18
MIN_ROOM = 1024  # words of a part of a stream


class WindowChannel:
    """Sends rows in rounds with one barrier each; see ``Channel`` and ``ChannelFactory.between_all``.

    A round: every rank writes its rows, or as much of them as fits, into its region of the memory; at
    the barrier it waits for the others; then it copies the words that are meant for it. If any rank has
    words left, all go through another round. Each rank has two regions, for even and for odd rounds: it
    writes one again two rounds later, when all ranks have passed a barrier after reading it. In a
    program there may be other lines between the writing and the barrier.

    memory: that of ``window_memory``. is_sleeping: see ``ChannelFactory``.
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
        # the shared memory, and this rank's part of it
        layout = WindowLayout(n_ranks)
        half = n_ranks * layout.n_region
        own = mpi_comm.rank * layout.n_region
        state = new_state(layout.n_header, layout.n_room, half, own)
        more = np.frombuffer(memory, np.uint32, 2 * FLAG_STRIDE, layout.more_at)
        window = np.frombuffer(memory, np.uint32, 2 * half, layout.window_at)
        halves = window.reshape(2, n_ranks, layout.n_region)
        # stages of a round: publish, barrier, collect, test for a next part
        self._barrier = Barrier(mpi_comm, memory, 0, None if is_sleeping else halves)
        self._publish = publish.bind(state, counts, packets, window, more, self.sent)
        regions = self.links.sources * layout.n_region
        self._collect = collect.bind(
            state, regions, self.links.source_rows, window, self.starts, self.inbox
        )
        self._has_next_part = has_next_part.bind(state, more)
        # the same lines, as a program of their own for calls from Python
        self._program = Program("words", "again", "exchange", "wait")
        self._program.clock("ignored")
        self.add_begin(self._program)
        self._program.clock("exchange")
        self.add_finish(self._program, "words")
        self._program.bind()
        self._words_index = self._program.place("words")

    def add_begin(self, program: Program) -> None:
        """Add the lines that write the first part of the rows and arrive at the barrier."""
        program.call(self._publish)
        self._barrier.add_arrive(program)

    def add_finish(self, program: Program, words: str) -> None:
        """Add the lines that finish the exchange and set the value ``words`` to the number received.

        The program has the values ``again``, ``exchange`` and ``wait`` and has read its clock
        before; the lines add waits to ``wait`` and the other times to ``exchange``.
        """
        # do: wait, collect, publish the next part; while any rank has one
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
        """Seconds that ``exchange_words`` has spent so far waiting for other ranks."""
        return self._program.seconds("wait")

    def exchange_words(self) -> int:
        """Send all rows and empty them; return the number of words in the inbox. Collective."""
        self._program.run()
        return self._program.values[self._words_index]

    def close(self) -> None:
        """Do nothing: the memory is released with the last array that uses it."""


class WindowLayout:
    """Layout of the shared memory of a window; sizes ``n_...`` in words, offsets in bytes.

    The memory holds, one after the other: wake-up words or POSIX barrier; one ``more`` word for each
    parity, on cache lines of their own; regions uint32 [2, ranks, n_region], laid out as in
    ``kernels.comm.window``.
    """

    def __init__(self, n_ranks: int) -> None:
        self.n_header = n_ranks + 2  # flag, offset of at most n_ranks rows, length of the stream
        # as large as the limits allow, but with room for MIN_ROOM words
        n_wanted = max(MIN_ROOM + self.n_header, min(MAX_WORDS // n_ranks, MAX_REGION_WORDS))
        self.n_region = padded_words(n_wanted)
        self.n_room = self.n_region - self.n_header
        self.more_at = BARRIER_BYTES
        self.window_at = self.more_at + 2 * 4 * FLAG_STRIDE
        self.n_bytes = self.window_at + 4 * 2 * n_ranks * self.n_region


def window_memory(mpi_comm: Any) -> Any:
    """Return the shared memory of a ``WindowChannel``, or None on every rank. Collective."""
    return allocate_shared(mpi_comm, WindowLayout(mpi_comm.size).n_bytes)
