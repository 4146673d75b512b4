"""Which rank sends to which, agreed on once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Links:
    """The pairs of ranks that exchange messages, seen from one rank.

    targets: int64 [rows], the rank that each row of the outbox goes to. sources: int64 [sources],
    the ranks that have this rank among their targets, ascending; source_rows, source_limits: which
    of their rows it is, and the most words in it.
    """

    targets: np.ndarray
    sources: np.ndarray
    source_rows: np.ndarray
    source_limits: np.ndarray

    @classmethod
    def exchange(cls, mpi_comm: Any, targets: np.ndarray, limits: np.ndarray) -> Links:
        """Let every rank know what it will receive. limits: most words per row. Collective."""
        outgoing = np.full((mpi_comm.size, 2), -1, dtype=np.int64)
        outgoing[targets, 0] = np.arange(targets.size)
        outgoing[targets, 1] = limits
        incoming = np.empty_like(outgoing)
        mpi_comm.Alltoall(outgoing, incoming)
        sources = np.flatnonzero(incoming[:, 0] >= 0)
        rows, most = incoming[sources, 0], incoming[sources, 1]
        return cls(targets, sources, np.ascontiguousarray(rows), np.ascontiguousarray(most))

    @property
    def n_inbox(self) -> int:
        """Most words that can arrive in one exchange."""
        return int(self.source_limits.sum())
