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
from typing import TYPE_CHECKING, Any

import numpy as np
from mpi4py import MPI

from distsnn.comm.agreement import end_for_others, is_from_another_rank
from distsnn.comm.ending.exits import ExitCode, leave, redirect_signals
from distsnn.comm.ending.local_ranks import LocalRanks
from distsnn.comm.ending.processes import (
    ProcessWatcher,
    launcher_process,
    remove_segments,
    write_line,
)
from distsnn.comm.handshake import ENDED, Handshake
from distsnn.errors import DistsnnError

if TYPE_CHECKING:
    from distsnn.comm.launch.environment import Launcher

PATIENCE_S = 1.0  # how long a failing rank waits to see whether all others fail too
FLUSH_S = 0.02  # what was just printed reaches the launcher before the abort does
END_S = 5.0  # how long a rank waits for the launcher to end it
MAX_NAP_S = 0.02


class Guard:
    """Watches one rank of an MPI job. Made once per process, collectively.

    comm: the ``Comm`` in use, which knows the rank's cores, step and what it is doing. handshakes: of
    all communicators that this rank is a member of. n_in_flight: how many things are under way in which
    the other ranks count on this one and hold no roll calls: exchanges, MPI's own collective calls.
    """

    def __init__(self, world: MPI.Intracomm, launcher: Launcher, local_ranks: LocalRanks) -> None:
        self._ending = world.Dup()
        self._rank, self._n_ranks = self._ending.rank, self._ending.size
        self._final_code: int | None = None  # set when this rank ends in order
        self._launcher, self._local_ranks = launcher, local_ranks
        self._key = world.bcast(os.urandom(12).hex())
        self._lock: socket.socket | None = None
        self.comm: Any = None
        self.exit_code = ExitCode()
        self.n_in_flight = 0
        self.handshakes: list[Handshake] = []

    def install(self) -> None:
        """Put the hooks in place."""
        sys.excepthook = self.on_exception
        threading.excepthook = self.on_thread_exception
        atexit.register(self.at_exit)
        self.exit_code.watch(self.on_hard_exit)
        watcher = ProcessWatcher()
        signals = redirect_signals()
        if signals is not None:
            reader, ours = signals
            watcher.on_readable(reader, lambda: self._read_signal(reader, ours))
        process = launcher_process(self._launcher)
        if process is not None:
            watcher.on_end(process, self.on_launcher_gone)
        self._local_ranks.watch(watcher, self.on_rank_gone)
        watcher.start()

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
            write_line(text)

    def _claim(self) -> bool:
        """Return True on the first rank that asks. A socket's abstract name has one owner."""
        self._lock = socket.socket(socket.AF_UNIX)
        try:
            self._lock.bind(f"\0distsnn-{self._key}")
        except OSError:
            return False
        return self._local_ranks.claim()

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
        if is_from_another_rank(error):
            time.sleep(PATIENCE_S)  # that rank says it, with the place in its program
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
            leave(self._final_code)
        self.say(f"distsnn: stopped by {signal.Signals(number).name}; {self.where()}")
        self.abort(128 + number)

    def _read_signal(self, reader: int, ours: list[int]) -> None:
        number = os.read(reader, 1)[0]
        if number in ours:
            self.on_signal(number)

    def on_hard_exit(self, code: int) -> None:
        """End the job before ``os._exit`` ends this rank."""
        if self._final_code is None and not MPI.Is_finalized():
            self.say(f"distsnn: {self.where()}: ended with exit code {code} by os._exit")
            self.abort(code or 1)

    def on_rank_gone(self, rank: int) -> None:
        """End the job when another rank of this machine has vanished. Called in a thread."""
        if self._final_code is None:
            self.say(f"distsnn: rank {rank}: was killed or crashed; {self.where()}")
            self.abort(1)

    def on_launcher_gone(self) -> None:
        """Leave when nobody would end this rank any more. Called in a thread."""
        if self._final_code is None:
            self.say(f"distsnn: the launcher is gone; {self.where()}")
        remove_segments()
        leave(self._final_code or 1)

    def end_with_error(self, error: DistsnnError) -> None:
        """End this process for a user's error: in order if all ranks have one, else the job."""
        lowest = self._meet(is_failing=True, timeout_s=PATIENCE_S)
        if lowest is None:
            self.say(f"distsnn: {self.where()}: {error}")
            self.abort(error.exit_code)
        if lowest == self._rank:
            write_line(f"distsnn: {error}")
        self._end_in_order(error.exit_code, lowest)
        sys.stdout.flush()
        sys.stderr.flush()
        MPI.Finalize()
        leave(error.exit_code)

    def at_exit(self) -> None:
        """Leave together with all ranks; end the job if the others count on this rank."""
        if MPI.Is_finalized():
            return
        code = self.exit_code.find()
        patience = PATIENCE_S if code or self.n_in_flight > 0 else None
        lowest = self._meet(is_failing=bool(code), timeout_s=patience)
        if lowest is None:
            self.say(f"distsnn: {self.where()}: ended with exit code {code} before the other ranks")
            self.abort(code or 1)
        self._end_in_order(code, lowest)

    def abort(self, code: int) -> None:
        """End all ranks now with this exit code. From any thread.

        Open MPI's mpirun ends the job when a rank leaves without more ado, and says less than for
        an abort. Elsewhere only an abort keeps the exit code.
        """
        flush()
        remove_segments()
        if self._launcher.name != "Open MPI":
            time.sleep(FLUSH_S)
            MPI.COMM_WORLD.Abort(code)
        leave(code)

    def _end_in_order(self, code: int, lowest: int | None) -> None:
        """Take note that all ranks end; let MPICH's launcher return the exit code of ``lowest``.

        It ends all ranks when one has left with a code that is not 0, and then may return a code
        of its own.
        """
        self._local_ranks.leave()
        self._final_code = code
        if self._launcher.name != "MPICH" or lowest == self._n_ranks:
            return
        flush()
        if lowest == self._rank:
            self.abort(code)
        time.sleep(END_S)

    def _meet(self, is_failing: bool, timeout_s: float | None) -> int | None:
        """Wait, asleep, until all ranks are ending; None when patience is over.

        Return the lowest rank that is failing, the number of ranks if none is. A rank that ends
        without an error answers roll calls, so that others do not wait for it.
        """
        asked = [] if is_failing else [one for one in self.handshakes if one.is_complete()]
        for handshake in asked:
            handshake.post(ENDED)
        own = np.array([self._rank if is_failing else self._n_ranks], dtype=np.int64)
        lowest = np.empty_like(own)
        request = self._ending.Iallreduce(own, lowest, MPI.MIN)
        began, nap_s = time.monotonic(), 0.0005
        while not request.Test():
            for handshake in asked:
                if handshake.is_complete() and (handshake.numbers != ENDED).any():
                    end_for_others(self, handshake, "")
            if timeout_s is not None and time.monotonic() - began > timeout_s:
                return None
            time.sleep(nap_s)
            nap_s = min(MAX_NAP_S, 1.5 * nap_s)
        return int(lowest[0])


def flush() -> None:
    """Write out what the standard streams hold, if anybody reads them."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue


def ranges(numbers: Any) -> str:
    """Return ``0-3,7`` for 0 1 2 3 7."""
    parts: list[list[int]] = []
    for number in sorted(int(n) for n in numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
