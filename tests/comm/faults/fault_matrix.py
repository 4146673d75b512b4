"""Every kind of fault in every phase on the first and the last rank, under every MPI that is found.

``python tests/comm/faults/fault_matrix.py [--ranks 2 3 8] [--launcher NAME] [--some N]`` prints how
each job ended, and fails if one hung, left processes or files behind, or ended without a message.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from launchers import LauncherOf, found_launchers

PROGRAM = Path(__file__).with_name("fault_program.py")
PHASES = ("import", "describe", "plan", "build", "step", "write", "end")
KINDS = (
    "exception", "caught", "exit0", "exit3", "hard-exit0", "hard-exit3", "SIGKILL", "SIGTERM",
    "fewer", "duration",
)  # fmt: skip
RANKS = ("0", "last")
MAX_S = 60.0  # of a job; machines that test are busy
SILENT = ("SIGKILL",)  # MPICH's launcher ends the other ranks before they can print a message
# These are no faults: a script may catch its own error, and exit when its work is done. An error of a
# rank while building is raised on all ranks, and all may catch it.
HARMLESS = {
    *(("caught", phase) for phase in PHASES if phase != "step"),
    ("exit0", "end"),
}


@dataclass(frozen=True)
class Case:
    """One job."""

    launcher: LauncherOf
    n_ranks: int
    phase: str
    kind: str
    rank: str

    def __str__(self) -> str:
        job = f"{self.launcher.name}, {self.n_ranks} ranks"
        return f"{job}, {self.kind} in {self.phase}, rank {self.rank}"


def all_cases(launchers: list[LauncherOf], n_ranks: list[int]) -> list[Case]:
    """Return the whole matrix; fewer calls and other durations exist in two phases and one."""
    return [
        Case(launcher, n, phase, kind, rank)
        for launcher, n, phase, kind, rank in itertools.product(
            launchers, n_ranks, PHASES, KINDS, RANKS
        )
        if not (kind == "fewer" and phase not in ("step", "write"))
        and not (kind == "duration" and phase != "step")
    ]


@dataclass
class Ending:
    """How a job ended: exit code (None: it hung), output, seconds after the fault, what is left."""

    code: int | None
    output: str
    after_s: float
    left_processes: list[int]
    left_files: set[str]

    @property
    def messages(self) -> list[str]:
        lines = self.output.splitlines()
        return [s for s in lines if "distsnn: " in s and "compiling" not in s]

    def complaint(self, case: Case) -> str:
        """Return what is wrong with this ending, or "" if it is right."""
        if self.code is None:
            return "hung"
        if self.left_processes:
            return f"left processes {self.left_processes}"
        if self.left_files:
            return f"left files {self.left_files}"
        if (case.kind, case.phase) in HARMLESS:
            return "" if self.code == 0 else f"code {self.code} for what is no fault"
        if self.code == 0:
            return "code 0"
        is_own_end = case.phase == "end" and case.kind.startswith("exit")
        if case.kind in SILENT or case.phase == "import" or is_own_end:
            return "" if len(self.messages) <= 1 else f"{len(self.messages)} lines of the program"
        return "" if len(self.messages) == 1 else f"{len(self.messages)} lines of the program"


def environment_of(moment: Path, mark: str) -> dict[str, str]:
    """Return the environment of a job: also as root, with more ranks than cores, one thread each.

    Open MPI shares memory through files in a folder of the job's own.
    """
    segments = segments_of(moment)
    segments.mkdir(exist_ok=True)
    return {
        "OMPI_MCA_btl_sm_backing_directory": str(segments),
        "OMPI_MCA_btl_vader_backing_directory": str(segments),
        **os.environ, "MOMENT": str(moment), "FAULT_MARK": mark, "OMP_NUM_THREADS": "1",
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }  # fmt: skip


def segments_of(moment: Path) -> Path:
    """Return the folder of the files that Open MPI shares memory through."""
    return moment.parent / "segments"


def run_case(case: Case, folder: Path) -> Ending:
    """Run one job to its end, or for MAX_S."""
    moment, mark = folder / "moment", uuid.uuid4().hex
    moment.unlink(missing_ok=True)
    ranks = [str(case.launcher.mpirun), "-n", str(case.n_ranks)]
    program = [str(case.launcher.python), str(PROGRAM)]
    command = [*ranks, *program, case.phase, case.kind, case.rank]
    before = shared_files()
    with (folder / "output").open("w+") as output:
        job = subprocess.Popen(
            command, env=environment_of(moment, mark), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            code: int | None = job.wait(MAX_S)
        except subprocess.TimeoutExpired:
            code = None
        after_s = time.time() - float(moment.read_text()) if moment.exists() else 0.0
        left = processes_with(mark, 0.0 if code is None else 5.0)
        for process in left:
            kill(process)
        if code is None:
            kill(job.pid)
            job.wait()
        output.seek(0)
        text = output.read()
    left_files = {name for name in shared_files() - before if is_left_by_mpich(name)}
    left_files |= set(os.listdir(segments_of(moment)))
    return Ending(code, text, after_s, left if code is not None else [], left_files)


def shared_files() -> set[str]:
    """Return the names in /dev/shm."""
    folder = Path("/dev/shm")
    return set(os.listdir(folder)) if folder.exists() else set()


def is_left_by_mpich(name: str) -> bool:
    """Return whether a file of /dev/shm is MPICH's and mapped by no process."""
    if not name.startswith("mpich"):
        return False
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            if name in maps.read_text():
                return False
        except OSError:
            continue
    return (Path("/dev/shm") / name).exists()


def processes_with(mark: str, timeout_s: float) -> list[int]:
    """Return the processes of a job that are still running after ``timeout_s``."""
    deadline = time.monotonic() + timeout_s
    while True:
        processes = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                is_marked = f"FAULT_MARK={mark}".encode() in (folder / "environ").read_bytes()
            except OSError:
                continue
            if is_marked:
                processes.append(int(folder.name))
        if not processes or time.monotonic() > deadline:
            return processes
        time.sleep(0.1)


def kill(process: int) -> None:
    """End a process that a test started."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 3, 8])
    parser.add_argument("--launcher", action="append")
    parser.add_argument("--phase", action="append")
    parser.add_argument("--kind", action="append")
    parser.add_argument("--some", type=int, help="so many cases, drawn at random")
    options = parser.parse_args()
    launchers = [
        launcher
        for launcher in found_launchers()
        if not options.launcher or launcher.name in options.launcher
    ]
    cases = [
        case
        for case in all_cases(launchers, options.ranks)
        if (not options.phase or case.phase in options.phase)
        and (not options.kind or case.kind in options.kind)
    ]
    if options.some:
        cases = random.Random(1).sample(cases, min(options.some, len(cases)))
    n_wrong, times = 0, []
    with TemporaryDirectory() as folder:
        for case in cases:
            ending = run_case(case, Path(folder))
            wrong = ending.complaint(case)
            times.append(ending.after_s)
            n_wrong += bool(wrong)
            print(f"{'WRONG ' + wrong if wrong else 'ok'}: {case}; code {ending.code}, "
                  f"{ending.after_s:.2f} s; {ending.messages[:2]}", flush=True)  # fmt: skip
            if wrong:
                print(ending.output, flush=True)
    times.sort()
    print(f"{len(cases)} jobs, {n_wrong} wrong; median {times[len(times) // 2]:.2f} s after the "
          f"fault, longest {times[-1]:.2f} s")  # fmt: skip
    return int(n_wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
