"""From the environment of a process to its communicator, and from an error to its exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

from distsnn import uncaught
from distsnn.comm.launch.environment import find_launcher, pin_threads
from distsnn.errors import DistsnnError, LaunchError

if TYPE_CHECKING:
    from distsnn.comm.interface import Comm


def start(n_ranks: int | None = None) -> Comm:
    """Return the communicator of this run. Collective where a launcher started several ranks.

    Without a launcher, or with one rank, MPI is not even imported. n_ranks: use only the first so
    many ranks; the others sleep until the end and leave with exit code 0. Raises LaunchError where
    launcher and MPI library do not belong together, or more ranks are asked for than started.
    """
    if n_ranks is not None:
        from distsnn.checks import MAX_INT32, whole  # has numpy, which help must not wait for

        whole("n_ranks", n_ranks, 1, MAX_INT32, error=LaunchError)
    launcher = find_launcher()
    if launcher.n_ranks > 1:
        from distsnn.comm.launch.world import enter_world

        if sys.excepthook in (sys.__excepthook__, uncaught.show):
            sys.excepthook = _say_before_mpi
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

    A DistsnnError becomes one line, said once for all ranks; whatever else is not caught ends all
    ranks at once.
    """
    pin_threads()
    try:
        return main() or 0
    except DistsnnError as error:
        guard = _guard()
        if guard is not None:
            guard.end_with_error(error)
        _say_on_rank_0(error)
        return error.exit_code
    except SystemExit as leaving:
        guard = _guard()
        if guard is not None:
            guard.exit_code.set(leaving.code)
        raise
    except KeyboardInterrupt:
        if _guard() is not None:
            raise
        print("distsnn: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output, head or less, has left: nothing more to say, not even at exit.
        if _guard() is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _guard() -> Any:
    """Return the guard of this process; None in a serial run."""
    world = sys.modules.get("distsnn.comm.launch.world")
    return world.current_guard() if world is not None else None


def _say_before_mpi(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Let one rank say why MPI cannot be started."""
    if not isinstance(error, DistsnnError):
        sys.__excepthook__(kind, error, trace)
        return
    _say_on_rank_0(error)
    sys.stdout.flush()
    os._exit(error.exit_code)


def _say_on_rank_0(error: DistsnnError) -> None:
    """Print the error once where no MPI connects the ranks.

    The others give rank 0 time to: a launcher ends all ranks when one leaves with an error.
    """
    if find_launcher().rank == 0:
        print(f"distsnn: {error}", file=sys.stderr, flush=True)
    else:
        time.sleep(0.5)
