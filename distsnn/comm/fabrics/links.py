"""Which rank sends to which, exchanged once when a channel is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Links:
    """The ranks that one rank sends to and receives from.

    targets: int64 [rows], the rank that each row of the outbox is sent to. sources: int64 [sources],
    the ranks that send to this one, ascending. source_rows, source_limits: int64 [sources], the row of
    the source's outbox that is for this rank, and the maximum number of words in it.
    """

    targets: np.ndarray
    sources: np.ndarray
    source_rows: np.ndarray
    source_limits: np.ndarray

    @classmethod
    def exchange(cls, mpi_comm: Any, targets: np.ndarray, limits: np.ndarray) -> Links:
        """Return the links of this rank. limits: int64 [rows], maximum words of a row. Collective."""
        # for each rank: row of the outbox (-1: none), maximum words in it
        outgoing = np.full((mpi_comm.size, 2), -1, dtype=np.int64)
        outgoing[targets, 0] = np.arange(targets.size)
        outgoing[targets, 1] = limits
        incoming = np.empty_like(outgoing)
        mpi_comm.Alltoall(outgoing, incoming)
        sources = np.flatnonzero(incoming[:, 0] >= 0)
        rows, max_words = incoming[sources, 0], incoming[sources, 1]
        return cls(targets, sources, np.ascontiguousarray(rows), np.ascontiguousarray(max_words))

    @property
    def n_inbox(self) -> int:
        """Maximum number of words that arrive in one exchange."""
        return int(self.source_limits.sum())
