"""A channel that sends the rows of an outbox as MPI messages."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.fabrics.links import Links
from distsnn.kernels.comm.packing import stage, unstage

# Size of a first message: the number of words of the row, then as many of them as fit. 1 KB is below
# the default eager limits of Open MPI and MPICH, so a sender does not wait for the receiver.
EAGER_WORDS = 256
TAG_FIRST, TAG_REST = 1, 2


class MessageChannel:
    """Sends each row in one or two messages; see ``Channel`` and ``ChannelFactory.between_all``.

    The first message of a link has a fixed size and is sent in every exchange by persistent requests. A
    second one follows only for a row that does not fit. The row for this rank itself is copied.
    """

    def __init__(
        self,
        mpi_comm: Any,
        targets: np.ndarray,
        limits: np.ndarray,
        counts: np.ndarray,
        packets: np.ndarray,
    ) -> None:
        self.mpi_comm = mpi_comm
        self.links = Links.exchange(mpi_comm, targets, limits)
        self.counts, self.packets = counts, packets
        self.inbox = np.empty(max(1, self.links.n_inbox), dtype=np.uint32)
        n_sources = self.links.sources.size
        self.starts = np.zeros(n_sources + 1, dtype=np.int64)
        self.sent = np.zeros(2, dtype=np.int64)
        self.wait_s = 0.0
        # number of sources that send a second message, set by ``unstage``
        self._n_long = np.zeros(1, dtype=np.int64)
        # first messages, uint32 [links, EAGER_WORDS]
        self._out = np.zeros((targets.size, EAGER_WORDS), dtype=np.uint32)
        self._in = np.zeros((n_sources, EAGER_WORDS), dtype=np.uint32)
        self._own_row = _index_of(mpi_comm.rank, targets)
        self._own_source = _index_of(mpi_comm.rank, self.links.sources)
        self._make_requests()
        self._stage = stage.bind(counts, packets, self._out, self.sent)
        self._unstage = unstage.bind(
            counts, packets, self._in, self.starts, self.inbox, self._n_long
        )

    def _make_requests(self) -> None:
        comm, kind = self.mpi_comm, MPI.UINT32_T
        self._requests = [
            comm.Recv_init([self._in[s], EAGER_WORDS, kind], int(rank), TAG_FIRST)
            for s, rank in enumerate(self.links.sources)
            if s != self._own_source
        ] + [
            comm.Send_init([self._out[k], EAGER_WORDS, kind], int(rank), TAG_FIRST)
            for k, rank in enumerate(self.links.targets)
            if k != self._own_row
        ]

    def exchange_words(self) -> int:
        """Send all rows and empty them; return the number of words in the inbox. Collective."""
        # first messages of all links, whether or not they have packets
        n_long_out = self._stage(self._own_row)
        if self._requests:
            MPI.Prequest.Startall(self._requests)
            before = perf_counter()
            MPI.Prequest.Waitall(self._requests)
            self.wait_s += perf_counter() - before
        n_words = self._unstage(self._own_row, self._own_source)
        # second messages, of which both ends know from the length in the first one
        if n_long_out or self._n_long[0]:
            self._move_rest()
        self.counts.fill(0)
        return n_words

    def _move_rest(self) -> None:
        """Send and receive the second messages, directly from the outbox and into the inbox."""
        comm, kind, n_first = self.mpi_comm, MPI.UINT32_T, EAGER_WORDS - 1
        requests = []
        # receives first, so that no message arrives before there is a buffer for it
        for s, rank in enumerate(self.links.sources):
            begin, end = int(self.starts[s]) + n_first, int(self.starts[s + 1])
            if end > begin and s != self._own_source:
                part = self.inbox[begin:end]
                requests.append(comm.Irecv([part, part.size, kind], int(rank), TAG_REST))
        for k, rank in enumerate(self.links.targets):
            if self.counts[k] > n_first and k != self._own_row:
                part = self.packets[k, n_first : self.counts[k]]
                requests.append(comm.Isend([part, part.size, kind], int(rank), TAG_REST))
        before = perf_counter()
        MPI.Request.Waitall(requests)
        self.wait_s += perf_counter() - before

    def close(self) -> None:
        """Free the requests."""
        for request in self._requests:
            request.Free()
        self._requests = []


def _index_of(rank: int, ranks: np.ndarray) -> int:
    index = np.flatnonzero(ranks == rank)
    return int(index[0]) if index.size else -1
