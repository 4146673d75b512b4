"""The fabric ``alltoall``: MPI's own all-to-all, the baseline for the other fabrics."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.fabrics.channels import Sender
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport


class AllToAll(Transport):
    """Sends counts by MPI_Alltoall, then packets by MPI_Alltoallv directly from the outbox."""

    def __init__(self, mpi_comm: Any, outbox: Outbox) -> None:
        self.mpi_comm, self.outbox = mpi_comm, outbox
        n_ranks = mpi_comm.size
        # maximum number of packets to each rank, and from each rank
        limits_out = np.zeros(n_ranks, dtype=np.int64)
        limits_out[outbox.destinations] = outbox.capacity
        limits_in = np.empty_like(limits_out)
        mpi_comm.Alltoall(limits_out, limits_in)
        self.inbox = np.empty(max(1, int(limits_in.sum())), dtype=np.uint32)
        self.senders: Sequence[Sender] = (self,)  # it counts its own messages
        self.sent = np.zeros(2, dtype=np.int64)
        self.wait_s = 0.0
        # counts and displacements of MPI_Alltoallv, by rank
        self._n_out = np.zeros(n_ranks, dtype=np.int32)
        self._n_in = np.zeros(n_ranks, dtype=np.int32)
        self._start_out = np.zeros(n_ranks, dtype=np.int32)
        self._start_out[outbox.destinations] = (
            np.arange(outbox.counts.size) * outbox.packets.shape[1]
        )
        self._start_in = np.zeros(n_ranks, dtype=np.int32)
        self._send = [outbox.packets, self._n_out, self._start_out, MPI.UINT32_T]
        self._receive = [self.inbox, self._n_in, self._start_in, MPI.UINT32_T]

    def move(self) -> int:
        """Send all packets; see ``Transport``. Collective."""
        self._n_out[self.outbox.destinations] = self.outbox.counts
        before = perf_counter()
        self.mpi_comm.Alltoall(self._n_out, self._n_in)
        self.wait_s += perf_counter() - before
        np.cumsum(self._n_in[:-1], out=self._start_in[1:])
        self.mpi_comm.Alltoallv(self._send, self._receive)
        self.sent[0] += self._n_out.size
        self.sent[1] += self._n_out.size + int(self._n_out.sum())
        self.outbox.counts.fill(0)
        return int(self._start_in[-1] + self._n_in[-1])

    def close(self) -> None:
        """Do nothing: it holds no MPI objects."""


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``alltoall``. Collective."""
    return AllToAll(opening.comm.mpi_comm, opening.outbox)
