"""Says how far a training is, with the remaining time, one line every few seconds."""

from __future__ import annotations

from time import perf_counter

SECONDS_PER_LINE = 4.0


class ProgressLines:
    """Prints lines such as ``liquid: 400 of 2700 (15 %), 31 s left``."""

    def __init__(self) -> None:
        self._name = ""
        self._began = self._next = 0.0
        self._first = 0

    def __call__(self, name: str, done: int, total: int) -> None:
        """Say how far the part ``name`` is, if the last line is old enough."""
        now = perf_counter()
        if name != self._name:
            self._name, self._began, self._first = name, now, done
            self._next = now + SECONDS_PER_LINE
            print(f"{name} ...", flush=True)
            return
        if now < self._next or done <= self._first:
            return
        self._next = now + SECONDS_PER_LINE
        left = (now - self._began) / (done - self._first) * (total - done)
        print(f"{name}: {done} of {total} ({done / total:.0%}), {left:.0f} s left", flush=True)
