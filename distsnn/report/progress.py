"""Progress of a run: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

from distsnn.network import Network

SECONDS_PER_LINE = 5.0


class Lines:
    """Newline-terminated lines, since launchers garble carriage returns."""

    def __init__(self) -> None:
        self._began = 0.0
        self._next = 0.0

    def begin(self, network: Network, n_ranks: int) -> None:
        """Say what is about to be run."""
        synapses = network.expected_synapses()
        ranks = "1 rank" if n_ranks == 1 else f"{n_ranks} ranks"
        print(
            f"{network.name}: {network.n_neurons:,} neurons, {synapses:,.0f} synapses, "
            f"dt {network.dt_ms:g} ms, seed {network.seed}, {ranks}; building ...",
            flush=True,
        )

    def __call__(self, step: int, n_steps: int) -> None:
        """Say how far the run is."""
        now = perf_counter()
        if not self._began:
            self._began, self._next = now, now + SECONDS_PER_LINE
            self.first = step
            return
        if now < self._next or step <= self.first:
            return
        self._next = now + SECONDS_PER_LINE
        left = (now - self._began) / (step - self.first) * (n_steps - step)
        print(f"step {step} of {n_steps} ({step / n_steps:.0%}), {left:.0f} s left", flush=True)


class Bar(Lines):
    """A bar with the remaining time."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, step: int, n_steps: int) -> None:
        """Move the bar."""
        if self._bar is None:
            from rich.progress import Progress, TimeRemainingColumn

            columns = (*Progress.get_default_columns()[:2], TimeRemainingColumn())
            self._bar = Progress(*columns, transient=True)
            self._task = self._bar.add_task("steps", total=n_steps)
            self._bar.start()
        self._bar.update(self._task, completed=step)
        if step + 1 >= n_steps:
            self._bar.stop()


def reporter(comm: Any) -> Lines | None:
    """Return what shows progress on this rank: something on rank 0, nothing elsewhere."""
    if comm.rank != 0:
        return None
    return Bar() if sys.stdout.isatty() and comm.n_ranks == 1 else Lines()
