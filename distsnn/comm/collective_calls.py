"""The handshakes before collective calls, and the errors that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from mpi4py import MPI

from distsnn.comm.agreement import GRACE_S, resolve
from distsnn.comm.ending.failure import Guard
from distsnn.comm.handshake import FAILED, Handshake, call_id
from distsnn.comm.launch.environment import cpu_quota, usable_cores
from distsnn.errors import DistsnnError


class CollectiveCalls:
    """Lets a group of ranks enter collective calls together, or raise the same error. Collective.

    is_one_machine, is_oversubscribed: see ``Comm``. calls: names of the blocks in progress, outermost
    first, for messages.
    """

    def __init__(self, ranks: Any, guard: Guard) -> None:
        self.guard, self.n_ranks, self._rank = guard, ranks.size, ranks.rank
        self.calls: list[str] = []
        self._agreed_error: Exception | None = None
        guard.n_in_flight += 1
        # before the first handshake, these are plain collective calls of MPI
        machine = ranks.Split_type(MPI.COMM_TYPE_SHARED)
        self.is_one_machine = bool(ranks.allreduce(machine.size, MPI.MIN) == ranks.size)
        self.is_oversubscribed = _is_oversubscribed(ranks, machine)
        machine.Free()
        self._handshake = Handshake(ranks, self.is_one_machine, self.is_oversubscribed)
        guard.n_in_flight -= 1
        guard.handshakes.append(self._handshake)

    def enter(self, call: str, contents: str = "") -> bool:
        """Wait until all ranks make this call; return whether their contents are equal. Collective.

        Raises the same error on all ranks if one has failed or if they make different calls. Ends
        the job if one has ended.
        """
        # One number for both: contents are compared without a message of their own.
        number = call_id(call + contents)
        self._handshake.post(number)
        self._handshake.wait()
        if (self._handshake.posted == number).all():
            return True
        error = resolve(self.guard, self._handshake, self._named(call), None)
        if error is not None:
            raise self.agreed(error)
        return False

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Enter a collective call and mark its block as communication. Collective."""
        self.enter(name)
        with self.communicating():
            yield

    @contextmanager
    def communicating(self) -> Iterator[None]:
        """Mark a block of communication, in which the other ranks do not answer handshakes."""
        self.guard.n_in_flight += 1
        yield
        # Not in a ``finally``: after an error the others still wait for this rank.
        self.guard.n_in_flight -= 1

    @contextmanager
    def together(self, call: str) -> Iterator[None]:
        """Raise an error of any rank in the block on all ranks. Collective."""
        n_in_flight = self.guard.n_in_flight
        self.calls.append(call)
        try:
            yield
        except Exception as error:
            # an error that all ranks raise already passes through the outer blocks as it is
            if error is not self._agreed_error:
                self.fail(error, n_in_flight)
            self.guard.n_in_flight = n_in_flight
            raise
        finally:
            self.calls.pop()
            if not self.calls:
                self._agreed_error = None  # and with it the frames of its traceback

    def fail(self, error: Exception, n_in_flight: int | None = None) -> NoReturn:
        """Raise the error of the lowest failing rank on all ranks, or end the job.

        n_in_flight: blocks of communication that were open before the error. If the error came in a
        further one, the other ranks do not answer handshakes: they have GRACE_S to fail as well, and
        then the job ends.
        """
        guard = self.guard
        n_in_flight = guard.n_in_flight if n_in_flight is None else n_in_flight
        self._handshake.post(FAILED)
        if not self._handshake.wait(GRACE_S if guard.n_in_flight > n_in_flight else None):
            # the others are in a communication without this rank and will not answer
            if isinstance(error, DistsnnError):
                guard.report(f"distsnn: {guard.location()}: {error}")
                guard.abort(error.exit_code)
            guard.on_exception(type(error), error, error.__traceback__)
        lowest = resolve(guard, self._handshake, self._named("an error"), error) or error
        guard.n_in_flight = n_in_flight
        raise self.agreed(lowest)

    def agreed(self, error: Exception) -> Exception:
        """Return an error that all ranks raise, and remember it for the blocks in progress."""
        if self.calls:
            self._agreed_error = error
        return error

    def _named(self, call: str) -> str:
        return f"{self.calls[-1]} ({call})" if self.calls else call

    def close(self) -> None:
        """End the handshakes. Collective."""
        self.guard.handshakes.remove(self._handshake)
        self._handshake.close()


def _is_oversubscribed(ranks: Any, machine: Any) -> bool:
    """Return whether any machine has more ranks than usable processor cores. Collective.

    machine: communicator of the ranks on this machine.
    """
    # A launcher may bind each rank to a core of its own, so the union over the ranks counts.
    cores: set[int] = set().union(*machine.allgather(usable_cores()))
    n_cores = min(len(cores), cpu_quota() or len(cores))
    return bool(ranks.allreduce(int(machine.size > n_cores), MPI.MAX))
