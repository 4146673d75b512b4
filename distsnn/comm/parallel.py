"""The communicator of an MPI job."""

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
from distsnn.comm.shared.barrier import BARRIER_BYTES, Barrier
from distsnn.comm.shared.memory import allocate_shared
from distsnn.comm.shared.reduce import SharedReduce
from distsnn.errors import UsageError

Value = TypeVar("Value")


class MpiComm:
    """The communicator of several ranks; see ``Comm`` for the calls. Collective.

    Every collective call begins with a handshake, since ranks that wait for one that makes another
    call would wait for ever. Ranks sleep in the handshake: on an oversubscribed machine, ranks that
    wait inside MPI take the cores from those that compute.

    calls: the handshakes of ``mpi_comm``, if it has some already.
    """

    def __init__(self, mpi_comm: Any, guard: Guard, calls: CollectiveCalls | None = None) -> None:
        self._owns_calls = calls is None
        self._calls = calls = calls or CollectiveCalls(mpi_comm, guard)
        guard.n_in_flight += 1
        # a duplicate: messages of the program cannot match those of the package
        self.mpi_comm = mpi_comm.Dup()
        self.guard = guard
        self.rank, self.n_ranks = self.mpi_comm.rank, self.mpi_comm.size
        self.step: int | None = None
        self.cores: np.ndarray | None = None
        self.is_open = True
        self._machine = self.mpi_comm.Split_type(MPI.COMM_TYPE_SHARED)
        self.is_one_machine = calls.is_one_machine
        self.is_oversubscribed = calls.is_oversubscribed
        # only where ranks outnumber cores, see ``shared.reduce``
        self._shared_sum: SharedReduce | None = None
        if self.is_one_machine and self.is_oversubscribed:
            n_bytes = BARRIER_BYTES + SharedReduce.size_bytes(self.n_ranks)
            # layout: barrier, then the slots of the reduction
            memory = allocate_shared(self.mpi_comm, n_bytes)
            if memory is not None:
                barrier = Barrier(self.mpi_comm, memory, 0)
                self._shared_sum = SharedReduce(
                    self.rank, self.n_ranks, memory, BARRIER_BYTES, barrier.wait
                )
        guard.n_in_flight -= 1

    def barrier(self) -> None:
        """Wait until all ranks have arrived. Collective."""
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
        """Return the sum of all arrays on ``root``, the array itself elsewhere. Collective."""
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

    def require_same(self, subject: str, parts: Callable[[], Parts]) -> None:
        """Raise UsageError on all ranks if their descriptions of an object differ. Collective."""
        own = parts()
        # The digest is part of the handshake, so equal descriptions cost no message of their own.
        if not self._calls.enter("require_same", digest_of(own)):
            of_ranks = self.mpi_comm.gather(own)
            message = difference(subject, of_ranks) if of_ranks else ""
            raise self._calls.agreed(UsageError(self.mpi_comm.bcast(message)))

    def together(self, call: str) -> AbstractContextManager[None]:
        """Raise an error of any rank in a block on all ranks. Collective."""
        return self._calls.together(call)

    def communicating(self) -> AbstractContextManager[None]:
        """Mark a block in which the other ranks wait for this one without a handshake."""
        return self._calls.communicating()

    def first_then_rest(self, action: Callable[[], Any]) -> None:
        """Call ``action`` on one rank of each machine, then on the others. Collective."""
        is_first = self._machine.rank == 0
        for is_active in (is_first, not is_first):
            error: Exception | None = None
            if is_active:
                try:
                    action()
                except Exception as caught:
                    error = caught
            self.agree(error)

    def part(self, group: int) -> MpiComm:
        """Return a communicator of the ranks that pass the same group. Collective."""
        with self._calls.call("part"):
            ranks = self.mpi_comm.Split(group, self.rank)
            comm = MpiComm(ranks, self.guard)
            ranks.Free()
        return comm

    def watch(self, fabric: Fabric) -> Fabric:
        """Treat all that follows as communication until the fabric is closed; return the fabric."""
        self.guard.n_in_flight += 1
        fabric.on_close = self._stop_watching
        return fabric

    def _stop_watching(self) -> None:
        self.guard.n_in_flight -= 1

    def close(self) -> None:
        """Free the communicators. Collective."""
        if self.is_open:
            with self._calls.call("close"):
                self.is_open = False
                self._machine.Free()
                self.mpi_comm.Free()
            if self._owns_calls:
                self._calls.close()
