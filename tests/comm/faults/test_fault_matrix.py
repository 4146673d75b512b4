"""Whatever one rank does, and when: the job ends, with a code, one line, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import time

import pytest
from fault_matrix import (
    PROGRAM,
    Case,
    all_cases,
    environment_of,
    kill,
    processes_with,
    run_case,
)
from launchers import LauncherOf, found_launchers

from distsnn.comm.launch.environment import find_launcher

LAUNCHERS = found_launchers() if find_launcher().n_ranks == 1 else []
MANY_RANKS = 32
QUICK = [
    ("import", "exit0", "0"), ("describe", "exit0", "0"), ("plan", "exit0", "last"),
    ("build", "caught", "last"), ("build", "exit0", "0"), ("step", "caught", "0"),
    ("step", "fewer", "last"), ("step", "duration", "0"), ("step", "SIGKILL", "last"),
    ("write", "exit0", "last"), ("end", "hard-exit0", "last"),
]  # fmt: skip
QUICK_ELSEWHERE = [
    ("plan", "exit0", "0"),
    ("step", "exception", "last"),
    ("write", "hard-exit0", "0"),
]

pytestmark = [
    pytest.mark.skipif(not LAUNCHERS, reason="starts mpirun itself: needs one, and none around"),
    pytest.mark.timeout(200),
]


def quick_cases() -> list[Case]:
    """A selection on three ranks: all phases and kinds of end with the MPI of this environment."""
    return [
        Case(launcher, 3, *fault)
        for number, launcher in enumerate(LAUNCHERS)
        for fault in (QUICK if number == 0 else QUICK_ELSEWHERE)
    ]


def slow_cases(launcher: LauncherOf, n_ranks: int) -> list[Case]:
    """The whole matrix on few ranks, a part of it on many."""
    cases = all_cases([launcher], [n_ranks])
    if n_ranks < MANY_RANKS:
        return cases
    kinds = ("exit0", "exception", "SIGKILL")
    return [case for case in cases if case.rank == "last" and case.kind in kinds]


@pytest.mark.parametrize("case", quick_cases(), ids=str)
def test_some_faults(case, tmp_path):
    ending = run_case(case, tmp_path)
    assert not ending.complaint(case), ending.output


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda launcher: launcher.name)
@pytest.mark.parametrize("n_ranks", [2, 3, 8, MANY_RANKS])
def test_all_faults(launcher, n_ranks, tmp_path):
    complaints = {}
    for case in slow_cases(launcher, n_ranks):
        ending = run_case(case, tmp_path)
        if ending.complaint(case):
            complaints[str(case)] = f"{ending.complaint(case)}\n{ending.output}"
    assert not complaints, "\n".join(f"{case}: {text}" for case, text in complaints.items())


@pytest.mark.parametrize(
    "fault", [("plan", "exit0", "0"), ("build", "caught", "last"), ("write", "fewer", "0")]
)
def test_faults_where_ranks_have_messages_only(fault, tmp_path, monkeypatch):
    """As on several machines: handshakes by messages."""
    monkeypatch.setenv("FAULT_BY_MESSAGES", "1")
    case = Case(LAUNCHERS[0], 3, *fault)
    ending = run_case(case, tmp_path)
    assert not ending.complaint(case), ending.output


def test_the_message_names_the_ended_rank_and_the_waiting_call(tmp_path):
    ending = run_case(Case(LAUNCHERS[0], 2, "plan", "exit0", "last"), tmp_path)
    assert len(ending.messages) == 1
    assert "rank 1" in ending.messages[0]
    assert "ended with exit code 0 before the other ranks; rank 0" in ending.messages[0]
    assert "waits in simulate()" in ending.messages[0]


SHELL = ("bash", "-c", '"$@"; exit $?', "bash")


@pytest.mark.parametrize(
    ("launcher", "shell"),
    [(launcher, SHELL if number == 0 else ()) for number, launcher in enumerate(LAUNCHERS)],
    ids=[launcher.name for launcher in LAUNCHERS],
)
def test_ranks_end_when_their_launcher_was_killed(launcher: LauncherOf, shell, tmp_path):
    """Also where a shell stands between the two, and where a rank waits for another one."""
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text(
        "import time\n"
        "from distsnn.comm import start\n"
        "comm = start()\n"
        "comm.barrier()\n"
        "print('ready', flush=True)\n"
        "if comm.rank == 1: time.sleep(300)\n"
        "comm.barrier()\n"
    )
    mark = f"launcher-{os.getpid()}-{time.time_ns()}"
    command = [str(launcher.mpirun), "-n", "3", *shell, str(launcher.python), str(sleeper)]
    with (tmp_path / "output").open("w+") as output:
        job = subprocess.Popen(
            command, env=environment_of(tmp_path / "moment", mark), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        ends = time.monotonic() + 60
        while (tmp_path / "output").read_text().count("ready") < 3 and time.monotonic() < ends:
            time.sleep(0.1)
        job.kill()
        job.wait()
        left = processes_with(mark, 20.0)
        for process in left:
            kill(process)
    assert not left


def test_the_program_without_a_fault(tmp_path):
    """So that the matrix cannot pass because nothing runs."""
    ending = run_case(Case(LAUNCHERS[0], 3, "nowhere", "exception", "0"), tmp_path)
    assert (ending.code, ending.messages) == (0, []), ending.output
    assert PROGRAM.exists()
