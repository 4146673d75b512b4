"""Opens a fabric by its name; the names are those of the files in ``kinds``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from distsnn.checks import choice, must_be
from distsnn.comm.fabrics.fabric import Fabric
from distsnn.comm.fabrics.kinds.serial import SerialTransport
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport
from distsnn.errors import CapacityError, DistsnnError, UsageError
from distsnn.kernels.mesh.routing import RoutingOrder, load_routing
from distsnn.mesh import Mesh
from distsnn.named_files import named_files

FILES = named_files("comm/fabrics/kinds")
FABRICS = tuple(FILES)
MAX_PACKETS = (1 << 31) - 1  # MPI counts what it sends in 32 bits


def open_fabric(
    name: str,
    comm: Any,
    grid: tuple[int, int],
    outbox: Outbox,
    *,
    is_torus: bool = False,
    is_watched: bool = True,
    order: RoutingOrder | None = None,
) -> Fabric:
    """Return the fabric of that name with all its buffers made. Collective.

    name: one of FABRICS. ``mesh`` and ``hop`` go through shared memory if all ranks are on one
    machine; with ``-messages`` they always send MPI messages. On one rank every name is ``serial``.
    grid: (Px, Py), rank = py * Px + px. is_torus: ``hop`` may go around the edges of the grid; order:
    by which it routes, X first by default. is_watched: ranks count on each other while it is open; if
    it is not, the caller marks exchanges itself (``comm.communicating``).

    Raises UsageError for a wrong request, CapacityError for an outbox that is too large.
    """
    error = None
    try:
        _check(name, comm, grid, outbox)
    except DistsnnError as wrong:
        error = wrong
    comm.agree(error)
    ranks = Mesh(*grid, is_torus, order or load_routing())
    with comm.communicating():
        fabric = _opened(name, Opening(comm, ranks, outbox))
    return comm.watch(fabric) if is_watched else fabric


def _opened(name: str, opening: Opening) -> Fabric:
    """Return the fabric; modules that load MPI are imported here."""
    if opening.comm.n_ranks == 1:
        return Fabric("serial", SerialTransport(opening.outbox))
    kind = import_module(f"distsnn.comm.fabrics.kinds.{FILES[name]}")
    transport: Transport = kind.open_transport(opening)
    return Fabric(name, transport)


def fitting_batch(batch: int, n_packets: int, n_ranks: int) -> int:
    """Return ``batch`` steps between exchanges, or as many as an outbox has room for, at least 1.

    n_packets: the most that a rank sends in a step.
    """
    if n_ranks == 1:
        return batch
    return max(1, min(batch, MAX_PACKETS // (max(1, n_packets) * (n_ranks + 2))))


def _check(name: str, comm: Any, grid: tuple[int, int], outbox: Outbox) -> None:
    """Raise for what cannot work, before anything collective happens."""
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
    n_most = outbox.capacity * (comm.n_ranks + 2)
    if n_most > MAX_PACKETS:
        limit = f"room for at most {MAX_PACKETS} packets in all"
        remedy = "Make the network smaller."
        raise CapacityError(must_be("outbox", limit, n_most, remedy))
