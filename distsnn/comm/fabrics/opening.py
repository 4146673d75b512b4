"""Opens a fabric by its name, which is that of a file in ``kinds``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from distsnn.checks import choice, must_be
from distsnn.comm.fabrics.fabric import Fabric
from distsnn.comm.fabrics.kinds.serial import SerialTransport
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport
from distsnn.errors import CapacityError, DistsnnError, UsageError
from distsnn.kernels.mesh.routing import RoutingOrder, load_routing
from distsnn.mesh import Mesh
from distsnn.named_files import named_files

if TYPE_CHECKING:
    from distsnn.comm.interface import Comm

FILES = named_files("comm/fabrics/kinds")
FABRICS = tuple(FILES)
MAX_PACKETS = (1 << 31) - 1  # MPI counts what it sends in 32 bits


def open_fabric(
    name: str,
    comm: Comm,
    grid: tuple[int, int],
    outbox: Outbox,
    *,
    is_torus: bool = False,
    is_watched: bool = True,
    order: RoutingOrder | None = None,
) -> Fabric:
    """Return an open fabric with all its buffers allocated. Collective.

    name: one of FABRICS. ``mesh`` and ``hop`` use shared memory if all ranks are on one machine;
    ``mesh-messages`` and ``hop-messages`` always send MPI messages. One rank always gets ``serial``.
    grid: numbers of ranks (Px, Py); rank = py * Px + px. is_torus: whether ``hop`` may go around the
    edges of the grid. order: the routing order of ``hop``, X-Y by default. is_watched: treat all that
    follows as ``Comm.communicating`` until the fabric is closed; otherwise the caller marks the
    exchanges.

    Raises UsageError for a name, grid or destination that does not fit the ranks, CapacityError for an
    outbox that is too large.
    """
    # checked before the handshake, so that all ranks raise the error of any of them
    error = None
    try:
        _check(name, comm, grid, outbox)
    except DistsnnError as caught:
        error = caught
    comm.agree(error)
    ranks = Mesh(*grid, is_torus, order or load_routing())
    with comm.communicating():
        fabric = _opened(name, Opening(comm, ranks, outbox))
    return comm.watch(fabric) if is_watched else fabric


def _opened(name: str, opening: Opening) -> Fabric:
    """Return the fabric of that name, importing its module, which may load MPI."""
    if opening.comm.n_ranks == 1:
        return Fabric("serial", SerialTransport(opening.outbox))
    kind = import_module(f"distsnn.comm.fabrics.kinds.{FILES[name]}")
    transport: Transport = kind.open_transport(opening)
    return Fabric(name, transport)


def fitting_batch(batch: int, n_packets: int, n_ranks: int) -> int:
    """Return the number of steps between exchanges, at least 1.

    It is ``batch``, or fewer if the outbox would be too large. n_packets: maximum number of packets
    that a rank sends in a step.
    """
    if n_ranks == 1:
        return batch
    return max(1, min(batch, MAX_PACKETS // (max(1, n_packets) * (n_ranks + 2))))


def _check(name: str, comm: Comm, grid: tuple[int, int], outbox: Outbox) -> None:
    """Raise an error for a wrong request, before any communication."""
    choice("fabric", name, FABRICS)
    if name == "serial" and comm.n_ranks > 1:
        remedy = "Use mesh, or start one rank."
        raise UsageError(must_be("fabric serial", "on 1 rank", comm.n_ranks, remedy))
    if grid[0] * grid[1] != comm.n_ranks:
        got = f"{grid[0]} x {grid[1]}"
        raise UsageError(must_be("rank grid", f"of {comm.n_ranks} ranks", got, "Use rank_grid."))
    beyond = outbox.destinations[(outbox.destinations < 0) | (outbox.destinations >= comm.n_ranks)]
    if beyond.size:
        limit = f"a rank from 0 to {comm.n_ranks - 1}"
        raise UsageError(must_be("outbox: destination", limit, beyond[0], "Name ranks."))
    if comm.n_ranks == 1 and not outbox.destinations.size:
        return  # nothing is ever sent
    n_max = outbox.capacity * (comm.n_ranks + 2)
    if n_max > MAX_PACKETS:
        limit = f"room for at most {MAX_PACKETS} packets in all"
        remedy = "Make the network smaller."
        raise CapacityError(must_be("outbox", limit, n_max, remedy))
