"""What the exchange between ranks must send, counted from spikes and connections alone.

Nothing of ``distsnn.comm`` is used, so that its counters can be held against this. In the two-phase
exchange a rank writes along its row to each column that it reaches, and along its column to each
rank that anyone of its row reaches there: on a Px x Py grid with everybody connected

    messages = (Px - 1) + (Py - 1)   per rank and exchange,

each 1,024 bytes: a length and 255 words. A longer one is followed by the words that did not fit.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

FIRST_WORDS = 256  # of a first message, its length included
WAYS = ("memory", "direct", "rows and columns", "all to all")


class ExchangeCount:
    """Messages and words that every rank sends, batch after batch.

    way: one of WAYS. grid: (Px, Py), rank = y * Px + x. linked: bool [ranks, ranks], who can send
    packets to whom. messages, words: int64 [phases, ranks], filled by ``add``.
    """

    def __init__(self, way: str, grid: tuple[int, int], linked: np.ndarray) -> None:
        self.way, (self.n_x, self.n_y) = way, grid
        n_ranks = self.n_x * self.n_y
        self.linked = linked & ~np.eye(n_ranks, dtype=bool)
        self.messages = np.zeros((2, n_ranks), dtype=np.int64)
        self.words = np.zeros((2, n_ranks), dtype=np.int64)

    def add(self, packets: np.ndarray) -> None:
        """Count one exchange: packets int64 [from, to]."""
        packets = packets * self.linked
        if self.way == "memory":
            self.messages[0] += (packets > 0).sum(1)
            self.words[0] += packets.sum(1)
        elif self.way == "direct":
            self._send(0, np.arange(len(packets)), self.linked, packets)
        elif self.way == "all to all":
            self.messages[0] += len(packets)
            self.words[0] += len(packets) + packets.sum(1)
        else:
            self._two_phases(packets)

    def _send(self, phase: int, ranks: np.ndarray, linked: np.ndarray, words: np.ndarray) -> None:
        """Add a first message for each link, and a second one where it is too short."""
        beyond = np.maximum(0, words - (FIRST_WORDS - 1)) * linked
        self.messages[phase, ranks] += linked.sum(1) + (beyond > 0).sum(1)
        self.words[phase, ranks] += FIRST_WORDS * linked.sum(1) + beyond.sum(1)

    def _two_phases(self, packets: np.ndarray) -> None:
        """Rows, then columns. A message along a row begins with the lengths of its sections."""
        n_x, n_y = self.n_x, self.n_y
        shape = (n_y, n_x, n_y, n_x)  # from y, from x, to y, to x
        by_place, links = packets.reshape(shape), self.linked.reshape(shape)
        along_row = (links.sum(2) + by_place.sum(2)).reshape(-1, n_x)
        has_row = links.any(2).reshape(-1, n_x)
        ranks = np.arange(n_x * n_y)
        has_row[ranks, ranks % n_x] = False  # the own column needs no message
        self._send(0, ranks, has_row, along_row)
        # now at (from y, to x), on the way to (to y, to x)
        along_column = by_place.sum(1).transpose(0, 2, 1).reshape(-1, n_y)
        has_column = links.any(1).transpose(0, 2, 1).reshape(-1, n_y).copy()
        has_column[ranks, ranks // n_x] = False
        self._send(1, ranks, has_column, along_column)


def packets_of_exchanges(
    step: np.ndarray,
    gid: np.ndarray,
    rank_of_gid: np.ndarray,
    reached: np.ndarray,
    batch: int,
    steps: tuple[int, int],
) -> Iterable[np.ndarray]:
    """Yield packets int64 [from, to] of each exchange in the steps [first, last).

    step, gid: all spikes, sorted by step. reached: bool [ranks, neurons], whose spikes a rank needs.
    A spike is one packet for each rank that needs it.
    """
    n_ranks = len(reached)
    first, last = steps
    for begin in range(first, last, batch):
        low, high = np.searchsorted(step, [begin, min(begin + batch, last)])
        here = gid[low:high]
        packets = np.zeros((n_ranks, n_ranks), dtype=np.int64)
        np.add.at(packets, rank_of_gid[here], reached[:, here].T.astype(np.int64))
        yield packets


def way_of(fabric: str, is_one_machine: bool, grid: tuple[int, int]) -> str:
    """Return how a fabric sends, one of WAYS; an empty text where nothing is sent or counted."""
    if fabric == "alltoall":
        return "all to all"
    if not fabric.startswith("mesh"):
        return ""
    if fabric == "mesh" and is_one_machine:
        return "memory"
    return "direct" if min(grid) == 1 else "rows and columns"
