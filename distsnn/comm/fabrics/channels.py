"""Chooses how words get from rank to rank: by MPI messages or through shared memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from distsnn.comm.fabrics.links import Links

if TYPE_CHECKING:
    from distsnn.comm.fabrics.window import WindowChannel
    from distsnn.kernels.loop.program import Program


class Sender(Protocol):
    """Something that sends. sent: int64 [2], messages and words so far."""

    sent: np.ndarray

    @property
    def wait_s(self) -> float:
        """Seconds spent so far waiting for others."""
        ...

    def close(self) -> None:
        """Give back what it holds. Collective."""
        ...


class Channel(Sender, Protocol):
    """Moves the rows of an outbox to other ranks, by ``exchange_words``. Made once, collectively.

    inbox: uint32. starts: int64 [sources + 1], offsets of the words of each source after an exchange.
    """

    links: Links
    inbox: np.ndarray
    starts: np.ndarray

    def exchange_words(self) -> int:
        """Move all rows, set their counts to 0, return the number of words received. Collective."""
        ...


class ProgramLines(Protocol):
    """What can be lines of a program of kernels instead of a call from Python."""

    def add_begin(self, program: Program) -> None:
        """Add lines by which what is sent begins its way."""
        ...

    def add_finish(self, program: Program, words: str) -> None:
        """Add lines that set the value ``words`` to the number received; see ``Fabric``."""
        ...


class NoLines:
    """The lines of a program for an outbox without rows: none."""

    def add_begin(self, program: Program) -> None:
        """Add no line."""

    def add_finish(self, program: Program, words: str) -> None:
        """Add no line; the value ``words`` stays 0."""


class ChannelFactory:
    """Makes channels of one kind on communicators: the choice is made once for a whole fabric."""

    def __init__(self, mpi_comm: Any, *, uses_window: bool, is_sleeping: bool) -> None:
        self.mpi_comm = mpi_comm
        self.is_sleeping = is_sleeping
        self.uses_window = uses_window

    def window_between_all(
        self, targets: np.ndarray, limits: np.ndarray, counts: np.ndarray, packets: np.ndarray
    ) -> WindowChannel | None:
        """Return a channel through shared memory between all ranks, or None. Collective."""
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
        """Return a channel between all ranks. Collective."""
        from distsnn.comm.fabrics.messages import MessageChannel

        window = self.window_between_all(targets, limits, counts, packets)
        return window or MessageChannel(self.mpi_comm, targets, limits, counts, packets)
