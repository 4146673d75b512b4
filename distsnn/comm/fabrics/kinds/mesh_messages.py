"""The fabric ``mesh-messages``: ``mesh`` by MPI messages, even if all ranks are on one machine."""

from __future__ import annotations

from distsnn.comm.fabrics.kinds.mesh import open_mesh
from distsnn.comm.fabrics.transport import Opening, Transport


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``mesh-messages``. Collective."""
    return open_mesh(opening.channels(by_messages=True), opening.grid, opening.outbox)
