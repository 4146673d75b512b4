"""What ranks do when a roll call shows that they are not about to do the same."""

from __future__ import annotations

import pickle
import time
from typing import Any, Protocol

import numpy as np

from distsnn.comm.handshake import ENDED, FAILED, Handshake
from distsnn.errors import UsageError

PATIENCE_S = 1.0  # how long the ranks that wait let the one that ended speak
REMEDY = "All ranks must make the same calls in the same order."


class KnownCode(Protocol):
    """The exit code of a process, as far as it is known."""

    def find(self) -> int:
        """Return the code, 0 if it is not known."""


class Ending(Protocol):
    """What ends this rank and its job; see ``ending.failure.Guard``."""

    @property
    def exit_code(self) -> KnownCode:
        """The code that this process ends with."""

    def where(self) -> str:
        """Return the rank, its cores and its step, as far as known."""

    def say(self, text: str) -> None:
        """Print the job's one message, unless another rank has."""

    def abort(self, code: int) -> None:
        """End all ranks now with this exit code."""


def resolve(
    guard: Ending, handshake: Handshake, doing: str, error: Exception | None
) -> Exception | None:
    """Return what all ranks are to raise after a roll call in which some said different things.

    Where some failed, that is the error of the lowest such rank. Where some ended, the job ends.
    None where all do the same with different contents. error: of this rank, which then has said
    ``FAILED``. Collective.
    """
    numbers = handshake.numbers
    if (numbers == ENDED).any():
        end_for_others(guard, handshake, doing)
    failed = np.flatnonzero(numbers == FAILED)
    if failed.size:
        return shared_error(handshake.mpi_comm, error, int(failed[0]))
    texts = handshake.mpi_comm.allgather(doing)
    if len(set(texts)) == 1:
        return None
    other = next(rank for rank, text in enumerate(texts) if text != texts[0])
    return UsageError(
        f"calls of the ranks: must be the same, got {texts[0]} on rank 0 and {texts[other]} on rank "
        f"{other}. {REMEDY}"
    )


def end_for_others(guard: Ending, handshake: Handshake, doing: str) -> None:
    """End the job, since some ranks of the roll call have ended and others wait. Collective."""
    numbers = handshake.numbers
    known = handshake.mpi_comm.allgather((guard.where(), guard.exit_code.find(), doing))
    first, waiting = (
        int(np.flatnonzero(found)[0]) for found in (numbers == ENDED, numbers != ENDED)
    )
    where, code, _ = known[first]
    if handshake.mpi_comm.rank != first:
        time.sleep(PATIENCE_S)
    guard.say(
        f"distsnn: {where}: ended with exit code {code} before the other ranks; {known[waiting][0]} "
        f"waits in {known[waiting][2].partition(' (')[0]}. {REMEDY}"
    )
    guard.abort(code or 1)


def shared_error(mpi_comm: Any, error: Exception | None, of_rank: int) -> Exception:
    """Return the error of one rank on all ranks. Collective."""
    told: Exception = mpi_comm.bcast(
        _portable(error) if mpi_comm.rank == of_rank else None, of_rank
    )
    if mpi_comm.rank == of_rank and error is not None:
        return error
    told.__notes__ = [f"raised on rank {of_rank}"]  # type: ignore[attr-defined]
    told._is_from_another_rank = True  # type: ignore[attr-defined]
    return told


def is_from_another_rank(error: BaseException) -> bool:
    """Return whether an error was raised on another rank and told to this one."""
    return getattr(error, "_is_from_another_rank", False)


def _portable(error: Exception | None) -> Exception:
    """Return the error, or where it cannot be sent to other ranks, one with its text."""
    try:
        found = pickle.loads(pickle.dumps(error))
        if isinstance(found, Exception):
            return found
    except Exception:
        pass
    return RuntimeError(f"{type(error).__name__}: {error}")
