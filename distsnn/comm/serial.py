"""One rank: the same calls, nothing to send."""

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
    """The communicator of a run without MPI; see ``Comm`` for what the calls mean."""

    rank = 0
    n_ranks = 1
    is_one_machine = True
    is_oversubscribed = False

    def __init__(self) -> None:
        self.step: int | None = None
        self.cores: np.ndarray | None = None

    def barrier(self) -> None:
        """Nobody to wait for."""

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
        """Return a copy, in ``out`` if it is given."""
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

    def require_same(self, thing: str, parts: Callable[[], Parts]) -> None:
        """Nothing to compare with."""

    def together(self, doing: str) -> AbstractContextManager[None]:
        """Errors are raised as they are."""
        return nullcontext()

    def communicating(self) -> AbstractContextManager[None]:
        """Nobody counts on this rank."""
        return nullcontext()

    def first_then_rest(self, action: Callable[[], Any]) -> None:
        """Do it."""
        action()

    def watch(self, fabric: Fabric) -> Fabric:
        """Return the fabric."""
        return fabric

    def close(self) -> None:
        """Nothing is held."""
