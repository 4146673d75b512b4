"""How a rank ends, so that nothing hangs: one message, the right exit code, nobody left behind.

An error that all ranks have is a user's error: one of them says it and everybody ends in order.
What only some ranks have ends the whole job at once; who comes first says why.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.noticing import ExitCode, answer_signals
from distsnn.errors import DistsnnError

PATIENCE_S = 1.0  # how long a failing rank waits to see whether all others fail too
FLUSH_S = 0.02  # what was just printed reaches the launcher before the abort does


class Guard:
    """Watches one rank of an MPI job. Made once per process, collectively.

    said: uint32 [1], shared by the ranks of a machine where that can be: not 0 when the job's
    message has been printed. comm: the ``Comm`` in use, which knows the rank's cores and step.
    """

    def __init__(self, world: MPI.Intracomm, said: np.ndarray) -> None:
        self._ending = world.Dup()
        self._rank, self._n_ranks = self._ending.rank, self._ending.size
        self._final_code: int | None = None  # set when this rank ends in order
        self._said = said
        self._key = world.bcast(os.urandom(12).hex())
        self._lock: socket.socket | None = None
        self.comm: Any = None
        self.exit_code = ExitCode()
        self.n_bonds = 0  # fabrics that are open: the other ranks count on this one

    def install(self) -> None:
        """Put the hooks in place."""
        sys.excepthook = self.on_exception
        threading.excepthook = self.on_thread_exception
        atexit.register(self.at_exit)
        self.exit_code.watch()
        answer_signals(self.on_signal)

    # What is said

    def where(self) -> str:
        """Return ``rank 3 (cores 48-63), step 1042`` as far as known."""
        text = f"rank {self._rank}"
        cores = getattr(self.comm, "cores", None)
        if cores is not None and len(cores):
            text += f" (cores {ranges(cores)})"
        step = getattr(self.comm, "step", None)
        return text if step is None else f"{text}, step {step}"

    def say(self, text: str) -> None:
        """Print the job's one message, unless another rank has."""
        if self._claim():
            sys.stdout.flush()
            print(text, file=sys.stderr, flush=True)

    def _claim(self) -> bool:
        """Return True on the first rank that asks. A socket's abstract name has one owner."""
        self._lock = socket.socket(socket.AF_UNIX)
        try:
            self._lock.bind(f"\0distsnn-{self._key}")
        except OSError:
            return False
        is_first = not self._said[0]
        self._said[0] = 1
        return is_first

    # What happens

    def on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """End the job for an exception that nobody caught."""
        if isinstance(error, DistsnnError):
            self.end_with_error(error)
        if isinstance(error, KeyboardInterrupt):
            self.say(f"distsnn: interrupted at {self.where()}")
            self.abort(130)
        lines = "".join(traceback.format_exception(kind, error, trace))
        self.say(f"{lines}distsnn: {self.where()}: {kind.__name__}: {error}")
        self.abort(1)

    def on_thread_exception(self, failed: threading.ExceptHookArgs) -> None:
        """End the job for an exception in a thread."""
        if failed.exc_type is SystemExit:
            return
        value, trace = failed.exc_value, failed.exc_traceback
        lines = "".join(traceback.format_exception(failed.exc_type, value, trace))
        self.say(f"{lines}distsnn: {self.where()}: {failed.exc_type.__name__} in a thread: {value}")
        self.abort(1)

    def on_signal(self, number: int) -> None:
        """End the job for a signal. Called in a thread of its own.

        A rank that ends in order may be told to hurry by a launcher that saw another one end.
        """
        if self._final_code is not None:
            os._exit(self._final_code)
        self.say(f"distsnn: stopped by {signal.Signals(number).name}; {self.where()}")
        self.abort(128 + number)

    def end_with_error(self, error: DistsnnError) -> None:
        """End this process for a user's error: in order if all ranks have one, else the job."""
        lowest = self._meet(is_failing=True, patience_s=PATIENCE_S)
        if lowest is None:
            self.say(f"distsnn: {self.where()}: {error}")
            self.abort(error.exit_code)
        self._final_code = error.exit_code
        if lowest == self._rank:
            print(f"distsnn: {error}", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        MPI.Finalize()
        os._exit(error.exit_code)

    def at_exit(self) -> None:
        """Leave together with all ranks; end the job if the others count on this rank."""
        if MPI.Is_finalized():
            return
        code = self.exit_code.find()
        patience = PATIENCE_S if code or self.n_bonds > 0 else None
        if self._meet(is_failing=False, patience_s=patience) is None:
            self.say(f"distsnn: {self.where()}: ended with exit code {code} before the other ranks")
            self.abort(code or 1)
        self._final_code = code

    def abort(self, code: int) -> None:
        """End all ranks now with this exit code. From any thread.

        Open MPI's mpirun ends the job when a rank leaves without more ado, and says less than for
        an abort. Elsewhere only an abort keeps the exit code.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        if "PRTE_LAUNCHED" not in os.environ:
            time.sleep(FLUSH_S)
            MPI.COMM_WORLD.Abort(code)
        os._exit(code)

    def _meet(self, is_failing: bool, patience_s: float | None) -> int | None:
        """Wait, asleep, until all ranks are ending; None when patience is over.

        Return the lowest rank that is failing, the number of ranks if none is.
        """
        own = np.array([self._rank if is_failing else self._n_ranks], dtype=np.int64)
        lowest = np.empty_like(own)
        request = self._ending.Iallreduce(own, lowest, MPI.MIN)
        began, nap_s = time.monotonic(), 0.0005
        while not request.Test():
            if patience_s is not None and time.monotonic() - began > patience_s:
                return None
            time.sleep(nap_s)
            nap_s = min(0.02, 1.5 * nap_s)
        return int(lowest[0])


def ranges(numbers: Any) -> str:
    """Return ``0-3,7`` for 0 1 2 3 7."""
    parts: list[list[int]] = []
    for number in sorted(int(n) for n in numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
