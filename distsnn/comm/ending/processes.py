"""The processes around a rank, its launcher and the ranks of its machine, and the files of MPI."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from distsnn.comm.ending.printing import write_line
from distsnn.comm.launch.environment import LAUNCHERS, Launcher

PROC = Path("/proc")
# Names of the files that the ranks of a library share: MPICH, Open MPI up to 4, Open MPI from 5 on.
PREFIXES_OF_SEGMENTS = ("mpich_sh", "vader_segment", "sm_segment")
LOCAL_SIZES = ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS")
POLL_S = 0.25  # between two looks at processes that cannot wake this one
GRACE_S = 1.0
MIN_MISSED = 2  # looks in a row that miss the same rank, since processes start one after another


def launcher_process(launcher: Launcher) -> int | None:
    """Return the process that started this rank, or None if it cannot be found."""
    # It is the nearest ancestor without the variables that tell a rank its number. A parent that has
    # them is a script between the launcher and the rank.
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
    """Remove the files in /dev/shm by which MPI shares memory between its ranks.

    The mapped memory stays usable. The libraries remove the files only if they end in order.
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
    """A thread that calls an action when a file descriptor is readable or a process has ended."""

    def __init__(self) -> None:
        self._actions: dict[int, Callable[[], None]] = {}
        self._processes: dict[int, Callable[[], None]] = {}

    def on_readable(self, descriptor: int, action: Callable[[], None]) -> None:
        """Call ``action`` each time that the file descriptor is readable."""
        self._actions[descriptor] = action

    def on_end(self, process: int, action: Callable[[], None]) -> None:
        """Call ``action`` once when a process has ended, at once if the system has pidfd_open."""
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
        """Start the thread, which ends with this process."""
        threading.Thread(target=self._watch, name="distsnn watcher", daemon=True).start()

    def _watch(self) -> None:
        import select

        while True:
            poll = select.poll()
            for descriptor in self._actions:
                poll.register(descriptor, select.POLLIN)
            for descriptor, _ in poll.poll(POLL_S * 1e3 if self._processes else None):
                self._actions[descriptor]()
            for process in [known for known in self._processes if not is_running(known)]:
                self._processes.pop(process)()


def is_running(process: int) -> bool:
    """Return whether a process is running, neither ended nor a zombie."""
    try:
        # "pid (name) state parent ...", in which the name may contain parentheses
        return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return not (PROC / "self").exists()  # without /proc the signal must do


class StartupWatchdog:
    """Ends this rank if another rank of the machine ended before all had started MPI.

    MPI_Init waits for all ranks, and launchers do not always notice a rank that ended with exit code 0.
    Used as a context around MPI_Init.
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

    def __exit__(self, *exception: object) -> None:
        self._is_over.set()

    def _watch(self) -> None:
        n_missed = 0
        missing: int | None = None
        while not self._is_over.wait(POLL_S):
            before, missing = missing, self._missing()
            n_missed = n_missed + 1 if missing is not None and missing == before else 0
            if n_missed >= MIN_MISSED and not self._is_over.is_set():
                self._leave(missing)

    def _missing(self) -> int | None:
        """Return a rank that has ended, or None."""
        # A rank has ended if it is missing while one that was started later is running. The last rank
        # has no later one: it counts as ended when the others have been running for a while.
        ranks = ranks_below(self._process or 0, LAUNCHERS[self._launcher.name][1])
        if not ranks or self._launcher.rank not in ranks or len(ranks) >= self._n_local:
            return None
        first_missing = min(set(range(self._n_local)) - ranks)
        if first_missing < max(ranks):
            return first_missing
        is_late = time.monotonic() - self._began > 4 * GRACE_S
        return first_missing if is_late else None

    def _leave(self, missing: int | None) -> None:
        """End this rank; the first rank of the machine that does so prints the reason."""
        # an abstract socket name, which has one owner and goes with its process
        name_owner = socket.socket(socket.AF_UNIX)
        try:
            name_owner.bind(f"\0distsnn-start-{os.getuid()}-{self._process}")
        except OSError:
            time.sleep(GRACE_S)
        else:
            write_line(
                f"distsnn: rank {missing}: ended before all ranks had started MPI; rank "
                f"{self._launcher.rank} waits there. All ranks must make the same calls."
            )
            time.sleep(GRACE_S / 2)  # keep the name while others may try to bind it
        remove_segments()
        os._exit(1)


def ranks_below(process: int, variable: str) -> set[int]:
    """Return the ranks among the running children of a process, by their environment variable."""
    children: set[int] = set()
    for tasks in (PROC / str(process) / "task").glob("*/children"):
        try:
            children |= {int(word) for word in tasks.read_text().split()}
        except OSError:
            continue
    ranks = set()
    for child in children:
        value = (_variables(child) or {}).get(variable, "")
        if value.isdecimal() and is_running(child):
            ranks.add(int(value))
    return ranks


def _variables(process: int) -> dict[str, str] | None:
    """Return the environment that a process was started with, or None if it may not be read."""
    try:
        text = (PROC / str(process) / "environ").read_bytes().decode(errors="replace")
    except OSError:
        return None
    return dict(line.partition("=")[::2] for line in text.split("\0") if line)


def _parent(process: int) -> int | None:
    """Return the parent of a process, or None if it cannot be found."""
    try:
        return int((PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None
