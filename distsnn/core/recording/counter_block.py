"""Counters of cores over a block of steps, and their sums over all ranks on rank 0."""

from __future__ import annotations

import numpy as np

from distsnn.comm import Comm
from distsnn.kernels.mesh.block_sums import sum_counters
from distsnn.kernels.mesh.counters import CoreCounter


class CounterBlock:
    """Rows of counters that are gathered and cleared together.

    rows: int64 [rows, counters * nodes], one block of nodes per counter, in their order. totals: int64
    [counters, nodes] and of_step: int64 [counters, steps], over all ranks, on rank 0 only; of_step has
    no steps if steps are not counted separately.
    """

    def __init__(
        self, comm: Comm, counters: tuple[CoreCounter, ...], n_rows: int, n_nodes: int, n_steps: int
    ) -> None:
        self.counters, self._comm = counters, comm
        # full, not zeros: it maps the pages now instead of in the time loop.
        self.rows = np.full((n_rows, len(counters) * n_nodes), 0, dtype=np.int64)
        self.totals = np.zeros((len(counters), n_nodes), dtype=np.int64)
        self.of_step = np.full((len(counters), n_steps), 0, dtype=np.int64)
        over_cores = np.array([counter.over_cores for counter in counters], dtype=np.int64)
        self._sum = room_for_sum(comm, self.rows)
        # Bound here because the first call of a kernel loads its code: not in the time loop.
        self._add_up = sum_counters.bind(
            self.rows if self._sum is None else self._sum, over_cores, self.totals.reshape(-1),
            self.of_step,
        )  # fmt: skip

    def finish(self, n: int, first: int) -> None:
        """Sum the first ``n`` rows (steps from ``first`` on) over the ranks and clear them. Collective.

        n: rows. first: step of the first row.
        """
        summed(self._comm, self.rows[:n], self._sum)
        if self._comm.rank == 0:
            self._add_up(n, first)
        self.rows[:n] = 0


def room_for_sum(comm: Comm, rows: np.ndarray) -> np.ndarray | None:
    """Return an array for the sums of ``rows`` over all ranks, on rank 0 if there are other ranks."""
    return np.full_like(rows, 0) if comm.rank == 0 and comm.n_ranks > 1 else None


def summed(comm: Comm, rows: np.ndarray, room: np.ndarray | None) -> np.ndarray:
    """Return the sum of the first rows over all ranks on rank 0, stored in ``room``. Collective."""
    if comm.n_ranks == 1:
        return rows
    return comm.reduce_sum(rows, out=None if room is None else room[: len(rows)])
