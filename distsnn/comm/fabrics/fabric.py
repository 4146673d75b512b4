"""Fabrics as the time loop sees them: everything in the outbox goes to its destination."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from distsnn.comm.fabrics.transport import Transport

if TYPE_CHECKING:
    from distsnn.kernels.loop.program import Program


class Fabric:
    """Moves packets between ranks; what the time loop and the reports see of it.

    inbox: uint32; after ``exchange`` returned n, inbox[:n] are the packets, in any order. A time loop
    that is a program of kernels has the same as lines, in two parts between which it may do other
    work: ``add_begin`` and ``add_finish``; transports that must be called from Python do all in the
    second. carried: int64 [2, 4] with ``hop``, else None: packets that this rank passed to its
    neighbours, by fabric bit (the lowest of the fabric's number) and direction (east x + 1, west x - 1,
    north y - 1, south y + 1).
    """

    def __init__(self, name: str, transport: Transport) -> None:
        self.name = name
        self.inbox = transport.inbox
        self.carried = transport.carried
        self.is_open = True
        self.on_close: Callable[[], None] | None = None
        self._channels = transport.channels
        self._move = transport.move
        self._program_lines = transport.program_lines
        self._total_s = 0.0

    def exchange(self) -> int:
        """Move everything, empty the outbox, return the number of packets received. Collective."""
        began = perf_counter()
        n = self._move()
        self._total_s += perf_counter() - began
        return n

    def add_begin(self, program: Program) -> None:
        """Add the lines to a program by which the packets of the outbox begin their way."""
        if self._program_lines is not None:
            self._program_lines.add_begin(program)

    def add_finish(self, program: Program, packets: str) -> None:
        """Add the lines to a program that set its value ``packets`` to the number received.

        They empty the outbox. The program has the values ``again``, ``exchange`` and ``wait`` and adds
        what has passed since the last clock to ``exchange``; waiting that the lines do not time
        is in ``wait_s``.
        """
        if self._program_lines is not None:
            self._program_lines.add_finish(program, packets)
            return
        values, place = program.values, program.place(packets)

        def move() -> None:
            values[place] = self.exchange()

        program.python(move)

    @property
    def wait_s(self) -> float:
        """Seconds that ``exchange`` has spent so far waiting for other ranks."""
        return sum(channel.wait_s for channel in self._channels)

    @property
    def exchange_s(self) -> float:
        """Seconds that ``exchange`` has spent so far moving packets, waiting not included."""
        return max(0.0, self._total_s - self.wait_s)  # of two clocks

    @property
    def messages_sent(self) -> int:
        """Messages (through shared memory: rows that were not empty) sent so far."""
        return sum(int(channel.sent[0]) for channel in self._channels)

    @property
    def bytes_sent(self) -> int:
        """Bytes sent so far, lengths and padding of first messages included."""
        return 4 * sum(int(channel.sent[1]) for channel in self._channels)

    def close(self) -> None:
        """Give back requests and communicators. Collective."""
        if self.is_open:
            self.is_open = False
            for channel in self._channels:
                channel.close()
            if self.on_close is not None:
                self.on_close()
