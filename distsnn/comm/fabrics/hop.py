"""From neighbour to neighbour, X first, then Y, stored and forwarded in rounds, as routers do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.shared.channels import Counted, Post, Posts
from distsnn.kernels.comm.forwarding import forward, inject
from distsnn.mesh.loads import signed_steps

RECORD_WORDS = 2  # destination rank and number of packets, before the packets


class Hop:
    """Store and forward over the rank grid.

    Between neighbours travel records [destination rank, number, packets]. In each round of the X
    phase every rank passes on what it has for its east and west neighbours; there are as many
    rounds as the longest way has hops. Packets in their column then travel in Y. On a torus each
    takes the shorter way, east and south where both are equal. carried: int64 [2, 4], see ``Fabric``.
    """

    def __init__(
        self, posts: Posts, grid: tuple[int, int], outbox: Outbox, is_torus: bool
    ) -> None:
        mpi_comm = posts.mpi_comm
        n_x, n_y = grid
        here_x, here_y = mpi_comm.rank % n_x, mpi_comm.rank // n_x
        to_x, to_y = outbox.destinations % n_x, outbox.destinations // n_x
        along_x = np.abs(signed_steps(here_x, to_x, n_x, is_torus))
        along_y = np.abs(signed_steps(here_y, to_y, n_y, is_torus))
        longest = np.array([along_x.max(initial=0), along_y.max(initial=0)], dtype=np.int64)
        mpi_comm.Allreduce(MPI.IN_PLACE, longest, MPI.MAX)
        self._n_rounds_x, self._n_rounds_y = int(longest[0]), int(longest[1])
        most_x, most_y, most_home = _most_words(mpi_comm, grid, outbox)
        self.carried = np.zeros((2, 4), dtype=np.int64)
        self.inbox = np.empty(max(1, most_home), dtype=np.uint32)
        x_next = [_neighbour(here_x, way, n_x, is_torus) for way in (1, -1)]
        y_next = [_neighbour(here_y, way, n_y, is_torus) for way in (-1, 1)]
        east_west = [None if x is None else here_y * n_x + x for x in x_next]
        north_south = [None if y is None else y * n_x + here_x for y in y_next]
        x_rows, self._x = _axis_post(posts, east_west, most_x)
        y_rows, self._y = _axis_post(posts, north_south, most_y)
        self.posts: Sequence[Counted] = (self._x, self._y)
        self._place = (n_x, n_y, here_x, here_y, int(is_torus))
        router = (*x_rows, *y_rows, self.inbox, self.carried)
        self._inject = inject.bind(outbox.destinations, outbox.counts, outbox.packets, *router)
        self._forward_x = forward.bind(self._x.inbox, *router)
        self._forward_y = forward.bind(self._y.inbox, *router)

    def move(self) -> int:
        """Move everything. Collective."""
        n_home = self._inject(*self._place)
        for _ in range(self._n_rounds_x):
            n_home = self._forward_x(self._x.swap(), n_home, *self._place)
        for _ in range(self._n_rounds_y):
            n_home = self._forward_y(self._y.swap(), n_home, *self._place)
        return n_home


def _neighbour(here: int, way: int, length: int, is_torus: bool) -> int | None:
    """Return the place next to ``here`` on a line or ring, None where nothing is ever sent that way.

    In a ring of two both ways lead to the same place, and routes take the one that is upwards.
    """
    there = here + way
    if is_torus and length > 1:
        return None if length == 2 and way < 0 else there % length
    return there if 0 <= there < length else None


def _axis_post(
    posts: Posts, neighbours: list[int | None], most: int
) -> tuple[tuple[np.ndarray, np.ndarray], Post]:
    """Return the router's two rows (counts, words) on one axis, and the post that moves them.

    Where a neighbour is missing the post has one of the rows, or none.
    """
    counts = np.zeros(2, dtype=np.int64)
    words = np.empty((2, max(1, most)), dtype=np.uint32)
    used = slice(int(neighbours[0] is None), 1 + int(neighbours[1] is not None))
    targets = np.array([one for one in neighbours if one is not None], dtype=np.int64)
    limits = np.full(targets.size, most, dtype=np.int64)
    return (counts, words), posts.on_all(targets, limits, counts[used], words[used])


def _most_words(mpi_comm: Any, grid: tuple[int, int], outbox: Outbox) -> tuple[int, int, int]:
    """Return the most words for a link in X, a link in Y and the inbox of this rank. Collective.

    A link in X carries the records of one source in a round, a link in Y those that entered the
    column in one row of the grid: from all sources of that row.
    """
    n_x = grid[0]
    per_record = outbox.capacity + RECORD_WORDS
    to_x = outbox.destinations % n_x
    row = mpi_comm.Split(mpi_comm.rank // n_x, mpi_comm.rank)
    column = mpi_comm.Split(mpi_comm.rank % n_x, mpi_comm.rank)
    into_columns = np.bincount(to_x, minlength=n_x).astype(np.int64) * per_record
    entering = np.empty(n_x, dtype=np.int64)
    row.Alltoall(into_columns, entering)
    most_x = row.allreduce(int(into_columns.sum()), MPI.MAX)
    most_y = column.allreduce(int(entering.sum()), MPI.MAX)
    row.Free()
    column.Free()
    for_each = np.zeros(mpi_comm.size, dtype=np.int64)
    for_each[outbox.destinations] = outbox.capacity
    home = np.empty_like(for_each)
    mpi_comm.Alltoall(for_each, home)
    return most_x, most_y, int(home.sum())
