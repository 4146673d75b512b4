"""The ranks of an MPI job."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from mpi4py import MPI

from distsnn.comm import collectives
from distsnn.comm.environment import cpu_quota, usable_cores
from distsnn.comm.fabric import Fabric
from distsnn.comm.failure import Guard
from distsnn.comm.shared_sum import SharedSum
from distsnn.comm.sharing import BARRIER_BYTES, MeetingPoint, share
from distsnn.errors import DistsnnError

Value = TypeVar("Value")


class MpiComm:
    """The communicator of a run with several ranks; see ``Comm`` for what the calls mean.

    On a crowded machine ranks that wait inside MPI take the cores from those that compute. There
    every collective call begins with a meeting in which the ranks sleep.
    """

    def __init__(self, mpi_comm: MPI.Intracomm, guard: Guard) -> None:
        self.mpi_comm = mpi_comm.Dup()
        self.guard = guard
        self.rank, self.n_ranks = self.mpi_comm.rank, self.mpi_comm.size
        self.step: int | None = None
        self.cores: np.ndarray | None = None
        self.is_open = True
        self._machine = self.mpi_comm.Split_type(MPI.COMM_TYPE_SHARED)
        self.is_one_machine = bool(
            self.mpi_comm.allreduce(self._machine.size, MPI.MIN) == self.n_ranks
        )
        self.is_crowded = self._is_crowded()
        self._meeting: MeetingPoint | None = None
        self._shared_sum: SharedSum | None = None
        if self.is_one_machine and self.is_crowded:
            memory = share(self.mpi_comm, BARRIER_BYTES + SharedSum.size_bytes(self.n_ranks))
            if memory is not None:
                self._meeting = MeetingPoint(self.mpi_comm, memory, 0)
                self._shared_sum = SharedSum(
                    self.rank, self.n_ranks, memory, BARRIER_BYTES, self._meet
                )

    def _is_crowded(self) -> bool:
        """Return whether any machine has more ranks than cores they may use. Collective.

        A launcher may bind each rank to a core of its own, so the cores of all ranks count.
        """
        cores: set[int] = set().union(*self._machine.allgather(usable_cores()))
        n_cores = min(len(cores), cpu_quota() or len(cores))
        return bool(self.mpi_comm.allreduce(int(self._machine.size > n_cores), MPI.MAX))

    def _meet(self) -> None:
        if self._meeting is not None:
            self._meeting.meet()

    def barrier(self) -> None:
        """Return when all ranks are here. Collective."""
        self._meet()
        if self._meeting is None:
            self.mpi_comm.Barrier()

    def sum(self, value: int) -> int:
        """Return the sum over all ranks. Collective."""
        self._meet()
        return int(self.mpi_comm.allreduce(int(value), MPI.SUM))

    def min(self, value: int) -> int:
        """Return the smallest value of all ranks. Collective."""
        self._meet()
        return int(self.mpi_comm.allreduce(int(value), MPI.MIN))

    def max(self, value: int) -> int:
        """Return the largest value of all ranks. Collective."""
        self._meet()
        return int(self.mpi_comm.allreduce(int(value), MPI.MAX))

    def reduce_sum(
        self, array: np.ndarray, root: int = 0, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the sum of all arrays on ``root``, the array elsewhere. Collective."""
        if self._shared_sum is not None:
            return self._shared_sum.reduce(array, root, out)
        return collectives.reduce_sum(self.mpi_comm, array, root, out=out)

    def gather_arrays(self, array: np.ndarray, root: int = 0) -> list[np.ndarray]:
        """Return the arrays of all ranks on ``root``, an empty list elsewhere. Collective."""
        self._meet()
        return collectives.gather_arrays(self.mpi_comm, array, root)

    def alltoallv(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Send arrays[r] to rank r; return what each rank sent. Collective."""
        self._meet()
        return collectives.alltoall_arrays(self.mpi_comm, arrays)

    def broadcast(self, value: Value, root: int = 0) -> Value:
        """Return the value of ``root``. Collective."""
        self._meet()
        result: Value = self.mpi_comm.bcast(value, root)
        return result

    def agree(self, error: Exception | None) -> None:
        """Raise on all ranks the error of the lowest rank that has one. Collective."""
        lowest = self.min(self.n_ranks if error is None else self.rank)
        if lowest < self.n_ranks:
            raise self.broadcast(_portable(error), lowest) or DistsnnError("no error")

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

    def watch(self, fabric: Fabric) -> Fabric:
        """Remember that ranks count on each other while the fabric is open."""
        self.guard.n_bonds += 1
        fabric.on_close = self._unbind
        return fabric

    def _unbind(self) -> None:
        self.guard.n_bonds -= 1

    def close(self) -> None:
        """Give the communicator back. Collective."""
        if self.is_open:
            self.is_open = False
            self._meet()
            self._machine.Free()
            self.mpi_comm.Free()


def _portable(error: Exception | None) -> Exception | None:
    """Return the error, or where it cannot be sent to other ranks, one with its text."""
    try:
        return pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
