"""Starts a run: from the environment to the communicator, and from an error to the exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from distsnn import uncaught
from distsnn.comm.launch.environment import find_launcher, pin_threads
from distsnn.errors import DistsnnError, LaunchError

if TYPE_CHECKING:
    from distsnn.comm.ending.failure import Guard
    from distsnn.comm.interface import Comm

PRINT_S = 0.5  # for rank 0 to print an error
# exit codes of a shell: 128 and the number of SIGINT, of SIGPIPE
INTERRUPTED, BROKEN_PIPE = 130, 141


def start(n_ranks: int | None = None) -> Comm:
    """Return the communicator of this run. Collective.

    Without a launcher, or with one rank, MPI is not imported. n_ranks: use only the first n_ranks
    ranks; the others sleep until the end and exit with code 0. Raises LaunchError if the launcher
    belongs to another MPI library, or if fewer ranks were started than asked for.
    """
    if n_ranks is not None:
        from distsnn.checks import MAX_INT32, whole  # imports numpy, which --help must not wait for

        whole("n_ranks", n_ranks, 1, MAX_INT32, error=LaunchError)
    launcher = find_launcher()
    if launcher.n_ranks > 1:
        from distsnn.comm.launch.world import enter_world

        # a hook that the program has installed itself stays; ``Guard`` replaces it later
        if sys.excepthook in (sys.__excepthook__, uncaught.show):
            sys.excepthook = _show_before_mpi
        return enter_world(launcher).open(n_ranks)
    from distsnn.comm.serial import SerialComm

    if n_ranks not in (None, 1):
        from distsnn.checks import must_be

        raise LaunchError(
            must_be(
                "n_ranks", "1, the number of ranks that were started", n_ranks,
                f"Start them with mpirun -n {n_ranks}.",
            )
        )  # fmt: skip
    return SerialComm()


def run_program(main: Callable[[], int | None]) -> int:
    """Run a command line and return its exit code. Collective.

    A DistsnnError is printed as one line, once for all ranks. Any other uncaught exception ends all
    ranks at once.
    """
    pin_threads()
    try:
        return main() or 0
    except DistsnnError as error:
        guard = _guard()
        if guard is not None:
            guard.end_with_error(error)
        _print_on_rank_0(error)
        return error.exit_code
    except SystemExit as raised:
        guard = _guard()
        if guard is not None:
            guard.exit_code.set(raised.code)
        raise
    except KeyboardInterrupt:
        if _guard() is not None:
            raise
        print("distsnn: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the output, such as head, has closed it: print no more, not even at exit.
        if _guard() is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _guard() -> Guard | None:
    """Return the guard of this process, or None in a serial run."""
    world = sys.modules.get("distsnn.comm.launch.world")
    if world is None:
        return None
    guard: Guard | None = world.current_guard()
    return guard


def _show_before_mpi(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print on one rank why MPI cannot be started; the hook for exceptions until then."""
    if not isinstance(error, DistsnnError):
        sys.__excepthook__(kind, error, trace)
        return
    _print_on_rank_0(error)
    sys.stdout.flush()
    os._exit(error.exit_code)


def _print_on_rank_0(error: DistsnnError) -> None:
    """Print an error once when MPI does not connect the ranks."""
    if find_launcher().rank == 0:
        print(f"distsnn: {error}", file=sys.stderr, flush=True)
    else:
        time.sleep(PRINT_S)  # a launcher ends all ranks, including rank 0, when one fails
