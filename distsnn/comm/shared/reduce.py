"""Sums over the ranks of one machine through shared memory.

Where ranks outnumber cores, MPI's reduction of a long array takes many messages, and each may wait
until the scheduler preempts a rank that spins: with some libraries a hundred milliseconds and more.
This reduction lets the ranks sleep while they wait, once for each part of the array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SLOT_BYTES = 1 << 17


class SharedReduce:
    """Adds the arrays of all ranks in parts of SLOT_BYTES, with double buffering.

    A rank writes a slot again two parts later. By then all ranks, including the root that reads the
    slots, have passed the barrier of the part between. memory: shared, ``size_bytes(n_ranks)`` bytes
    from ``offset`` on, used as uint8 [2 buffers, ranks, SLOT_BYTES]. barrier: waits for all ranks.
    """

    def __init__(
        self, rank: int, n_ranks: int, memory: Any, offset: int, barrier: Callable[[], None]
    ) -> None:
        self._rank, self._barrier, self._buffer = rank, barrier, 0
        slots = np.frombuffer(memory, np.uint8, self.size_bytes(n_ranks), offset)
        self._slots = slots.reshape(2, n_ranks, SLOT_BYTES)

    @staticmethod
    def size_bytes(n_ranks: int) -> int:
        """Return the bytes of shared memory that a reduction over n_ranks ranks needs."""
        return 2 * n_ranks * SLOT_BYTES

    def reduce(self, array: np.ndarray, root: int, out: np.ndarray | None) -> np.ndarray:
        """Return the sum on ``root``, the array itself elsewhere. Collective.

        Integers wrap modulo their width; floats are added in the order of the ranks. out: contiguous,
        filled on ``root`` instead of a new array.
        """
        own = np.ascontiguousarray(array)
        is_root = self._rank == root
        total = own if not is_root else np.empty_like(own) if out is None else out
        sent, received = own.reshape(-1), total.reshape(-1)
        # part by part: all ranks write their slots, the root adds them up
        n_part = SLOT_BYTES // own.dtype.itemsize
        for first in range(0, sent.size, n_part):
            part = sent[first : first + n_part]
            slots = self._slots[self._buffer][:, : part.nbytes].view(own.dtype)
            slots[self._rank] = part
            self._barrier()  # all slots of this buffer are written
            if is_root:
                np.sum(slots, axis=0, dtype=own.dtype, out=received[first : first + n_part])
            self._buffer ^= 1
        return total
