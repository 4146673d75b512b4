"""Functions of the user's that are called at regular times of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from distsnn.checks import must_be
from distsnn.errors import UsageError
from distsnn.time_grid import MAX_RUN_STEPS, given_steps

T = TypeVar("T")


class PeriodicCalls(Generic[T]):
    """Functions with their intervals in steps, called in the order in which they were added."""

    def __init__(self, dt_ms: float) -> None:
        self._dt_ms = dt_ms
        self._calls: list[tuple[int, Callable[[T], object]]] = []
        self.is_calling = False

    def add(self, interval_ms: float, function: Callable[[T], object]) -> Callable[[], None]:
        """Call a function after each interval from now on; return what ends this.

        Raises UsageError unless the interval is whole steps and the function can be called.
        """
        subject = "Simulation.every"
        every = given_steps(
            f"{subject}: interval_ms", interval_ms, self._dt_ms, 1, MAX_RUN_STEPS, error=UsageError
        )
        if not callable(function):
            limit = "a function of the simulation"
            raise UsageError(must_be(f"{subject}: function", limit, function, "Give one."))
        call = every, function
        self._calls.append(call)
        return lambda: self._calls.remove(call) if call in self._calls else None

    def next_stop(self, t: int, end: int) -> int:
        """Return the first step after ``t`` at which a function is due, or ``end``."""
        return min([end, *(t + every - t % every for every, _ in self._calls)])

    def call_due(self, t: int, argument: T) -> None:
        """Call the functions that are due at step ``t``, unless an earlier one has ended them."""
        self.is_calling = True
        try:
            for call in list(self._calls):
                every, function = call
                if t % every == 0 and call in self._calls:
                    function(argument)
        finally:
            self.is_calling = False
