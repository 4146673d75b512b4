"""The processes around a rank: its launcher, its neighbours on the machine, what they leave behind."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from distsnn.comm.launch.environment import LAUNCHERS, Launcher

PROC = Path("/proc")
# What the libraries call the files that their ranks share: MPICH, Open MPI up to 4, from 5 on.
PREFIXES_OF_SEGMENTS = ("mpich_sh", "vader_segment", "sm_segment")
LOCAL_SIZES = ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")
LOOK_S = 0.25  # between two looks at what cannot wake us
PATIENCE_S = 1.0


def launcher_process(launcher: Launcher) -> int | None:
    """Return the process that started this rank, None if it cannot be found.

    It is the nearest ancestor that does not itself have the variables that tell a rank its number:
    between the two there may be a shell script.
    """
    variable = LAUNCHERS[launcher.name][1]
    process = os.getppid()
    while process > 1:
        names = _variables(process)
        if names is None or variable not in names:
            return process
        parent = _parent(process)
        if parent is None:
            return None
        process = parent
    return None


def remove_segments() -> None:
    """Remove the files (in /dev/shm) by which MPI shares memory between its ranks.

    What is mapped stays usable. Libraries remove them when they end in order, and only then.
    """
    try:
        lines = (PROC / "self" / "maps").read_text().splitlines()
    except OSError:
        return
    for path in {line.split(maxsplit=5)[-1] for line in lines if "/" in line}:
        if os.path.basename(path).startswith(PREFIXES_OF_SEGMENTS):
            try:
                os.unlink(path)
            except OSError:
                continue  # another rank was first, or the library itself


class ProcessWatcher:
    """A thread that calls an action when a file descriptor is readable or a process is gone."""

    def __init__(self) -> None:
        self._actions: dict[int, Callable[[], None]] = {}
        self._processes: dict[int, Callable[[], None]] = {}

    def on_readable(self, descriptor: int, action: Callable[[], None]) -> None:
        """Call ``action`` each time that there is something to read."""
        self._actions[descriptor] = action

    def on_end(self, process: int, action: Callable[[], None]) -> None:
        """Call ``action`` once when a process has ended, at once where the system can tell."""
        try:
            descriptor = os.pidfd_open(process)
        except (AttributeError, OSError):
            self._processes[process] = action
            return

        def once() -> None:
            del self._actions[descriptor]
            action()

        self._actions[descriptor] = once

    def start(self) -> None:
        """Begin to watch; the thread ends with the process."""
        threading.Thread(target=self._watch, name="distsnn watcher", daemon=True).start()

    def _watch(self) -> None:
        import select

        while True:
            poll = select.poll()
            for descriptor in self._actions:
                poll.register(descriptor, select.POLLIN)
            for descriptor, _ in poll.poll(LOOK_S * 1e3 if self._processes else None):
                self._actions[descriptor]()
            for process in [one for one in self._processes if not is_there(one)]:
                self._processes.pop(process)()


def is_there(process: int) -> bool:
    """Return whether a process is running: neither gone nor waiting to be reaped."""
    try:
        return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return not (PROC / "self").exists()  # without /proc a signal is all there is


class StartupWatchdog:
    """Ends this rank where another one of the machine ended before all had started MPI.

    Starting MPI waits for all ranks, and launchers do not always notice one that left in order.
    Used as a context around the start.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._launcher, self._process = launcher, launcher_process(launcher)
        sizes = [os.environ.get(name, "") for name in LOCAL_SIZES]
        self._n_local = next((int(size) for size in sizes if size.isdecimal()), 0)
        self._is_over = threading.Event()
        self._began = time.monotonic()

    def __enter__(self) -> None:
        if self._process is not None and self._n_local == self._launcher.n_ranks:
            threading.Thread(target=self._watch, name="distsnn start", daemon=True).start()

    def __exit__(self, *what: object) -> None:
        self._is_over.set()

    def _watch(self) -> None:
        n_times = 0  # that the same rank was missing
        missing: int | None = None
        while not self._is_over.wait(LOOK_S):
            before, missing = missing, self._missing()
            n_times = n_times + 1 if missing is not None and missing == before else 0
            if n_times >= 2 and not self._is_over.is_set():
                self._leave(missing)

    def _missing(self) -> int | None:
        """Return a rank that has ended: it is not there though one that was started later is.

        The last rank counts as started when all others have been there for a while, see ``_watch``.
        """
        ranks = ranks_below(self._process or 0, LAUNCHERS[self._launcher.name][1])
        if not ranks or self._launcher.rank not in ranks or len(ranks) >= self._n_local:
            return None
        gone = sorted(set(range(self._n_local)) - ranks)
        if gone[0] < max(ranks):
            return gone[0]
        is_old = time.monotonic() - self._began > 4 * PATIENCE_S
        return gone[0] if is_old else None

    def _leave(self, missing: int | None) -> None:
        """End this rank; the first of the machine that comes here says why."""
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0distsnn-start-{os.getuid()}-{self._process}")
        except OSError:
            time.sleep(PATIENCE_S)
        else:
            write_line(
                f"distsnn: rank {missing}: ended before all ranks had started MPI; rank "
                f"{self._launcher.rank} waits there. All ranks must make the same calls."
            )
            time.sleep(PATIENCE_S / 2)  # the name is ours as long as others may ask
        remove_segments()
        os._exit(1)


def ranks_below(process: int, variable: str) -> set[int]:
    """Return the ranks that run among the children of a launcher, by their variable."""
    children: set[int] = set()
    for tasks in (PROC / str(process) / "task").glob("*/children"):
        try:
            children |= {int(word) for word in tasks.read_text().split()}
        except OSError:
            continue
    ranks = set()
    for child in children:
        value = (_variables(child) or {}).get(variable, "")
        if value.isdecimal() and is_there(child):
            ranks.add(int(value))
    return ranks


def _variables(process: int) -> dict[str, str] | None:
    """Return the environment that a process was started with, None where it may not be read."""
    try:
        text = (PROC / str(process) / "environ").read_bytes().decode(errors="replace")
    except OSError:
        return None
    return dict(line.partition("=")[::2] for line in text.split("\0") if line)


def _parent(process: int) -> int | None:
    try:
        return int((PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def write_line(text: str) -> None:
    """Say something even where nobody reads the standard streams any more."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(2, f"{text}\n".encode())
    except (OSError, ValueError):
        return
