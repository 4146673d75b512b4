"""What the rest of the program sees of MPI, whether there is one rank or many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np

from distsnn.comm.differences import Parts
from distsnn.comm.fabrics.fabric import Fabric

Value = TypeVar("Value")


@runtime_checkable
class Comm(Protocol):
    """The ranks of a run. Every call is collective: all ranks make it, in the same order.

    Each call begins with a handshake. If a rank has failed inside ``together``, all ranks raise its
    error; if the ranks make different calls, all raise UsageError; if a rank has ended, the job ends.

    rank, n_ranks: number of this rank, number of ranks. is_one_machine: whether all ranks are on one
    machine. is_oversubscribed: whether any machine has more ranks than usable processor cores.
    mpi_comm: MPI's communicator, for transports; None in a serial run. step, cores: current step and
    cores int64 [n] of this rank, set by the time loop and quoted in error messages; None outside of it.
    """

    rank: int
    n_ranks: int
    is_one_machine: bool
    is_oversubscribed: bool
    mpi_comm: Any
    step: int | None
    cores: np.ndarray | None

    def barrier(self) -> None:
        """Wait until all ranks have arrived."""
        ...

    def sum(self, value: int) -> int:
        """Return the sum of the values of all ranks, on every rank."""
        ...

    def min(self, value: int) -> int:
        """Return the smallest value of all ranks, on every rank."""
        ...

    def max(self, value: int) -> int:
        """Return the largest value of all ranks, on every rank."""
        ...

    def reduce_sum(
        self, array: np.ndarray, root: int = 0, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the sum of the arrays of all ranks on ``root``, the array itself elsewhere.

        array: any shape and dtype, the same on all ranks; integers wrap modulo their width. out: on
        ``root``, a contiguous array that receives the sum instead of a new one.
        """
        ...

    def gather_arrays(self, array: np.ndarray, root: int = 0) -> list[np.ndarray]:
        """Return the arrays of all ranks, in the order of ranks, on ``root``; an empty list elsewhere.

        array: any size, of the same dtype on all ranks; only the first dimension may differ.
        """
        ...

    def alltoallv(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Send arrays[r] to rank r; return what each rank sent here, in the order of ranks.

        arrays: one-dimensional, of any size, of the same dtype on all ranks.
        """
        ...

    def broadcast(self, value: Value, root: int = 0) -> Value:
        """Return the value of ``root`` on every rank. It must be picklable."""
        ...

    def agree(self, error: Exception | None) -> None:
        """Raise an error on every rank if any rank has one: that of the lowest such rank."""
        ...

    def require_same(self, subject: str, parts: Callable[[], Parts]) -> None:
        """Raise UsageError on all ranks if their descriptions of an object differ.

        subject: name of the object, for the message. parts: returns the description as pairs (name,
        value as text); called only if there are several ranks.
        """
        ...

    def together(self, call: str) -> AbstractContextManager[None]:
        """Raise an error of any rank in a block on all ranks. call: name of the block in messages."""
        ...

    def communicating(self) -> AbstractContextManager[None]:
        """Mark a block in which ranks wait for each other by other means than these calls.

        An error in it ends the job, unless all ranks raise one within a second.
        """
        ...

    def first_then_rest(self, action: Callable[[], Any]) -> None:
        """Call ``action`` on one rank of each machine, then on its other ranks."""
        ...

    def part(self, group: int) -> Comm:
        """Return a communicator of the ranks that pass the same group."""
        ...

    def watch(self, fabric: Fabric) -> Fabric:
        """Treat all that follows as ``communicating`` until the fabric is closed; return the fabric."""
        ...

    def close(self) -> None:
        """Free the communicator. The job may go on and call ``start`` again."""
        ...
