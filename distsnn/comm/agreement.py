"""What ranks do when a handshake shows that they are not about to make the same call."""

from __future__ import annotations

import pickle
import time
from typing import Any, Protocol

import numpy as np

from distsnn.comm.handshake import ENDED, FAILED, Handshake
from distsnn.errors import UsageError

GRACE_S = 1.0  # head start of a rank that ended, which knows more about the reason
REMEDY = "All ranks must make the same calls in the same order."


class RaisedOnRank(Exception):
    """The cause of an error that was raised on another rank, where its traceback is."""


class KnownCode(Protocol):
    """The exit code of a process, as far as it is known."""

    def find(self) -> int:
        """Return the code, 0 if it is not known."""


class JobEnd(Protocol):
    """What ends the job of this rank; see ``ending.failure.Guard``."""

    @property
    def exit_code(self) -> KnownCode:
        """The code that this process ends with."""

    def location(self) -> str:
        """Return the rank, its cores and its step, as far as known."""

    def report(self, text: str) -> None:
        """Print the job's only message, unless another rank has printed one."""

    def abort(self, code: int) -> None:
        """End all ranks now with this exit code."""


def resolve(
    guard: JobEnd, handshake: Handshake, call: str, error: Exception | None
) -> Exception | None:
    """Return the error that all ranks are to raise after a handshake that failed. Collective.

    If any rank has failed, it is the error of the lowest such rank; if the calls have different
    names, a UsageError that says so. None means the same call with different contents. If any rank has
    ended, the job ends. error: that of this rank, which has then posted ``FAILED``.
    """
    # 1. a rank that has ended calls end_for_others too, from Guard._wait_for_all
    posted = handshake.posted
    if (posted == ENDED).any():
        end_for_others(guard, handshake, call)
    # 2. a failed rank: its error goes to all
    failed = np.flatnonzero(posted == FAILED)
    if failed.size:
        return shared_error(handshake.mpi_comm, error, int(failed[0]))
    # 3. different calls, or the same call with different contents
    calls = handshake.mpi_comm.allgather(call)
    if len(set(calls)) == 1:
        return None
    other = next(rank for rank, name in enumerate(calls) if name != calls[0])
    return UsageError(
        f"calls of the ranks: must be the same, got {calls[0]} on rank 0 and {calls[other]} on rank "
        f"{other}. {REMEDY}"
    )


def end_for_others(guard: JobEnd, handshake: Handshake, call: str) -> None:
    """End the job since some ranks of a handshake have ended while others wait. Collective."""
    has_ended = handshake.posted == ENDED
    ended, waiting = int(np.flatnonzero(has_ended)[0]), int(np.flatnonzero(~has_ended)[0])
    states = handshake.mpi_comm.allgather((guard.location(), guard.exit_code.find(), call))
    location, code, _ = states[ended]
    waiting_location, _, waiting_call = states[waiting]
    if handshake.mpi_comm.rank != ended:
        time.sleep(GRACE_S)
    guard.report(
        f"distsnn: {location}: ended with exit code {code} before the other ranks; "
        f"{waiting_location} waits in {waiting_call.partition(' (')[0]}. {REMEDY}"
    )
    guard.abort(code or 1)


def shared_error(mpi_comm: Any, error: Exception | None, of_rank: int) -> Exception:
    """Return the error of rank ``of_rank`` on all ranks. Collective.

    error: that of this rank, if it has one. Where the returned error comes from another rank, its
    cause is a ``RaisedOnRank``, whose cause in turn is the error of this rank.
    """
    is_source = mpi_comm.rank == of_rank
    received: Exception = mpi_comm.bcast(_picklable(error) if is_source else None, of_rank)
    if is_source and error is not None:
        return error
    # a traceback cannot be pickled, so the cause says where to find it
    received.__cause__ = RaisedOnRank(f"raised on rank {of_rank}")
    received.__cause__.__cause__ = error
    return received


def is_from_another_rank(error: BaseException) -> bool:
    """Return whether an error was raised on another rank and sent to this one."""
    return isinstance(error.__cause__, RaisedOnRank)


def _picklable(error: Exception | None) -> Exception:
    """Return a copy of the error, or a RuntimeError with its text if it cannot be pickled."""
    try:
        copy = pickle.loads(pickle.dumps(error))
        if isinstance(copy, Exception):
            return copy
    except Exception:  # whatever a class's own methods for pickling raise
        pass
    return RuntimeError(f"{type(error).__name__}: {error}")
