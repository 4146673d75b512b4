"""The verb of the time loop: everything in the outbox goes to where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from distsnn.checks import must_be
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.shared.channels import Counted, InProgram, Posts
from distsnn.errors import CapacityError, DistsnnError, UsageError

if TYPE_CHECKING:
    from distsnn.kernels.loop.program import Program

FABRICS = ("serial", "mesh", "hop", "alltoall", "mesh-messages", "hop-messages")
MAX_PACKETS = (1 << 31) - 1  # MPI counts what it sends in 32 bits


class Carrier(Protocol):
    """One way to move an outbox. inbox: uint32, room for all that can arrive at once."""

    inbox: np.ndarray

    @property
    def posts(self) -> Sequence[Counted]:
        """What it sends through, for the counters."""
        ...

    def move(self) -> int:
        """Move everything and return the number of packets received. Collective."""
        ...


class Fabric:
    """Moves packets between ranks; what the time loop and the reports see of it.

    inbox: uint32; after ``exchange`` returned n, inbox[:n] are the packets, in any order. A time loop
    that is a program of kernels has the same as lines, in two parts between which it may do other
    work: ``add_begin`` and ``add_finish``; carriers that must be called from Python do all in the
    second. carried:
    int64 [2, 4] with ``hop``, else None: packets that this rank passed to its neighbours, by fabric
    bit (the lowest of the fabric's number) and direction (east x + 1, west x - 1, north y - 1, south
    y + 1).
    """

    def __init__(self, name: str, carrier: Carrier) -> None:
        self.name = name
        self.inbox = carrier.inbox
        self.carried: np.ndarray | None = getattr(carrier, "carried", None)
        self.is_open = True
        self.on_close: Callable[[], None] | None = None
        self._carrier = carrier
        self._move = carrier.move
        self._in_program: InProgram | None = getattr(carrier, "in_program", None)
        self._total_s = 0.0

    def exchange(self) -> int:
        """Move everything, empty the outbox, return the number of packets received. Collective."""
        began = perf_counter()
        n = self._move()
        self._total_s += perf_counter() - began
        return n

    def add_begin(self, program: Program) -> None:
        """Add the lines to a program by which the packets of the outbox begin their way."""
        if self._in_program is not None:
            self._in_program.add_begin(program)

    def add_finish(self, program: Program, packets: str) -> None:
        """Add the lines to a program that set its value ``packets`` to the number received.

        They empty the outbox. The program has the values ``again``, ``exchange`` and ``wait`` and adds
        what has passed since the last clock to ``exchange``; waiting that the lines do not tell apart
        is in ``wait_s``.
        """
        if self._in_program is not None:
            self._in_program.add_finish(program, packets)
            return
        values, place = program.values, program.place(packets)

        def move() -> None:
            values[place] = self.exchange()

        program.python(move)

    @property
    def wait_s(self) -> float:
        """Seconds that ``exchange`` has spent so far waiting for other ranks."""
        return sum(post.wait_s for post in self._carrier.posts)

    @property
    def exchange_s(self) -> float:
        """Seconds that ``exchange`` has spent so far moving packets, waiting not included."""
        return max(0.0, self._total_s - self.wait_s)  # of two clocks

    @property
    def messages_sent(self) -> int:
        """Messages (through shared memory: rows that were not empty) sent so far."""
        return sum(int(post.sent[0]) for post in self._carrier.posts)

    @property
    def bytes_sent(self) -> int:
        """Bytes sent so far, lengths and padding of first messages included."""
        return 4 * sum(int(post.sent[1]) for post in self._carrier.posts)

    def close(self) -> None:
        """Give back requests and communicators. Collective."""
        if self.is_open:
            self.is_open = False
            for post in self._carrier.posts:
                post.close()
            if self.on_close is not None:
                self.on_close()


def open_fabric(
    name: str,
    comm: Any,
    grid: tuple[int, int],
    outbox: Outbox,
    *,
    is_torus: bool = False,
    is_watched: bool = True,
) -> Fabric:
    """Return the fabric of that name with all its buffers made. Collective.

    name: one of FABRICS. ``mesh`` and ``hop`` go through shared memory where all ranks are on one
    machine; with ``-messages`` they always send MPI messages. On one rank every name is ``serial``.
    grid: (Px, Py), rank = py * Px + px. is_torus: ``hop`` may go around the edges of the grid.
    is_watched: ranks count on each other while it is open; where it is not, the caller says so around
    exchanges (``comm.counting``).
    """
    error = None
    try:
        _check(name, comm, grid, outbox)
    except DistsnnError as found:
        error = found
    comm.agree(error)
    with comm.counting():
        fabric = _made(name, comm, grid, outbox, is_torus)
    return comm.watch(fabric) if is_watched else fabric


def _made(
    name: str, comm: Any, grid: tuple[int, int], outbox: Outbox, is_torus: bool
) -> Fabric:
    if comm.n_ranks == 1:
        from distsnn.comm.serial import SerialCarrier

        return Fabric("serial", SerialCarrier(outbox))
    kind, _, how = name.partition("-")
    posts = Posts(comm.mpi_comm, comm.is_one_machine, comm.is_crowded, how)
    carrier: Carrier
    if kind == "mesh":
        from distsnn.comm.fabrics.mesh import open_mesh

        carrier = open_mesh(posts, grid, outbox)
    elif kind == "hop":
        from distsnn.comm.fabrics.hop import Hop

        carrier = Hop(posts, grid, outbox, is_torus)
    else:
        from distsnn.comm.fabrics.all_to_all import AllToAll

        carrier = AllToAll(comm.mpi_comm, outbox)
    return Fabric(name, carrier)


def fitting_batch(batch: int, n_packets: int, n_ranks: int) -> int:
    """Return ``batch`` steps between exchanges, or as many as an outbox has room for, at least 1.

    n_packets: the most of a rank in a step.
    """
    if n_ranks == 1:
        return batch
    return max(1, min(batch, MAX_PACKETS // (max(1, n_packets) * (n_ranks + 2))))


def _check(name: str, comm: Any, grid: tuple[int, int], outbox: Outbox) -> None:
    """Raise for what cannot work, before anything collective happens."""
    if name not in FABRICS:
        raise UsageError(f"fabric: is {name!r}, limit {', '.join(FABRICS)}. Choose one of them.")
    if name == "serial" and comm.n_ranks > 1:
        raise UsageError(
            f"fabric serial: has {comm.n_ranks} ranks, limit 1. Use mesh, or start one rank."
        )
    if grid[0] * grid[1] != comm.n_ranks:
        raise UsageError(
            f"rank grid: is {grid[0]} x {grid[1]}, limit {comm.n_ranks} ranks. Use rank_grid."
        )
    beyond = outbox.destinations[(outbox.destinations < 0) | (outbox.destinations >= comm.n_ranks)]
    if beyond.size:
        raise UsageError(
            f"outbox: destination is {beyond[0]}, limit 0 to {comm.n_ranks - 1}. Name ranks."
        )
    if comm.n_ranks == 1 and not outbox.destinations.size:
        return  # nothing is ever sent
    n_most = outbox.capacity * (comm.n_ranks + 2)
    if n_most > MAX_PACKETS:
        limit = f"room for at most {MAX_PACKETS} packets in all"
        remedy = "Make the network smaller."
        raise CapacityError(must_be("outbox", limit, n_most, remedy))
