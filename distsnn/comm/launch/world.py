"""Starts MPI, once per process, and opens communicators."""

from __future__ import annotations

import ctypes
import sys
import warnings
from typing import TYPE_CHECKING, Any

from distsnn.checks import must_be
from distsnn.comm.ending.processes import StartupWatchdog, remove_segments
from distsnn.comm.launch.environment import Launcher, prefer_plain_transport
from distsnn.errors import LaunchError

if TYPE_CHECKING:
    from distsnn.comm.ending.failure import Guard
    from distsnn.comm.parallel import MpiComm


class World:
    """The MPI job of this process; see ``enter_world``. Collective."""

    def __init__(self, launcher: Launcher) -> None:
        mpi = _start_mpi(launcher)
        # imported after the start: these modules import MPI, which would start it
        from distsnn.comm.collective_calls import CollectiveCalls
        from distsnn.comm.ending.failure import Guard
        from distsnn.comm.ending.local_ranks import LocalRanks

        world = mpi.COMM_WORLD
        self.guard = Guard(world, launcher, LocalRanks(world))
        if mpi.get_vendor()[0] == "MPICH":
            world.Barrier()
            remove_segments()  # all ranks have mapped them; no file is left behind later
        self.guard.install()
        self._ranks = world
        self._calls = CollectiveCalls(world, self.guard)
        self._comm: MpiComm | None = None

    def open(self, n_ranks: int | None) -> MpiComm:
        """Return the communicator of the first ``n_ranks`` ranks, or of all. Collective.

        The other ranks do not return: they exit with code 0, which sleeps until all ranks end. Raises
        LaunchError if n_ranks is larger than the number of ranks.
        """
        from distsnn.comm.collective_calls import CollectiveCalls
        from distsnn.comm.parallel import MpiComm

        n_started = self._ranks.size
        if n_ranks is not None and not 1 <= n_ranks <= n_started:
            raise LaunchError(
                must_be(
                    "n_ranks", f"1 to {n_started}, the number of ranks that were started", n_ranks,
                    "Start more ranks.",
                )
            )  # fmt: skip
        if n_ranks is not None and n_ranks < n_started:
            self._calls.enter(f"start({n_ranks})")
            is_used = self._ranks.rank < n_ranks
            self._ranks = self._ranks.Split(0 if is_used else 1, self._ranks.rank)
            # from here on the world is the smaller one; the others sleep in atexit
            self._comm = None
            self._calls.close()
            if not is_used:
                raise SystemExit(0)
            self._calls = CollectiveCalls(self._ranks, self.guard)
        if self._comm is None or not self._comm.is_open:
            self._calls.enter("start()")
            self._comm = MpiComm(self._ranks, self.guard, self._calls)
            self.guard.comm = self._comm
        return self._comm


_worlds: list[World] = []  # MPI can be started once in a process


def enter_world(launcher: Launcher) -> World:
    """Return the MPI job of this process, starting MPI at the first call. Collective."""
    if not _worlds:
        _worlds.append(World(launcher))
    return _worlds[0]


def current_guard() -> Guard | None:
    """Return the guard of this process, or None before MPI was started."""
    return _worlds[0].guard if _worlds else None


def _start_mpi(launcher: Launcher) -> Any:
    """Load and start MPI; return the module ``mpi4py.MPI``. Collective.

    Raises LaunchError if MPI cannot be loaded or does not see the ranks of the launcher.
    """
    try:
        import mpi4py

        if "mpi4py.MPI" not in sys.modules:
            prefer_plain_transport()
            mpi4py.rc.initialize, mpi4py.rc.finalize = False, True
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "suspicious MPI execution", RuntimeWarning)
            from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        first_line = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise LaunchError(
            f"MPI: cannot be loaded ({first_line}). "
            "Install distsnn[openmpi] in this environment, or start without mpirun."
        ) from error
    if not MPI.Is_initialized():
        name, version = MPI.get_vendor()
        if not _are_compatible(launcher.name, name, version):
            raise _mismatch(name, launcher)
        with StartupWatchdog(launcher):
            _init(MPI)
    if MPI.COMM_WORLD.size == 1 and launcher.n_ranks > 1:
        raise _mismatch("1 rank", launcher)
    return MPI


def _init(mpi: Any) -> None:
    """Call MPI_Init_thread, which waits for the other ranks, without the interpreter's lock.

    mpi4py's call would hold the lock and stop the threads of this rank. Only the main thread makes MPI
    calls (MPI_THREAD_FUNNELED), which saves the library its own locks.
    """
    try:
        call = ctypes.CDLL(mpi.__file__).MPI_Init_thread
    except (AttributeError, OSError):
        mpi.Init_thread(mpi.THREAD_FUNNELED)
        return
    call(None, None, ctypes.c_int(mpi.THREAD_FUNNELED), ctypes.byref(ctypes.c_int()))
    for comm in (mpi.COMM_WORLD, mpi.COMM_SELF):
        comm.Set_errhandler(mpi.ERRORS_RETURN)  # errors become exceptions, as mpi4py sets it


def _are_compatible(launcher: str, library: str, version: tuple[int, ...]) -> bool:
    """Return False for a launcher and a library that are known to fail with unclear messages."""
    if launcher == "Open MPI":
        return library not in ("MPICH", "Intel MPI", "MVAPICH")
    return not (launcher == "MPICH" and library == "Open MPI" and version[0] >= 5)


def _mismatch(got: str, launcher: Launcher) -> LaunchError:
    return LaunchError(
        f"MPI: library must see the {launcher.n_ranks} ranks that {launcher.name}'s launcher started, "
        f"got {got}. They do not belong together: use the mpirun of this Python environment."
    )
