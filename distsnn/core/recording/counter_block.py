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
        self._over_cores = np.array([counter.over_cores for counter in counters], dtype=np.int64)
        self._sum = room_for_sum(comm, self.rows)
        self._bind()

    def _bind(self) -> None:
        # Bound here, so that its code is loaded now instead of in the time loop.
        self._add_up = sum_counters.bind(
            self.rows if self._sum is None else self._sum, self._over_cores,
            self.totals.reshape(-1), self.of_step,
        )  # fmt: skip

    def extend(self, n_steps: int) -> None:
        """Make room for ``n_steps`` steps that are counted separately; earlier ones are kept."""
        self.of_step = extended(self.of_step, n_steps, axis=1)
        self._bind()

    def finish(self, start: int, n: int, first: int) -> None:
        """Sum the rows start .. n - 1 over the ranks and clear them. Collective.

        first: step of row 0.
        """
        summed(self._comm, self.rows[:n], self._sum)
        if self._comm.rank == 0:
            self._add_up(start, n, first)
        self.rows[:n] = 0

    def forget(self) -> None:
        """Set all totals to 0."""
        self.totals.fill(0)
        self.of_step.fill(0)


def extended(values: np.ndarray, n: int, axis: int = 0) -> np.ndarray:
    """Return an array of at least ``n`` entries along an axis: the values, then zeros.

    It grows at least by half, so that a run of many pieces copies each entry a few times only.
    """
    size = values.shape[axis]
    if n <= size:
        return values
    # Half as much again, so that a run of n pieces copies O(n) entries in all.
    shape = list(values.shape)
    shape[axis] = n if size == 0 else max(n, size + size // 2)
    longer = np.zeros(shape, dtype=values.dtype)
    longer[tuple(slice(0, length) for length in values.shape)] = values
    return longer


def room_for_sum(comm: Comm, rows: np.ndarray) -> np.ndarray | None:
    """Return the array that ``summed`` fills in: like ``rows`` on rank 0 of several, None elsewhere."""
    return np.full_like(rows, 0) if comm.rank == 0 and comm.n_ranks > 1 else None


def summed(comm: Comm, rows: np.ndarray, room: np.ndarray | None) -> np.ndarray:
    """Return the sum of ``rows`` over all ranks, on rank 0, where ``room`` holds it. Collective."""
    if comm.n_ranks == 1:
        return rows
    return comm.reduce_sum(rows, out=None if room is None else room[: len(rows)])
