"""How the ranks of a communicator come together for a collective call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from mpi4py import MPI

from distsnn.comm.agreement import resolve
from distsnn.comm.ending.failure import PATIENCE_S, Guard
from distsnn.comm.launch.environment import cpu_quota, usable_cores
from distsnn.comm.handshake import FAILED, Handshake, call_id
from distsnn.errors import DistsnnError


class CollectiveCalls:
    """The roll calls of a group of ranks, and what follows from them. Made collectively.

    is_one_machine, is_oversubscribed: see ``Comm``. doing: the names of the calls in progress,
    outermost first, for messages.
    """

    def __init__(self, ranks: Any, guard: Guard) -> None:
        self.guard, self.n_ranks, self._rank = guard, ranks.size, ranks.rank
        self.doing: list[str] = []
        guard.n_in_flight += 1
        machine = ranks.Split_type(MPI.COMM_TYPE_SHARED)
        self.is_one_machine = bool(ranks.allreduce(machine.size, MPI.MIN) == ranks.size)
        self.is_oversubscribed = _is_oversubscribed(ranks, machine)
        machine.Free()
        self._handshake = Handshake(ranks, self.is_one_machine, self.is_oversubscribed)
        guard.n_in_flight -= 1
        guard.handshakes.append(self._handshake)

    def enter(self, call: str, told: str = "") -> bool:
        """Return when all ranks make this call; False where they told different things. Collective.

        Raises the same on all ranks where one has failed or they make different calls; ends the job
        where one has ended.
        """
        number = call_id(call + told)
        self._handshake.post(number)
        self._handshake.wait()
        if (self._handshake.numbers == number).all():
            return True
        error = resolve(self.guard, self._handshake, self._named(call), None)
        if error is not None:
            raise self.agreed(error)
        return False

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """A collective call of MPI. Collective."""
        self.enter(name)
        with self.communicating():
            yield

    @contextmanager
    def communicating(self) -> Iterator[None]:
        """Something in which the others count on this rank and hold no roll calls."""
        self.guard.n_in_flight += 1
        yield
        self.guard.n_in_flight -= 1  # after an error the others still count on it

    @contextmanager
    def together(self, doing: str) -> Iterator[None]:
        """Let all ranks raise the error of any of them. Collective."""
        n_in_flight = self.guard.n_in_flight
        self.doing.append(doing)
        try:
            yield
        except Exception as error:
            if getattr(error, "_agreed_by", None) is not self:
                self.fail(error, n_in_flight)
            self.guard.n_in_flight = n_in_flight
            raise
        finally:
            self.doing.pop()

    def fail(self, error: Exception, n_in_flight: int | None = None) -> NoReturn:
        """Raise on all ranks the error of the lowest that has one; end the job where they cannot.

        n_in_flight: how many there were when all was well. Ranks that count on this one hold no roll
        calls: they have a second to fail as well.
        """
        guard = self.guard
        n_in_flight = guard.n_in_flight if n_in_flight is None else n_in_flight
        self._handshake.post(FAILED)
        if not self._handshake.wait(PATIENCE_S if guard.n_in_flight > n_in_flight else None):
            if isinstance(error, DistsnnError):
                guard.say(f"distsnn: {guard.where()}: {error}")
                guard.abort(error.exit_code)
            guard.on_exception(type(error), error, error.__traceback__)
        told = resolve(guard, self._handshake, self._named("an error"), error) or error
        guard.n_in_flight = n_in_flight
        raise self.agreed(told) from (None if told is error else error)

    def agreed(self, error: Exception) -> Exception:
        """Return an error that all ranks raise, marked as such."""
        error._agreed_by = self  # type: ignore[attr-defined]
        return error

    def _named(self, call: str) -> str:
        return f"{self.doing[-1]} ({call})" if self.doing else call

    def close(self) -> None:
        """Hold no roll calls any more. Collective."""
        self.guard.handshakes.remove(self._handshake)
        self._handshake.close()


def _is_oversubscribed(ranks: Any, machine: Any) -> bool:
    """Return whether any machine has more ranks than cores they may use. Collective.

    A launcher may bind each rank to a core of its own, so the cores of all ranks count.
    """
    cores: set[int] = set().union(*machine.allgather(usable_cores()))
    n_cores = min(len(cores), cpu_quota() or len(cores))
    return bool(ranks.allreduce(int(machine.size > n_cores), MPI.MAX))
