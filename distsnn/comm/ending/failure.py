"""How a rank ends: one message, the right exit code, and no other rank left waiting.

An error that all ranks raise is an error of the user: one rank prints it and all end in order. An error
of some ranks only ends the whole job at once; the first rank to notice prints the reason.
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
from typing import TYPE_CHECKING

import numpy as np
from mpi4py import MPI

from distsnn.comm.agreement import end_for_others, is_from_another_rank
from distsnn.comm.ending.exits import ExitCode, hard_exit, redirect_signals
from distsnn.comm.ending.local_ranks import LocalRanks
from distsnn.comm.ending.printing import flush, ranges, write_line
from distsnn.comm.ending.processes import ProcessWatcher, launcher_process, remove_segments
from distsnn.comm.handshake import BACKOFF, ENDED, Handshake
from distsnn.errors import DistsnnError

if TYPE_CHECKING:
    from distsnn.comm.interface import Comm
    from distsnn.comm.launch.environment import Launcher

GRACE_S = 1.0  # how long a failing rank waits to see whether all others fail too
FLUSH_S = 0.02  # for output that was just printed to reach the launcher before the abort does
END_S = 5.0  # how long a rank waits for the launcher to end it
FIRST_SLEEP_S, MAX_SLEEP_S = 0.0005, 0.02
KILLED_BY_SIGNAL = 128  # added to the number of the signal, the exit code of a shell


class Guard:
    """Ends one rank of an MPI job, whatever the reason. One per process. Collective.

    comm: the ``Comm`` in use, whose cores and step messages quote. handshakes: those of all
    communicators that have this rank as a member. n_in_flight: number of blocks in progress in which
    other ranks wait for this one and do not answer handshakes: exchanges and MPI's collective calls.
    """

    def __init__(self, world: MPI.Intracomm, launcher: Launcher, local_ranks: LocalRanks) -> None:
        self._ending = world.Dup()
        self._rank, self._n_ranks = self._ending.rank, self._ending.size
        self._final_code: int | None = None  # set when this rank ends in order
        self._launcher, self._local_ranks = launcher, local_ranks
        self._key = world.bcast(os.urandom(12).hex())
        self._socket: socket.socket | None = None
        self.comm: Comm | None = None
        self.exit_code = ExitCode()
        self.n_in_flight = 0
        self.handshakes: list[Handshake] = []

    def install(self) -> None:
        """Install the hooks for exceptions, exits and signals, and watch the other processes."""
        sys.excepthook = self.on_exception
        threading.excepthook = self.on_thread_exception
        atexit.register(self.at_exit)
        self.exit_code.watch(self.on_hard_exit)
        watcher = ProcessWatcher()
        redirected = redirect_signals()
        if redirected is not None:
            reader, numbers = redirected
            watcher.on_readable(reader, lambda: self._read_signal(reader, numbers))
        process = launcher_process(self._launcher)
        if process is not None:
            watcher.on_end(process, self.on_launcher_gone)
        self._local_ranks.watch(watcher, self.on_rank_gone)
        watcher.start()

    # Messages

    def location(self) -> str:
        """Return ``rank 3 (cores 48-63), step 1042``, without what is not known."""
        text = f"rank {self._rank}"
        if self.comm is None:
            return text
        if self.comm.cores is not None and len(self.comm.cores):
            text += f" (cores {ranges(self.comm.cores)})"
        return text if self.comm.step is None else f"{text}, step {self.comm.step}"

    def report(self, text: str) -> None:
        """Print the job's only message, unless another rank has printed one."""
        if self._claim_message():
            write_line(text)

    def _claim_message(self) -> bool:
        """Return whether this is the first rank that asks."""
        # An abstract socket name has one owner in a network namespace, and goes with its process.
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.bind(f"\0distsnn-{self._key}")
        except OSError:
            return False
        return self._local_ranks.claim_message()

    # Events that end the rank

    def on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """End the job for an uncaught exception."""
        if isinstance(error, DistsnnError):
            self.end_with_error(error)
        if isinstance(error, KeyboardInterrupt):
            self.report(f"distsnn: interrupted at {self.location()}")
            self.abort(KILLED_BY_SIGNAL + signal.SIGINT)
        if is_from_another_rank(error):
            time.sleep(GRACE_S)  # let that rank report it, which has the full traceback
        lines = "".join(traceback.format_exception(kind, error, trace))
        self.report(f"{lines}distsnn: {self.location()}: {kind.__name__}: {error}")
        self.abort(1)

    def on_thread_exception(self, failed: threading.ExceptHookArgs) -> None:
        """End the job for an uncaught exception in a thread."""
        if failed.exc_type is SystemExit:
            return
        name, error = failed.exc_type.__name__, failed.exc_value
        lines = traceback.format_exception(failed.exc_type, error, failed.exc_traceback)
        self.report(f"{''.join(lines)}distsnn: {self.location()}: {name} in a thread: {error}")
        self.abort(1)

    def on_signal(self, number: int) -> None:
        """End the job for a signal. Called in the watching thread."""
        # A launcher that saw another rank end may signal one that ends in order already.
        if self._final_code is not None:
            hard_exit(self._final_code)
        self.report(f"distsnn: stopped by {signal.Signals(number).name}; {self.location()}")
        self.abort(KILLED_BY_SIGNAL + number)

    def _read_signal(self, reader: int, numbers: list[int]) -> None:
        number = os.read(reader, 1)[0]
        if number in numbers:
            self.on_signal(number)

    def on_hard_exit(self, code: int) -> None:
        """End the job before ``os._exit`` ends this rank."""
        if self._final_code is None and not MPI.Is_finalized():
            self.report(f"distsnn: {self.location()}: ended with exit code {code} by os._exit")
            self.abort(code or 1)

    def on_rank_gone(self, rank: int) -> None:
        """End the job when another rank of this machine has vanished. Called in the watching thread."""
        if self._final_code is None:
            self.report(f"distsnn: rank {rank}: was killed or crashed; {self.location()}")
            self.abort(1)

    def on_launcher_gone(self) -> None:
        """Exit, since the launcher no longer ends this rank. Called in the watching thread."""
        if self._final_code is None:
            self.report(f"distsnn: the launcher is gone; {self.location()}")
        remove_segments()
        hard_exit(self._final_code or 1)

    # Ways to end

    def end_with_error(self, error: DistsnnError) -> None:
        """End this process for an error of the user: in order if all ranks have one, else the job."""
        lowest = self._wait_for_all(is_failing=True, timeout_s=GRACE_S)
        if lowest is None:
            self.report(f"distsnn: {self.location()}: {error}")
            self.abort(error.exit_code)
        if lowest == self._rank:
            write_line(f"distsnn: {error}")
        self._end_in_order(error.exit_code, lowest)
        sys.stdout.flush()
        sys.stderr.flush()
        MPI.Finalize()
        hard_exit(error.exit_code)

    def at_exit(self) -> None:
        """Exit together with all ranks, or end the job if the others wait for this rank."""
        if MPI.Is_finalized():
            return
        code = self.exit_code.find()
        timeout_s = GRACE_S if code or self.n_in_flight > 0 else None
        lowest = self._wait_for_all(is_failing=bool(code), timeout_s=timeout_s)
        if lowest is None:
            location = self.location()
            self.report(f"distsnn: {location}: ended with exit code {code} before the other ranks")
            self.abort(code or 1)
        self._end_in_order(code, lowest)

    def abort(self, code: int) -> None:
        """End all ranks now, with this exit code unless another rank aborted first. From any thread."""
        code = self._local_ranks.job_code(code)
        flush()
        remove_segments()
        # Open MPI's mpirun ends the job when a rank exits without MPI_Finalize, with less output than
        # after MPI_Abort. With other launchers only MPI_Abort keeps the exit code.
        if self._launcher.name != "Open MPI":
            time.sleep(FLUSH_S)
            MPI.COMM_WORLD.Abort(code)
        hard_exit(code)

    def _end_in_order(self, code: int, lowest: int | None) -> None:
        """Record that all ranks end, and with which exit code.

        MPICH's launcher ends all ranks when one has exited with a code that is not 0, and may then
        return a code of its own. So there the rank ``lowest`` aborts, and the others wait for the end.
        """
        self._local_ranks.set_leaving()
        self._final_code = code
        if self._launcher.name != "MPICH" or lowest == self._n_ranks:
            return
        flush()
        if lowest == self._rank:
            self.abort(code)
        time.sleep(END_S)

    def _wait_for_all(self, is_failing: bool, timeout_s: float | None) -> int | None:
        """Wait, asleep, until all ranks are ending; return None after ``timeout_s``, if given.

        Returns the lowest failing rank, or the number of ranks if none is failing. A rank that ends
        without an error meanwhile answers the handshakes of the others with ``ENDED``.
        """
        answered = [] if is_failing else [h for h in self.handshakes if h.is_complete()]
        for handshake in answered:
            handshake.post(ENDED)
        own = np.array([self._rank if is_failing else self._n_ranks], dtype=np.int64)
        lowest = np.empty_like(own)
        request = self._ending.Iallreduce(own, lowest, MPI.MIN)
        began, sleep_s = time.monotonic(), FIRST_SLEEP_S
        while not request.Test():
            for handshake in answered:
                if handshake.is_complete() and (handshake.posted != ENDED).any():
                    end_for_others(self, handshake, "")
            if timeout_s is not None and time.monotonic() - began > timeout_s:
                return None
            time.sleep(sleep_s)
            sleep_s = min(MAX_SLEEP_S, BACKOFF * sleep_s)
        return int(lowest[0])
