"""The fabric ``mesh``: along the rows of the grid of ranks, then along its columns.

A packet is in at most two messages. Through shared memory, ranks send to each other directly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from distsnn.comm.collectives import alltoall_arrays
from distsnn.comm.fabrics.channels import Channel, ChannelFactory, ProgramLines, Sender
from distsnn.comm.fabrics.messages import MessageChannel
from distsnn.comm.fabrics.outbox import Outbox
from distsnn.comm.fabrics.transport import Opening, Transport
from distsnn.kernels.comm.packing import pack_sections, unpack_sections


def open_mesh(channels: ChannelFactory, grid: tuple[int, int], outbox: Outbox) -> Transport:
    """Return the transport of the fabric ``mesh``. Collective.

    grid: numbers of ranks (Px, Py). Ranks send directly to each other through shared memory, and on a
    grid of one row or column.
    """
    arguments = (outbox.destinations, outbox.limits, outbox.counts, outbox.packets)
    window = channels.window_between_all(*arguments)
    if window is not None:
        return Direct(window, window)
    if min(grid) == 1:
        return Direct(MessageChannel(channels.mpi_comm, *arguments))
    return RowsThenColumns(channels.mpi_comm, grid, outbox)


class Direct(Transport):
    """Sends each row of the outbox directly to its target, through one channel."""

    def __init__(self, channel: Channel, program_lines: ProgramLines | None = None) -> None:
        self.program_lines = program_lines
        self.senders: Sequence[Sender] = (channel,)
        self.inbox = channel.inbox
        self._exchange_words = channel.exchange_words

    def move(self) -> int:
        """Send all packets; see ``Transport``. Collective."""
        return self._exchange_words()


class RowsThenColumns(Transport):
    """Sends packets in two stages over a Cartesian communicator of Py x Px ranks.

    In the first stage each rank sends along its row. A message to column x has a section for each rank
    of that column that its sender sends to: first the lengths of all sections, then the sections. In
    the second stage the receivers send the sections along their columns. The targets of all sections
    are exchanged once at the start, so the messages carry no addresses.
    """

    def __init__(self, mpi_comm: Any, grid: tuple[int, int], outbox: Outbox) -> None:
        n_x, n_y = grid
        self._cartesian = mpi_comm.Create_cart([n_y, n_x], [False, False], False)
        self._row = self._cartesian.Sub([False, True])
        self._column = self._cartesian.Sub([True, False])
        # First stage: rows of the outbox in the order of (target x, target y), grouped by target x.
        to_x, to_y = outbox.destinations % n_x, outbox.destinations // n_x
        order = np.lexsort((to_y, to_x))
        targets, n_members = np.unique(to_x, return_counts=True)
        # rows of the outbox to the k-th target column: order[member_start[k] : member_start[k + 1]]
        member_start = np.concatenate([[0], np.cumsum(n_members)]).astype(np.int64)
        # target y of the sections that this rank sends to each column
        sections_to: list[np.ndarray] = [np.empty(0, np.int64)] * n_x
        for k, x in enumerate(targets):
            sections_to[int(x)] = to_y[order[member_start[k] : member_start[k + 1]]]
        # every section has its length and at most ``capacity`` packets
        limits = n_members.astype(np.int64) * (outbox.capacity + 1)
        rows = _rows(limits)
        self._rows = MessageChannel(self._row, targets, limits, *rows)
        # the sections that this rank receives, and how long they can be
        sections = alltoall_arrays(self._row, sections_to)
        capacities = np.array(self._row.allgather(outbox.capacity), dtype=np.int64)
        self._columns, columns, section_start, section_row = self._open_columns(
            sections, capacities
        )
        self.inbox = self._columns.inbox
        self.senders: Sequence[Sender] = (self._rows, self._columns)
        self._pack = pack_sections.bind(
            member_start, order.astype(np.int64), outbox.counts, outbox.packets, *rows
        )
        self._unpack = unpack_sections.bind(
            self._rows.starts, self._rows.inbox, section_start, section_row, *columns
        )

    def _open_columns(
        self, sections: list[np.ndarray], capacities: np.ndarray
    ) -> tuple[MessageChannel, tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray]:
        """Make the channel of the second stage.

        sections: target y of the sections that each rank of the row sends here, int64 [sections] each.
        capacities: int64 [Px], maximum number of packets in a section of each rank. Returns the
        channel, its counts and packets, and by source the offsets int64 [sources + 1] and column rows
        int64 [sections] of the sections.
        """
        source_of_section = np.repeat(np.arange(len(sections)), [s.size for s in sections])
        to_y = np.concatenate(sections)
        targets, section_row = np.unique(to_y, return_inverse=True)
        # a row of the second stage collects the sections of all sources for one target
        limits = np.zeros(targets.size, dtype=np.int64)
        np.add.at(limits, section_row, capacities[source_of_section])
        n_of_source = [sections[int(x)].size for x in self._rows.links.sources]
        section_start = np.concatenate([[0], np.cumsum(n_of_source)]).astype(np.int64)
        columns = _rows(limits)
        channel = MessageChannel(self._column, targets, limits, *columns)
        return channel, columns, section_start, section_row.astype(np.int64)

    def move(self) -> int:
        """Send all packets; see ``Transport``. Collective."""
        self._pack()
        self._rows.exchange_words()
        self._unpack()
        return self._columns.exchange_words()


def _rows(limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and packets, as those of an outbox, for rows of at most ``limits`` words."""
    n_words = int(limits.max(initial=1))
    return np.zeros(limits.size, dtype=np.int64), np.empty((limits.size, n_words), dtype=np.uint32)


def open_transport(opening: Opening) -> Transport:
    """Return the transport of the fabric ``mesh``. Collective."""
    return open_mesh(opening.channels(), opening.grid, opening.outbox)
