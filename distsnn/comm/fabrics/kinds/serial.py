"""The fabric ``serial``: one rank, whose packets are copied from its outbox to its inbox."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from distsnn.comm.fabrics.channels import NoLines, Sender
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport


class SerialTransport(Transport):
    """Copies the row for rank 0, if there is one, from the outbox to the inbox."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.program_lines = None if outbox.destinations.size else NoLines()
        self.inbox = np.empty(outbox.packets.size or 1, dtype=np.uint32)
        self.senders: Sequence[Sender] = ()

    def move(self) -> int:
        """Copy all packets; see ``Transport``."""
        n = 0
        for row, count in enumerate(self.outbox.counts):
            self.inbox[n : n + count] = self.outbox.packets[row, :count]
            n += int(count)
        self.outbox.counts.fill(0)
        return n


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``serial``."""
    return SerialTransport(opening.outbox)
