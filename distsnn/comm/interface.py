"""What the rest of the program sees of MPI, with one rank or many."""

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

    Each begins with a comparison of what the ranks are about to do. Where one has failed inside
    ``together``, all raise its error; where they make different calls, all raise UsageError; where
    one has ended, the job ends.

    rank, n_ranks: this rank and how many there are. is_one_machine: all ranks share a machine.
    is_oversubscribed: this machine has more ranks than processor cores. step, cores: of this rank; the
    time loop sets them for the messages of errors.
    """

    rank: int
    n_ranks: int
    is_one_machine: bool
    is_oversubscribed: bool
    step: int | None
    cores: np.ndarray | None

    def barrier(self) -> None:
        """Return when all ranks are here."""
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

        Same shape and dtype everywhere; integers wrap modulo their width. out: on ``root``, a
        contiguous array for the sum, instead of a new one.
        """
        ...

    def gather_arrays(self, array: np.ndarray, root: int = 0) -> list[np.ndarray]:
        """Return the arrays of all ranks, by rank, on ``root``; an empty list elsewhere.

        Same dtype everywhere; the first dimension may differ. Any size.
        """
        ...

    def alltoallv(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Send arrays[r] to rank r; return what each rank sent here, by rank.

        One-dimensional, of the same dtype everywhere. Any size.
        """
        ...

    def broadcast(self, value: Value, root: int = 0) -> Value:
        """Return the value of ``root`` on every rank; anything that can be pickled."""
        ...

    def agree(self, error: Exception | None) -> None:
        """Raise on every rank if any rank has an error: that of the lowest such rank."""
        ...

    def require_same(self, thing: str, parts: Callable[[], Parts]) -> None:
        """Raise UsageError on all ranks if their descriptions of a thing differ, naming the part.

        parts: gives them as pairs (what it is, value as text); called where there are other ranks.
        """
        ...

    def together(self, doing: str) -> AbstractContextManager[None]:
        """Let all ranks raise the error of any of them in a block of statements."""
        ...

    def communicating(self) -> AbstractContextManager[None]:
        """Mark a block in which other ranks wait for this one without any of these calls.

        An error in it ends the job unless all ranks have one within a second.
        """
        ...

    def first_then_rest(self, action: Callable[[], Any]) -> None:
        """Do ``action`` on one rank of each machine, then on its other ranks."""
        ...

    def watch(self, fabric: Fabric) -> Fabric:
        """Remember that ranks count on each other while the fabric is open; return it."""
        ...

    def close(self) -> None:
        """Give the communicator back. The job may go on and ``start`` again."""
        ...
