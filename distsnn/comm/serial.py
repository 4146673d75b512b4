"""The communicator of a serial run, which needs no MPI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from distsnn.comm.differences import Parts
    from distsnn.comm.fabrics.fabric import Fabric

Value = TypeVar("Value")


class SerialComm:
    """The communicator of a single rank; see ``Comm`` for the calls."""

    rank = 0
    n_ranks = 1
    is_one_machine = True
    is_oversubscribed = False
    mpi_comm: Any = None

    def __init__(self) -> None:
        self.step: int | None = None
        self.cores: np.ndarray | None = None

    def barrier(self) -> None:
        """Return at once."""

    def sum(self, value: int) -> int:
        """Return the value."""
        return int(value)

    def min(self, value: int) -> int:
        """Return the value."""
        return int(value)

    def max(self, value: int) -> int:
        """Return the value."""
        return int(value)

    def reduce_sum(
        self, array: np.ndarray, root: int = 0, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return a copy, in ``out`` if that is given."""
        if out is None:
            return np.array(array)
        out[...] = array
        return out

    def gather_arrays(self, array: np.ndarray, root: int = 0) -> list[np.ndarray]:
        """Return a list with a copy."""
        return [np.array(array)]

    def alltoallv(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return a list with a copy of the only array."""
        return [np.array(array) for array in arrays]

    def broadcast(self, value: Value, root: int = 0) -> Value:
        """Return the value."""
        return value

    def agree(self, error: Exception | None) -> None:
        """Raise the error, if there is one."""
        if error is not None:
            raise error

    def require_same(self, subject: str, parts: Callable[[], Parts]) -> None:
        """Return at once: there is no other description."""

    def together(self, call: str) -> AbstractContextManager[None]:
        """Return a context that raises errors unchanged."""
        return nullcontext()

    def communicating(self) -> AbstractContextManager[None]:
        """Return a context that does nothing."""
        return nullcontext()

    def first_then_rest(self, action: Callable[[], Any]) -> None:
        """Call the action."""
        action()

    def part(self, group: int) -> SerialComm:
        """Return a communicator of this rank alone."""
        return SerialComm()

    def watch(self, fabric: Fabric) -> Fabric:
        """Return the fabric."""
        return fabric

    def close(self) -> None:
        """Return at once: nothing is held."""
