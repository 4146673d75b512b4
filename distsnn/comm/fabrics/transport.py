"""What a fabric is made of: a transport, and what it gets when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.channels import ChannelFactory, Sender, ProgramLines
from distsnn.mesh import Mesh


class Transport(Protocol):
    """One way to move the packets of an outbox to other ranks. Made once, collectively.

    inbox: uint32, room for all that can arrive at once; after ``move`` returned n, inbox[:n] are the
    packets. channels: what it sends through, for the counters. program_lines: the same as lines of a
    program of kernels, None if it must be called from Python. carried: see ``Fabric``, None if it does
    not pass packets on from neighbour to neighbour.
    """

    inbox: np.ndarray
    channels: Sequence[Sender]
    program_lines: ProgramLines | None = None
    carried: np.ndarray | None = None

    def move(self) -> int:
        """Move everything, empty the outbox, return the number of packets received. Collective."""
        ...


@dataclass(frozen=True)
class Opening:
    """What a transport is opened with.

    comm: the ranks of the run. ranks: their grid as a mesh, with the routing order of the chip;
    rank = y * width + x.
    """

    comm: Any
    ranks: Mesh
    outbox: Outbox

    @property
    def grid(self) -> tuple[int, int]:
        """Return (Px, Py)."""
        return self.ranks.width, self.ranks.height

    def channels(self, *, by_messages: bool = False) -> ChannelFactory:
        """Return channels between ranks: through shared memory if all ranks are on one machine."""
        comm = self.comm
        uses_window = comm.is_one_machine and not by_messages
        return ChannelFactory(comm.mpi_comm, uses_window=uses_window, is_sleeping=comm.is_oversubscribed)
