"""From neighbour to neighbour by the routing order of the chip, stored and forwarded as routers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.checks import must_be
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport
from distsnn.comm.fabrics.channels import Channel, ChannelFactory, Sender
from distsnn.errors import UsageError
from distsnn.kernels.comm.forwarding import forward, inject
from distsnn.kernels.mesh.routing import EAST, NORTH, SOUTH, WEST, routed
from distsnn.mesh import Mesh, Run, route

RECORD_WORDS = 2  # destination rank and number of packets, before the packets
X_AXIS, Y_AXIS = range(2)
AXIS_OF = {EAST: X_AXIS, WEST: X_AXIS, NORTH: Y_AXIS, SOUTH: Y_AXIS}
Route = tuple[Run, ...]


class Hop(Transport):
    """Store and forward over the grid of ranks.

    Between neighbours travel records [destination rank, number, packets]. An exchange is a fixed
    sequence of rounds; in each of them every rank passes on what it has for its neighbours on one axis.
    The sequence has every route in it, so that all packets have arrived at its end. carried: int64
    [2, 4], see ``Fabric``.
    """

    def __init__(self, channels: ChannelFactory, ranks: Mesh, outbox: Outbox) -> None:
        mpi_comm = channels.mpi_comm
        here = mpi_comm.rank
        routes = [route(ranks, here, int(target)) for target in outbox.destinations]
        rounds = common_rounds(mpi_comm.allgather(longest_runs(routes)))
        words = _words_of_rounds(mpi_comm, ranks, routes, rounds, outbox.capacity + RECORD_WORDS)
        self.carried = np.zeros((2, 4), dtype=np.int64)
        self.inbox = np.empty(max(1, _most_received(mpi_comm, outbox)), dtype=np.uint32)
        east_west = _neighbours(ranks, here, (EAST, WEST), words)
        north_south = _neighbours(ranks, here, (NORTH, SOUTH), words)
        x_rows, x_channel = _axis_channel(channels, east_west, int(words[:2].max(initial=0)))
        y_rows, y_channel = _axis_channel(channels, north_south, int(words[2:].max(initial=0)))
        self.channels: Sequence[Sender] = (x_channel, y_channel)
        self._place = (ranks.width, ranks.height, *ranks.xy(here), int(ranks.wrap))
        router = (*x_rows, *y_rows, self.inbox, self.carried)
        outgoing = (outbox.destinations, outbox.counts, outbox.packets)
        self._inject = routed(inject, ranks.order).bind(*outgoing, *router)
        passing_on = routed(forward, ranks.order)
        axes = [(c, passing_on.bind(c.inbox, *router)) for c in (x_channel, y_channel)]
        self._rounds = [axes[axis] for axis in rounds]

    def move(self) -> int:
        """Move everything. Collective."""
        n_arrived = self._inject(*self._place)
        for channel, pass_on in self._rounds:
            n_arrived = pass_on(channel.exchange_words(), n_arrived, *self._place)
        return n_arrived


def longest_runs(routes: list[Route]) -> dict[tuple[int, ...], list[int]]:
    """Return by the axes of their runs how long each run of such routes is at most."""
    longest: dict[tuple[int, ...], list[int]] = {}
    for runs in routes:
        axes = tuple(AXIS_OF[run.direction] for run in runs)
        known = longest.setdefault(axes, [0] * len(runs))
        longest[axes] = [max(n, run.length) for n, run in zip(known, runs, strict=True)]
    return longest


def common_rounds(of_ranks: list[dict[tuple[int, ...], list[int]]]) -> list[int]:
    """Return a sequence of axes that has the hops of every route in it, in their order.

    Routes with most runs left choose the axis, X of two: with X-Y routing all rounds of X come first.
    """
    longest: dict[tuple[int, ...], list[int]] = {}
    for of_rank in of_ranks:
        for axes, lengths in of_rank.items():
            known = longest.setdefault(axes, [0] * len(axes))
            longest[axes] = [max(pair) for pair in zip(known, lengths, strict=True)]
    # per kind of route what is left: [axis, links] of each run
    left = [[[a, n] for a, n in zip(axes, longest[axes], strict=True)] for axes in longest]
    rounds: list[int] = []
    while left := [runs for runs in left if runs]:
        n_most = max(len(runs) for runs in left)
        axis = min(runs[0][0] for runs in left if len(runs) == n_most)
        rounds.append(axis)
        for runs in left:
            if runs[0][0] == axis:
                runs[0][1] -= 1
                if runs[0][1] == 0:
                    del runs[0]
    return rounds


def _words_of_rounds(
    mpi_comm: Any, ranks: Mesh, routes: list[Route], rounds: list[int], per_record: int
) -> np.ndarray:
    """Return the most words in a round over each link of the grid, int64 [4, ranks]. Collective."""
    words = np.zeros((len(rounds), 4, ranks.n_nodes), dtype=np.int64)
    for runs in routes:
        at = 0
        for direction, node, length in runs:
            for _ in range(length):
                at = rounds.index(AXIS_OF[direction], at)
                words[at, direction, node] += per_record
                node = ranks.neighbour(node, direction)
                at += 1
    mpi_comm.Allreduce(MPI.IN_PLACE, words, MPI.SUM)
    return np.asarray(words.max(axis=0, initial=0))


def _neighbours(
    ranks: Mesh, here: int, directions: tuple[int, int], words: np.ndarray
) -> list[int | None]:
    """Return the ranks next to this one on an axis, None if nothing is ever sent that way.

    In a ring of two both links lead to the same rank, and routes take the one upwards.
    """
    upwards = {EAST, SOUTH}
    ranks_there: list[int | None] = [
        None if (there := ranks.neighbour(here, direction)) < 0 else there
        for direction in directions
    ]
    if ranks_there[0] == ranks_there[1]:
        ranks_there = [
            there if direction in upwards else None
            for there, direction in zip(ranks_there, directions, strict=True)
        ]
        unused = min(set(directions) - upwards)
        if words[unused].any():
            limit = "east or south between the two nodes of a ring"
            raise UsageError(must_be("routing order", limit, "west or north", "Change its leg."))
    return ranks_there


def _axis_channel(
    channels: ChannelFactory, neighbours: list[int | None], most: int
) -> tuple[tuple[np.ndarray, np.ndarray], Channel]:
    """Return the router's two rows (counts, words) on one axis, and the channel that moves them.

    If a neighbour is missing the channel has one of the rows, or none.
    """
    counts = np.zeros(2, dtype=np.int64)
    words = np.empty((2, max(1, most)), dtype=np.uint32)
    used = slice(int(neighbours[0] is None), 1 + int(neighbours[1] is not None))
    targets = np.array([rank for rank in neighbours if rank is not None], dtype=np.int64)
    limits = np.full(targets.size, most, dtype=np.int64)
    return (counts, words), channels.between_all(targets, limits, counts[used], words[used])


def _most_received(mpi_comm: Any, outbox: Outbox) -> int:
    """Return the most packets for this rank in an exchange. Collective."""
    for_each = np.zeros(mpi_comm.size, dtype=np.int64)
    for_each[outbox.destinations] = outbox.capacity
    home = np.empty_like(for_each)
    mpi_comm.Alltoall(for_each, home)
    return int(home.sum())


def open_transport(opening: Opening) -> Transport:
    """Return the hop by hop transport. Collective."""
    return Hop(opening.channels(), opening.ranks, opening.outbox)
