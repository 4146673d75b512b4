"""The fabric ``hop-messages``: ``hop`` by MPI messages, even if all ranks are on one machine."""

from __future__ import annotations

from distsnn.comm.fabrics.kinds.hop import Hop
from distsnn.comm.fabrics.transport import Opening, Transport


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``hop-messages``. Collective."""
    return Hop(opening.channels(by_messages=True), opening.ranks, opening.outbox)
