"""A fabric as the time loop and the reports see it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from distsnn.comm.fabrics.transport import Transport

if TYPE_CHECKING:
    from distsnn.kernels.loop.program import Program


class Fabric:
    """Sends the packets of an outbox to their destination ranks, and counts what it does.

    A time loop calls ``exchange``, or, if it is a program of kernels, has the lines of ``add_begin``
    and ``add_finish``, between which it may do other work. Transports that must be called from Python
    do everything in the second.

    inbox: uint32; after an exchange of n packets, inbox[:n] in any order. carried: int64 [2, 4] with
    ``hop``, else None: packets that this rank sent to its neighbours, by fabric bit (the lowest of the
    number of the physical fabric) and by direction: east (x + 1), west (x - 1), north (y - 1), south
    (y + 1).
    """

    def __init__(self, name: str, transport: Transport) -> None:
        self.name = name
        self.inbox = transport.inbox
        self.carried = transport.carried
        self.is_open = True
        self.on_close: Callable[[], None] | None = None
        self._senders = transport.senders
        self._move = transport.move
        self._program_lines = transport.program_lines
        # seconds in ``exchange``; a program adds up the times of its lines itself
        self._total_s = 0.0

    def exchange(self) -> int:
        """Send all packets, empty the outbox, return the number of packets received. Collective."""
        began = perf_counter()
        n = self._move()
        self._total_s += perf_counter() - began
        return n

    def add_begin(self, program: Program) -> None:
        """Add to a program the lines that begin to send the packets of the outbox."""
        if self._program_lines is not None:
            self._program_lines.add_begin(program)

    def add_finish(self, program: Program, packets: str) -> None:
        """Add to a program the lines that set its value ``packets`` to the number received.

        They empty the outbox. The program has the values ``again``, ``exchange`` and ``wait``; the
        lines add the time since its last clock to ``exchange``. Waits that they do not time are in
        ``wait_s``.
        """
        if self._program_lines is not None:
            self._program_lines.add_finish(program, packets)
            return
        values, index = program.values, program.place(packets)

        def move() -> None:
            values[index] = self.exchange()

        program.python(move)

    @property
    def wait_s(self) -> float:
        """Seconds that exchanges have spent so far waiting for other ranks."""
        return sum(sender.wait_s for sender in self._senders)

    @property
    def exchange_s(self) -> float:
        """Seconds that ``exchange`` has spent so far sending packets, without waits."""
        return max(0.0, self._total_s - self.wait_s)  # the difference of two clocks may be negative

    @property
    def messages_sent(self) -> int:
        """Messages sent so far; through shared memory, rows that were not empty."""
        return sum(int(sender.sent[0]) for sender in self._senders)

    @property
    def bytes_sent(self) -> int:
        """Bytes sent so far, including lengths and the padding of first messages."""
        return 4 * sum(int(sender.sent[1]) for sender in self._senders)

    def close(self) -> None:
        """Free requests and communicators. Collective."""
        if self.is_open:
            # a second call does nothing, so that it may be registered with atexit
            self.is_open = False
            for sender in self._senders:
                sender.close()
            if self.on_close is not None:
                self.on_close()
