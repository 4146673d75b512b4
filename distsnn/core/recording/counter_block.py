"""Counters of the cores for a block of steps, and their sums over all ranks, on rank 0."""

from __future__ import annotations

import numpy as np

from distsnn.comm import Comm
from distsnn.kernels.mesh.block_sums import sum_counters
from distsnn.kernels.mesh.counters import CoreCounter


class CounterBlock:
    """Rows of counters that are summed over the ranks and cleared together.

    rows: int64 [rows, counters * nodes]; a row holds all nodes of the first counter, then all of the
    second, and so on. totals: int64 [counters, nodes] and of_step: int64 [counters, steps], over all
    ranks, on rank 0 only; of_step has no steps if steps are not counted separately.
    """

    def __init__(
        self, comm: Comm, counters: tuple[CoreCounter, ...], n_rows: int, n_nodes: int, n_steps: int
    ) -> None:
        self.counters, self._comm = counters, comm
        # np.full, unlike np.zeros, maps the pages now instead of in the time loop.
        self.rows = np.full((n_rows, len(counters) * n_nodes), 0, dtype=np.int64)
        self.totals = np.zeros((len(counters), n_nodes), dtype=np.int64)
        self.of_step = np.full((len(counters), n_steps), 0, dtype=np.int64)
        over_cores = np.array([counter.over_cores for counter in counters], dtype=np.int64)
        self._sum = room_for_sum(comm, self.rows)
        # Bound here, so that its code is loaded now instead of in the time loop.
        self._add_up = sum_counters.bind(
            self.rows if self._sum is None else self._sum, over_cores, self.totals.reshape(-1),
            self.of_step,
        )  # fmt: skip

    def finish(self, n: int, first: int) -> None:
        """Add up the first ``n`` rows over the ranks, then clear them. Collective.

        first: step of the first row.
        """
        summed(self._comm, self.rows[:n], self._sum)
        if self._comm.rank == 0:
            self._add_up(n, first)
        self.rows[:n] = 0


def room_for_sum(comm: Comm, rows: np.ndarray) -> np.ndarray | None:
    """Return the array that ``summed`` fills in: like ``rows`` on rank 0 of several, None elsewhere."""
    return np.full_like(rows, 0) if comm.rank == 0 and comm.n_ranks > 1 else None


def summed(comm: Comm, rows: np.ndarray, room: np.ndarray | None) -> np.ndarray:
    """Return the sum of ``rows`` over all ranks, on rank 0, where ``room`` holds it. Collective."""
    if comm.n_ranks == 1:
        return rows
    return comm.reduce_sum(rows, out=None if room is None else room[: len(rows)])
