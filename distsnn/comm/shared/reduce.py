"""Sums over the ranks of one machine through memory that they share.

Where ranks outnumber cores, MPI's reduction of a long array takes many messages, and each may wait
until the scheduler lets a spinning rank go: a hundred milliseconds and more with some libraries.
Here ranks sleep while they wait, once for each part of the array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SLOT_BYTES = 1 << 17


class SharedReduce:
    """Adds arrays of all ranks. Every rank has two slots, used in turn.

    A slot is written again two parts later, when everybody, also the root that reads, has passed
    the meeting between. memory: ``size_bytes(n_ranks)`` bytes from ``offset`` on.
    """

    def __init__(
        self, rank: int, n_ranks: int, memory: Any, offset: int, meet: Callable[[], None]
    ) -> None:
        self._rank, self._meet, self._turn = rank, meet, 0
        slots = np.frombuffer(memory, np.uint8, self.size_bytes(n_ranks), offset)
        self._slots = slots.reshape(2, n_ranks, SLOT_BYTES)

    @staticmethod
    def size_bytes(n_ranks: int) -> int:
        """Bytes of shared memory for so many ranks."""
        return 2 * n_ranks * SLOT_BYTES

    def reduce(self, array: np.ndarray, root: int, out: np.ndarray | None) -> np.ndarray:
        """Return the sum on ``root``, the array itself elsewhere. Collective.

        Integers wrap modulo their width; floats are added in the order of the ranks.
        """
        own = np.ascontiguousarray(array)
        is_root = self._rank == root
        total = own if not is_root else np.empty_like(own) if out is None else out
        sent, received = own.reshape(-1), total.reshape(-1)
        n_part = SLOT_BYTES // own.dtype.itemsize
        for first in range(0, sent.size, n_part):
            part = sent[first : first + n_part]
            slots = self._slots[self._turn][:, : part.nbytes].view(own.dtype)
            slots[self._rank] = part
            self._meet()
            if is_root:
                np.sum(slots, axis=0, dtype=own.dtype, out=received[first : first + n_part])
            self._turn ^= 1
        return total
