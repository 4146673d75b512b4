"""Channels, which send rows of words to other ranks: their interface, and the choice between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from distsnn.comm.fabrics.links import Links

if TYPE_CHECKING:
    from distsnn.comm.fabrics.window import WindowChannel
    from distsnn.kernels.loop.program import Program


class Sender(Protocol):
    """What counts its messages. sent: int64 [2], messages and words sent so far."""

    sent: np.ndarray

    @property
    def wait_s(self) -> float:
        """Seconds spent so far waiting for other ranks."""
        ...

    def close(self) -> None:
        """Release what it holds. Collective."""
        ...


class Channel(Sender, Protocol):
    """Sends the rows of an outbox to other ranks. Collective.

    inbox: uint32. starts: int64 [sources + 1]; after an exchange, the words of source s are
    inbox[starts[s]:starts[s + 1]].
    """

    links: Links
    inbox: np.ndarray
    starts: np.ndarray

    def exchange_words(self) -> int:
        """Send all rows, set their counts to 0, return the number of words received. Collective."""
        ...


class ProgramLines(Protocol):
    """An exchange that can be written as lines of a program of kernels, without calls from Python."""

    def add_begin(self, program: Program) -> None:
        """Add the lines that begin to send the outbox."""
        ...

    def add_finish(self, program: Program, words: str) -> None:
        """Add the lines that set the value ``words`` to the number received; see ``Fabric``."""
        ...


class NoLines:
    """The lines for an outbox without rows: none."""

    def add_begin(self, program: Program) -> None:
        """Add no line."""

    def add_finish(self, program: Program, words: str) -> None:
        """Add no line; the value ``words`` stays 0."""


class ChannelFactory:
    """Makes the channels of a fabric, all of the same kind.

    uses_window: through shared memory if that can be allocated, by messages otherwise. is_sleeping:
    whether ranks that wait in shared memory sleep instead of polling.
    """

    def __init__(self, mpi_comm: Any, *, uses_window: bool, is_sleeping: bool) -> None:
        self.mpi_comm = mpi_comm
        self.is_sleeping = is_sleeping
        self.uses_window = uses_window

    def window_between_all(
        self, targets: np.ndarray, limits: np.ndarray, counts: np.ndarray, packets: np.ndarray
    ) -> WindowChannel | None:
        """Return a channel through shared memory, or None; see ``between_all``. Collective."""
        from distsnn.comm.fabrics.window import WindowChannel, window_memory

        memory = window_memory(self.mpi_comm) if self.uses_window else None
        if memory is None:
            return None
        return WindowChannel(
            self.mpi_comm, memory, self.is_sleeping, targets, limits, counts, packets
        )

    def between_all(
        self, targets: np.ndarray, limits: np.ndarray, counts: np.ndarray, packets: np.ndarray
    ) -> Channel:
        """Return a channel over all ranks of the communicator. Collective.

        targets: int64 [rows], the rank that each row is sent to. limits: int64 [rows], maximum number
        of words in a row. counts: int64 [rows]. packets: uint32 [rows, at least the largest limit].
        """
        # imports MPI, which this module must not: serial runs load it too
        from distsnn.comm.fabrics.messages import MessageChannel

        window = self.window_between_all(targets, limits, counts, packets)
        return window or MessageChannel(self.mpi_comm, targets, limits, counts, packets)
