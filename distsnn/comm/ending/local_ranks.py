"""The ranks of one machine, which watch each other."""

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
MESSAGE, EXIT_CODE, FIRST_RANK = range(3)  # indices of the flags


class LocalRanks:
    """The ranks of this machine: their processes, and flags about how they end. Collective.

    Layout of the flags, uint32 [2 + local ranks] in shared memory::

        0      whether the job's message has been printed
        1      exit code of the first rank that aborted, 0 before
        2 + k  whether local rank k ends in order
    """

    def __init__(self, world: MPI.Intracomm) -> None:
        machine = world.Split_type(MPI.COMM_TYPE_SHARED)
        self._own, n = machine.rank, machine.size
        self._processes: list[tuple[int, int]] = machine.allgather((world.rank, os.getpid()))
        n_flags = FIRST_RANK + n
        memory: Any = allocate_shared(machine, FLAG_BYTES * n_flags)
        self._is_shared = memory is not None
        self._flags = (
            np.frombuffer(memory, np.uint32, n_flags) if memory else np.zeros(n_flags, np.uint32)
        )
        machine.Free()

    def claim_message(self) -> bool:
        """Return whether no rank of this machine has printed the job's message, and mark it printed."""
        is_first = not self._flags[MESSAGE]
        # no atomic test-and-set: the socket name of ``Guard`` lets one rank of a machine come here
        self._flags[MESSAGE] = 1
        return is_first

    def job_code(self, code: int) -> int:
        """Return the exit code of the first rank of this machine that aborted; ``code`` if none has.

        Ranks that end because another one aborted must not end with a code of their own, which the
        launcher might return.
        """
        if not self._flags[EXIT_CODE]:
            self._flags[EXIT_CODE] = code
        return int(self._flags[EXIT_CODE])

    def set_leaving(self) -> None:
        """Mark that this rank ends in order."""
        self._flags[FIRST_RANK + self._own] = 1

    def watch(self, watcher: ProcessWatcher, on_gone: Callable[[int], None]) -> None:
        """Call ``on_gone`` with the rank of a watched process that ends without ``set_leaving``."""
        n = len(self._processes)
        if not self._is_shared:
            return  # in separate containers the process numbers of others mean nothing here
        # each rank watches the next ones in a ring of all local ranks
        for k in range(1, min(n, MAX_WATCHED + 1)):
            local_rank = (self._own + k) % n
            rank, process = self._processes[local_rank]

            def on_end(local_rank: int = local_rank, rank: int = rank) -> None:
                if not self._flags[FIRST_RANK + local_rank]:
                    on_gone(rank)

            watcher.on_end(process, on_end)
