"""The ranks of one machine, as far as they look after each other."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.ending.processes import ProcessWatcher
from distsnn.comm.shared.memory import allocate_shared

MAX_WATCHED = 8  # processes that a rank watches; several, since some may die together
FLAG_BYTES = 4


class LocalRanks:
    """This machine's ranks: which processes they are, who has spoken, who is leaving. Collective.

    _flags: uint32 in shared memory: whether the job's message has been printed, then for each rank
    of the machine whether it ends in order.
    """

    def __init__(self, world: MPI.Intracomm) -> None:
        machine = world.Split_type(MPI.COMM_TYPE_SHARED)
        self._own, n = machine.rank, machine.size
        self._processes: list[tuple[int, int]] = machine.allgather((world.rank, os.getpid()))
        memory: Any = allocate_shared(machine, FLAG_BYTES * (1 + n))
        self._is_shared = memory is not None
        self._flags = (
            np.frombuffer(memory, np.uint32, 1 + n) if memory else np.zeros(1 + n, np.uint32)
        )
        machine.Free()

    def claim(self) -> bool:
        """Return whether nobody of this machine has printed the job's message; from now on, we have."""
        is_first = not self._flags[0]
        self._flags[0] = 1
        return is_first

    def leave(self) -> None:
        """Say that this rank ends in order."""
        self._flags[1 + self._own] = 1

    def watch(self, watcher: ProcessWatcher, answer: Callable[[int], None]) -> None:
        """Call ``answer`` with the rank of a neighbour that ends otherwise than in order."""
        n = len(self._processes)
        if not self._is_shared:
            return  # their process numbers may mean nothing here
        for k in range(1, min(n, MAX_WATCHED + 1)):
            place = (self._own + k) % n
            rank, process = self._processes[place]

            def gone(place: int = place, rank: int = rank) -> None:
                if not self._flags[1 + place]:
                    answer(rank)

            watcher.on_end(process, gone)
