"""The interface of transports, which move the packets of a fabric, and what they are opened with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from distsnn.comm.fabrics.channels import ChannelFactory, ProgramLines, Sender
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.mesh import Mesh

if TYPE_CHECKING:
    from distsnn.comm.interface import Comm


class Transport(Protocol):
    """One way to send the packets of an outbox to other ranks. Collective.

    inbox: uint32, with room for all packets of one exchange; inbox[:n] after ``move`` returned n.
    senders: what it sends through, for the counters of the fabric. program_lines: the exchange as lines
    of a program, or None if it must be called from Python. carried: see ``Fabric``; None for a
    transport that does not forward packets from neighbour to neighbour.
    """

    inbox: np.ndarray
    senders: Sequence[Sender]
    program_lines: ProgramLines | None = None
    carried: np.ndarray | None = None

    def move(self) -> int:
        """Send all packets, empty the outbox, return the number of packets received. Collective."""
        ...


@dataclass(frozen=True)
class Opening:
    """What a transport is opened with.

    comm: the ranks of the run. ranks: their grid as a mesh with the routing order of the chip;
    rank = y * width + x. outbox: the packets to be sent.
    """

    comm: Comm
    ranks: Mesh
    outbox: Outbox

    @property
    def grid(self) -> tuple[int, int]:
        """The numbers of ranks along x and y, (Px, Py)."""
        return self.ranks.width, self.ranks.height

    def channels(self, *, by_messages: bool = False) -> ChannelFactory:
        """Return a factory of channels: through shared memory if all ranks are on one machine.

        by_messages: send MPI messages in any case.
        """
        comm = self.comm
        uses_window = comm.is_one_machine and not by_messages
        return ChannelFactory(
            comm.mpi_comm, uses_window=uses_window, is_sleeping=comm.is_oversubscribed
        )
