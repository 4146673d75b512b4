"""The fabric ``hop``: from neighbour to neighbour, as the routers of the chip forward packets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.checks import must_be
from distsnn.comm.fabrics.channels import Channel, ChannelFactory, Sender
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport
from distsnn.errors import UsageError
from distsnn.kernels.comm.forwarding import forward, inject
from distsnn.kernels.mesh.routing import EAST, NORTH, SOUTH, WEST, routed
from distsnn.mesh import Mesh, Run, route

RECORD_WORDS = 2  # destination rank and number of packets, before the packets
X_AXIS, Y_AXIS = range(2)
AXIS_OF = {EAST: X_AXIS, WEST: X_AXIS, NORTH: Y_AXIS, SOUTH: Y_AXIS}
Route = tuple[Run, ...]


class Hop(Transport):
    """Stores and forwards packets over the grid of ranks, by the routing order of the chip.

    Neighbours send each other records [destination rank, number of packets, packets]. An exchange is a
    fixed sequence of rounds; in each of them every rank sends what it holds for its neighbours on one
    axis. The sequence contains the hops of every route in their order, so all packets have arrived at
    its end. carried: int64 [2, 4], see ``Fabric``.
    """

    def __init__(self, channels: ChannelFactory, ranks: Mesh, outbox: Outbox) -> None:
        mpi_comm = channels.mpi_comm
        own_rank = mpi_comm.rank
        routes = [route(ranks, own_rank, int(target)) for target in outbox.destinations]
        rounds = common_rounds(mpi_comm.allgather(longest_runs(routes)))
        # buffers: the largest round of each link, and the largest exchange
        words = _words_of_rounds(mpi_comm, ranks, routes, rounds, outbox.capacity + RECORD_WORDS)
        self.carried = np.zeros((2, 4), dtype=np.int64)
        self.inbox = np.empty(max(1, _max_received(mpi_comm, outbox)), dtype=np.uint32)
        # the first two directions are east and west, the other two north and south
        east_west = _neighbours(ranks, own_rank, (EAST, WEST), words)
        north_south = _neighbours(ranks, own_rank, (NORTH, SOUTH), words)
        x_rows, x_channel = _axis_channel(channels, east_west, int(words[:2].max(initial=0)))
        y_rows, y_channel = _axis_channel(channels, north_south, int(words[2:].max(initial=0)))
        self.senders: Sequence[Sender] = (x_channel, y_channel)
        # of this rank: size of the grid, coordinates, whether it is a torus
        self._position = (ranks.width, ranks.height, *ranks.xy(own_rank), int(ranks.wrap))
        # what all kernels of the router share: buffers of the links, inbox, counters
        router = (*x_rows, *y_rows, self.inbox, self.carried)
        outgoing = (outbox.destinations, outbox.counts, outbox.packets)
        self._inject = routed(inject, ranks.order).bind(*outgoing, *router)
        forward_in_order = routed(forward, ranks.order)
        # by axis: the channel, and the kernel that forwards what has arrived through it
        axes = [(c, forward_in_order.bind(c.inbox, *router)) for c in (x_channel, y_channel)]
        self._rounds = [axes[axis] for axis in rounds]

    def move(self) -> int:
        """Send all packets; see ``Transport``. Collective."""
        n_arrived = self._inject(*self._position)
        for channel, forward_records in self._rounds:
            n_arrived = forward_records(channel.exchange_words(), n_arrived, *self._position)
        return n_arrived


def longest_runs(routes: list[Route]) -> dict[tuple[int, ...], list[int]]:
    """Return, for each sequence of axes among the routes, the maximum length of each straight run."""
    longest: dict[tuple[int, ...], list[int]] = {}
    for runs in routes:
        axes = tuple(AXIS_OF[run.direction] for run in runs)
        so_far = longest.setdefault(axes, [0] * len(runs))
        longest[axes] = [max(n, run.length) for n, run in zip(so_far, runs, strict=True)]
    return longest


def common_rounds(of_ranks: list[dict[tuple[int, ...], list[int]]]) -> list[int]:
    """Return a sequence of axes that contains the hops of every route, in their order.

    of_ranks: the longest runs of the routes of each rank. Each round takes the axis that the routes
    with most runs left need next, and X if they need both: with X-Y routing all rounds of X come first.
    """
    longest: dict[tuple[int, ...], list[int]] = {}
    for of_rank in of_ranks:
        for axes, lengths in of_rank.items():
            so_far = longest.setdefault(axes, [0] * len(axes))
            longest[axes] = [max(pair) for pair in zip(so_far, lengths, strict=True)]
    # what is left of each kind of route: [axis, links] of each run
    left = [[[a, n] for a, n in zip(axes, longest[axes], strict=True)] for axes in longest]
    rounds: list[int] = []
    while left := [runs for runs in left if runs]:
        max_runs = max(len(runs) for runs in left)
        axis = min(runs[0][0] for runs in left if len(runs) == max_runs)
        rounds.append(axis)
        for runs in left:
            if runs[0][0] == axis:  # the round serves the next hop of these routes too
                runs[0][1] -= 1
                if runs[0][1] == 0:
                    del runs[0]
    return rounds


def _words_of_rounds(
    mpi_comm: Any, ranks: Mesh, routes: list[Route], rounds: list[int], per_record: int
) -> np.ndarray:
    """Return the maximum number of words of a round on each link, int64 [4, ranks]. Collective.

    rounds: axis of each round. per_record: maximum number of words of a record. The links of a rank are
    in the order of the directions.
    """
    words = np.zeros((len(rounds), 4, ranks.n_nodes), dtype=np.int64)
    for runs in routes:
        k = 0
        for direction, node, length in runs:
            for _ in range(length):
                # the record waits at the node for the next round of its axis
                k = rounds.index(AXIS_OF[direction], k)
                words[k, direction, node] += per_record
                node = ranks.neighbour(node, direction)
                k += 1
    mpi_comm.Allreduce(MPI.IN_PLACE, words, MPI.SUM)
    return np.asarray(words.max(axis=0, initial=0))


def _neighbours(
    ranks: Mesh, own_rank: int, directions: tuple[int, int], words: np.ndarray
) -> list[int | None]:
    """Return the ranks next to this one in two directions, None where no packet is ever sent.

    In a ring of two ranks both links lead to the same rank, and routes use the one east or south.
    Raises UsageError for a routing order that uses the other one.
    """
    positive = {EAST, SOUTH}  # x + 1 and y + 1
    # neighbour() is -1 at an edge
    neighbours: list[int | None] = [
        None if (rank := ranks.neighbour(own_rank, direction)) < 0 else rank
        for direction in directions
    ]
    if neighbours[0] == neighbours[1]:
        neighbours = [
            rank if direction in positive else None
            for rank, direction in zip(neighbours, directions, strict=True)
        ]
        unused = min(set(directions) - positive)
        if words[unused].any():
            limit = "east or south between the two nodes of a ring"
            raise UsageError(must_be("routing order", limit, "west or north", "Change its leg."))
    return neighbours


def _axis_channel(
    channels: ChannelFactory, neighbours: list[int | None], max_words: int
) -> tuple[tuple[np.ndarray, np.ndarray], Channel]:
    """Return the two rows (counts, words) of the router on one axis, and the channel that sends them.

    neighbours: the ranks in the two directions; the channel has no row for one that is None.
    max_words: maximum number of words in a row.
    """
    # The kernels always have two rows; the channel sends those that have a neighbour.
    counts = np.zeros(2, dtype=np.int64)
    words = np.empty((2, max(1, max_words)), dtype=np.uint32)
    used = slice(int(neighbours[0] is None), 1 + int(neighbours[1] is not None))
    targets = np.array([rank for rank in neighbours if rank is not None], dtype=np.int64)
    limits = np.full(targets.size, max_words, dtype=np.int64)
    return (counts, words), channels.between_all(targets, limits, counts[used], words[used])


def _max_received(mpi_comm: Any, outbox: Outbox) -> int:
    """Return the maximum number of packets for this rank in an exchange. Collective."""
    limits_out = np.zeros(mpi_comm.size, dtype=np.int64)
    limits_out[outbox.destinations] = outbox.capacity
    limits_in = np.empty_like(limits_out)
    mpi_comm.Alltoall(limits_out, limits_in)
    return int(limits_in.sum())


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``hop``. Collective."""
    return Hop(opening.channels(), opening.ranks, opening.outbox)
