"""The outbox of a rank: one row of packets for each rank that it sends to."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError

LINE_WORDS = 16  # a cache line of 64 bytes


class Outbox:
    """Packets by destination rank, filled by kernels and emptied by ``Fabric.exchange``.

    destinations: int64 [n], ranks, each at most once. capacity: maximum number of packets in a row.
    counts: int64 [n], packets in each row. packets: uint32 [n, padded_words(capacity)]. Raises
    CapacityError for a destination that is given twice.
    """

    def __init__(self, destinations: np.ndarray, capacity: int) -> None:
        self.destinations = np.ascontiguousarray(destinations, dtype=np.int64)
        self.capacity = max(1, int(capacity))
        if np.unique(self.destinations).size != self.destinations.size:
            limit, remedy = "different ranks", "Give every destination one row."
            raise CapacityError(must_be("outbox: destinations", limit, destinations, remedy))
        self.counts = np.zeros(self.destinations.size, dtype=np.int64)
        # Pages that are never written take no memory, so the capacity may be a generous bound.
        self.packets = np.empty(
            (self.destinations.size, padded_words(self.capacity)), dtype=np.uint32
        )

    @property
    def limits(self) -> np.ndarray:
        """Maximum number of packets for each destination, int64 [n]."""
        return np.full(self.destinations.size, self.capacity, dtype=np.int64)


def padded_words(n_words: int) -> int:
    """Return the smallest odd number of cache lines with room for n_words, in words.

    Rows of this length do not begin a power of two apart, where they would compete for the same few
    sets of a cache.
    """
    return (-(-n_words // LINE_WORDS) | 1) * LINE_WORDS
