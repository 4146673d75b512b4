"""The ranks of an MPI job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np
from mpi4py import MPI

from distsnn.comm import collectives
from distsnn.comm.collective_calls import CollectiveCalls
from distsnn.comm.differences import Parts, difference, digest_of
from distsnn.comm.ending.failure import Guard
from distsnn.comm.fabrics.fabric import Fabric
from distsnn.comm.shared.memory import BARRIER_BYTES, Barrier, allocate_shared
from distsnn.comm.shared.reduce import SharedReduce
from distsnn.errors import UsageError

Value = TypeVar("Value")


class MpiComm:
    """The communicator of a run with several ranks; see ``Comm`` for what the calls mean.

    Every collective call begins with a roll call: ranks that wait for one that does something else
    would wait for ever. There they sleep while they wait, since on an oversubscribed machine ranks that
    wait inside MPI take the cores from those that compute.
    """

    def __init__(self, mpi_comm: Any, guard: Guard, calls: CollectiveCalls | None = None) -> None:
        self._owns_calls = calls is None
        self._calls = calls = calls or CollectiveCalls(mpi_comm, guard)
        guard.n_in_flight += 1
        self.mpi_comm = mpi_comm.Dup()
        self.guard = guard
        self.rank, self.n_ranks = self.mpi_comm.rank, self.mpi_comm.size
        self.step: int | None = None
        self.cores: np.ndarray | None = None
        self.is_open = True
        self._machine = self.mpi_comm.Split_type(MPI.COMM_TYPE_SHARED)
        self.is_one_machine = calls.is_one_machine
        self.is_oversubscribed = calls.is_oversubscribed
        self._shared_sum: SharedReduce | None = None
        if self.is_one_machine and self.is_oversubscribed:
            n_bytes = BARRIER_BYTES + SharedReduce.size_bytes(self.n_ranks)
            memory = allocate_shared(self.mpi_comm, n_bytes)
            if memory is not None:
                barrier = Barrier(self.mpi_comm, memory, 0)
                self._shared_sum = SharedReduce(
                    self.rank, self.n_ranks, memory, BARRIER_BYTES, barrier.wait
                )
        guard.n_in_flight -= 1

    def barrier(self) -> None:
        """Return when all ranks are here. Collective."""
        self._calls.enter("barrier")

    def sum(self, value: int) -> int:
        """Return the sum over all ranks. Collective."""
        with self._calls.call("sum"):
            return int(self.mpi_comm.allreduce(int(value), MPI.SUM))

    def min(self, value: int) -> int:
        """Return the smallest value of all ranks. Collective."""
        with self._calls.call("min"):
            return int(self.mpi_comm.allreduce(int(value), MPI.MIN))

    def max(self, value: int) -> int:
        """Return the largest value of all ranks. Collective."""
        with self._calls.call("max"):
            return int(self.mpi_comm.allreduce(int(value), MPI.MAX))

    def reduce_sum(
        self, array: np.ndarray, root: int = 0, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the sum of all arrays on ``root``, the array elsewhere. Collective."""
        with self._calls.call("reduce_sum"):
            if self._shared_sum is not None:
                return self._shared_sum.reduce(array, root, out)
            return collectives.reduce_sum(self.mpi_comm, array, root, out=out)

    def gather_arrays(self, array: np.ndarray, root: int = 0) -> list[np.ndarray]:
        """Return the arrays of all ranks on ``root``, an empty list elsewhere. Collective."""
        with self._calls.call("gather_arrays"):
            return collectives.gather_arrays(self.mpi_comm, array, root)

    def alltoallv(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Send arrays[r] to rank r; return what each rank sent. Collective."""
        with self._calls.call("alltoallv"):
            return collectives.alltoall_arrays(self.mpi_comm, arrays)

    def broadcast(self, value: Value, root: int = 0) -> Value:
        """Return the value of ``root``. Collective."""
        with self._calls.call("broadcast"):
            result: Value = self.mpi_comm.bcast(value, root)
            return result

    def agree(self, error: Exception | None) -> None:
        """Raise on all ranks the error of the lowest rank that has one. Collective."""
        if error is not None:
            self._calls.fail(error)
        self._calls.enter("agree")

    def require_same(self, thing: str, parts: Callable[[], Parts]) -> None:
        """Raise UsageError on all ranks if their descriptions of a thing differ. Collective."""
        own = parts()
        if not self._calls.enter("require_same", digest_of(own)):
            of_ranks = self.mpi_comm.gather(own)
            line = difference(thing, of_ranks) if of_ranks else ""
            raise self._calls.agreed(UsageError(self.mpi_comm.bcast(line)))

    def together(self, doing: str) -> AbstractContextManager[None]:
        """Let all ranks raise the error of any of them. Collective."""
        return self._calls.together(doing)

    def communicating(self) -> AbstractContextManager[None]:
        """Say that the other ranks count on this one, and do not look after it, in a block."""
        return self._calls.communicating()

    def first_then_rest(self, action: Callable[[], Any]) -> None:
        """Do ``action`` on one rank of each machine, then on the others. Collective."""
        for is_turn in (self._machine.rank == 0, self._machine.rank != 0):
            error: Exception | None = None
            if is_turn:
                try:
                    action()
                except Exception as caught:
                    error = caught
            self.agree(error)

    def part(self, group: int) -> MpiComm:
        """Return a communicator of the ranks that name the same group. Collective."""
        with self._calls.call("part"):
            ranks = self.mpi_comm.Split(group, self.rank)
            comm = MpiComm(ranks, self.guard)
            ranks.Free()
        return comm

    def watch(self, fabric: Fabric) -> Fabric:
        """Remember that ranks count on each other while the fabric is open."""
        self.guard.n_in_flight += 1
        fabric.on_close = self._unbind
        return fabric

    def _unbind(self) -> None:
        self.guard.n_in_flight -= 1

    def close(self) -> None:
        """Give the communicator back. Collective."""
        if self.is_open:
            with self._calls.call("close"):
                self.is_open = False
                self._machine.Free()
                self.mpi_comm.Free()
            if self._owns_calls:
                self._calls.close()
