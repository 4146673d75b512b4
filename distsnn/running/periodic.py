"""Functions of the user's that are called at regular times of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PeriodicCalls(Generic[T]):
    """Functions with their intervals in steps, called in the order in which they were added."""

    def __init__(self) -> None:
        self._calls: list[tuple[int, Callable[[T], object]]] = []
        self.is_calling = False

    def add(self, every: int, function: Callable[[T], object]) -> Callable[[], None]:
        """Call a function after each ``every`` steps from now on; return what ends this."""
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
