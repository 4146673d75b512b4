"""MPI's own all-to-all, the yardstick for the other fabrics."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport
from distsnn.comm.fabrics.channels import Sender


class AllToAll(Transport):
    """Numbers by MPI_Alltoall, then packets by MPI_Alltoallv, straight from the outbox."""

    def __init__(self, mpi_comm: Any, outbox: Outbox) -> None:
        self.mpi_comm, self.outbox = mpi_comm, outbox
        n_ranks = mpi_comm.size
        most = np.zeros(n_ranks, dtype=np.int64)
        most[outbox.destinations] = outbox.capacity
        limits = np.empty_like(most)
        mpi_comm.Alltoall(most, limits)
        self.inbox = np.empty(max(1, int(limits.sum())), dtype=np.uint32)
        self.channels: Sequence[Sender] = (self,)  # its own counters
        self.sent = np.zeros(2, dtype=np.int64)
        self.wait_s = 0.0
        self._n_out = np.zeros(n_ranks, dtype=np.int32)
        self._n_in = np.zeros(n_ranks, dtype=np.int32)
        self._at_out = np.zeros(n_ranks, dtype=np.int32)
        self._at_out[outbox.destinations] = np.arange(outbox.counts.size) * outbox.packets.shape[1]
        self._at_in = np.zeros(n_ranks, dtype=np.int32)
        self._send = [outbox.packets, self._n_out, self._at_out, MPI.UINT32_T]
        self._receive = [self.inbox, self._n_in, self._at_in, MPI.UINT32_T]

    def move(self) -> int:
        """Move everything. Collective."""
        self._n_out[self.outbox.destinations] = self.outbox.counts
        before = perf_counter()
        self.mpi_comm.Alltoall(self._n_out, self._n_in)
        self.wait_s += perf_counter() - before
        np.cumsum(self._n_in[:-1], out=self._at_in[1:])
        self.mpi_comm.Alltoallv(self._send, self._receive)
        self.sent[0] += self._n_out.size
        self.sent[1] += self._n_out.size + int(self._n_out.sum())
        self.outbox.counts.fill(0)
        return int(self._at_in[-1] + self._n_in[-1])

    def close(self) -> None:
        """Nothing is held."""


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``alltoall``. Collective."""
    return AllToAll(opening.comm.mpi_comm, opening.outbox)
