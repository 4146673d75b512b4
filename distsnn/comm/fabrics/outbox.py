"""What a rank wants sent: one row of packets for each rank that it reaches."""

from __future__ import annotations

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import CapacityError

LINE_WORDS = 16  # a cache line of 64 bytes


class Outbox:
    """Packets by destination rank, filled by compiled code, emptied by ``Fabric.exchange``.

    destinations: int64 [n], ranks, each at most once. capacity: packets that each row can hold.
    counts: int64 [n]. packets: uint32 [n, capacity or a little more]; row i holds counts[i]
    packets. The memory of packets is touched only as far as it is filled.
    """

    def __init__(self, destinations: np.ndarray, capacity: int) -> None:
        self.destinations = np.ascontiguousarray(destinations, dtype=np.int64)
        self.capacity = max(1, int(capacity))
        if np.unique(self.destinations).size != self.destinations.size:
            limit, remedy = "different ranks", "Give every destination one row."
            raise CapacityError(must_be("outbox: destinations", limit, destinations, remedy))
        self.counts = np.zeros(self.destinations.size, dtype=np.int64)
        self.packets = np.empty((self.destinations.size, padded_words(self.capacity)), dtype=np.uint32)

    @property
    def limits(self) -> np.ndarray:
        """Most packets for each destination, int64 [n]."""
        return np.full(self.destinations.size, self.capacity, dtype=np.int64)


def padded_words(n_words: int) -> int:
    """Return a row length, n_words or a little more, that is an odd number of cache lines.

    Rows that begin a power of two apart compete for the same few sets of a cache.
    """
    return (-(-n_words // LINE_WORDS) | 1) * LINE_WORDS
