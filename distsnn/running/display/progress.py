"""Progress of a run: a bar on a terminal or in a notebook, lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from distsnn.comm import Comm
from distsnn.network import Network
from distsnn.running.display.terminal import is_notebook, is_terminal, say

Report = Callable[[int, int], None]

BETWEEN_CALLS_S = 0.4  # a bit less than the time between two reports of the steps
FIRST_LINE_S = 2.0
MAX_BETWEEN_LINES_S = 30.0


class Pace:
    """Times of the progress lines, and an estimate of the remaining time.

    Lines come less and less often, so that a run of hours does not fill a log.
    """

    def __init__(self) -> None:
        self._began = self._next = perf_counter()
        self._first: int | None = None

    def seconds_left(self, done: int, total: int) -> float | None:
        """Return the seconds that the rest will take if a line is due, else None.

        The first call starts the measurement; work done before it is not counted.
        """
        now = perf_counter()
        if self._first is None:
            self._began, self._next, self._first = now, now + FIRST_LINE_S, done
            return None
        if now < self._next or done <= self._first or done >= total:
            return None
        # The interval grows with the time passed: lines after 2, 4, 8, 16, 32, 62 ... seconds.
        passed_s = now - self._began
        self._next = now + min(max(FIRST_LINE_S, passed_s), MAX_BETWEEN_LINES_S)
        return passed_s / (done - self._first) * (total - done)


class PartLines:
    """Lines on work in named parts, such as ``liquid: 400 of 2,700 (15 %), 31 s left``."""

    def __init__(self) -> None:
        self._name = ""
        self._pace = Pace()

    def __call__(self, name: str, done: int, total: int) -> None:
        """Print a line if the part ``name`` begins, or if one is due."""
        if name != self._name:
            self._name, self._pace = name, Pace()
            say(f"{name} ...")
        left_s = self._pace.seconds_left(done, total)
        if left_s is not None:
            say(f"{name}: {done:,} of {total:,} ({done / total:.0%}), {clock(left_s)} left")


class Lines:
    """Newline-terminated lines, since launchers garble carriage returns."""

    def __init__(self) -> None:
        self._pace = Pace()

    def begin(self, network: Network, n_ranks: int) -> None:
        """Print the network, its size and the number of ranks."""
        synapses = network.expected_synapses()
        ranks = "1 rank" if n_ranks == 1 else f"{n_ranks} ranks"
        say(
            f"{network.name}: {network.n_neurons:,} neurons, {synapses:,.0f} synapses, "
            f"dt {network.dt_ms:g} ms, seed {network.seed}, {ranks}; building ..."
        )

    def __call__(self, step: int, n_steps: int) -> None:
        """Print the progress of the run, if a line is due. step: the last completed step."""
        left_s = self._pace.seconds_left(step + 1, n_steps)
        if left_s is not None:
            share = (step + 1) / n_steps
            say(f"step {step + 1:,} of {n_steps:,} ({share:.0%}), {clock(left_s)} left")

    def end(self) -> None:
        """Remove what the display leaves on the screen: of lines, nothing."""


class Bar(Lines):
    """A bar with the remaining time."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, step: int, n_steps: int) -> None:
        """Move the bar."""
        if self._bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("step {task.completed:,} of {task.total:,}"),
                BarColumn(),
                TextColumn("{task.percentage:.0f} %"),
                TimeRemainingColumn(),
                TextColumn("left"),
            )
            # transient: it leaves no line behind
            self._bar = Progress(*columns, transient=True)
            self._task = self._bar.add_task("steps", total=n_steps)
            self._bar.start()
        self._bar.update(self._task, completed=step + 1)
        if step + 1 >= n_steps:
            self.end()

    def end(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class NotebookBar(Lines):
    """A bar below a cell of a notebook, which stays there."""

    def __init__(self) -> None:
        super().__init__()
        self._cell: Any = None

    def __call__(self, step: int, n_steps: int) -> None:
        """Move the bar."""
        from IPython.display import HTML, display

        bar = HTML(
            f'<progress value="{step + 1}" max="{n_steps}"></progress> '
            f"step {step + 1:,} of {n_steps:,}"
        )
        # The first call makes an output of the cell, later ones replace its content.
        if self._cell is None:
            self._cell = display(bar, display_id=True)
        else:
            self._cell.update(bar)


def clock(seconds: float) -> str:
    """Return ``12 s``, ``3 min 20 s`` or ``2 h 5 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def reporter(comm: Comm) -> Lines | None:
    """Return the progress display of rank 0, None on other ranks."""
    if comm.rank != 0:
        return None
    if is_notebook():
        return NotebookBar()
    return Bar() if is_terminal() else Lines()


@contextmanager
def shown_progress(
    progress: Report | bool | None, comm: Comm, n_steps: int
) -> Iterator[Report | None]:
    """Give the function that a run of ``n_steps`` reports its steps to, also one of many pieces.

    progress: what is called about twice a second, or True for a display, which is removed at the end,
    also after an error.
    """
    # a display of our own has an end; what a user gives is only called
    display = reporter(comm) if progress is True else None
    # False asks for nothing, as None does
    called = None if isinstance(progress, bool) else progress
    shown = display or called
    if shown is None:
        yield None
        return
    try:
        yield Paced(shown, n_steps)
    finally:
        if display is not None:
            display.end()


class Paced:
    """Calls a function at most twice a second, and after the last step."""

    def __init__(self, called: Report, n_steps: int) -> None:
        self._called, self._n_steps = called, n_steps
        self._next = 0.0

    def __call__(self, step: int, _n_steps_of_piece: int) -> None:
        """Pass on the last completed step, if a call is due."""
        # Every piece ends with a report of its own; many pieces are still few calls.
        now = perf_counter()
        if now >= self._next or step + 1 == self._n_steps:
            self._next = now + BETWEEN_CALLS_S
            self._called(step, self._n_steps)
