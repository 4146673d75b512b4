"""Starts MPI jobs from tests that do not load MPI themselves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from distsnn.comm.launch.environment import find_launcher

MPIRUN = Path(sys.executable).parent / "mpirun"

needs_mpirun = pytest.mark.skipif(
    not MPIRUN.exists() or find_launcher().n_ranks > 1,
    reason="starts mpirun itself: needs one beside this Python, and none around",
)


@dataclass
class Job:
    """How a job ended. after_s: seconds from the time that it wrote to MOMENT until its end."""

    code: int
    output: str
    after_s: float

    @property
    def messages(self) -> list[str]:
        """The messages of the program, without the one that kernels are being compiled."""
        lines = self.output.splitlines()
        return [s for s in lines if s.startswith("distsnn: ") and "compiling" not in s]


def run_job(folder: Path, n_ranks: int, *arguments: str, timeout_s: float = 150) -> Job:
    """Run ``python ARGUMENTS`` on n_ranks ranks, also as root and with fewer cores than ranks.

    The variable MOMENT names a file into which the program may write ``time.time()``.
    """
    moment = folder / "moment"
    settings = {"PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe", "MOMENT": str(moment)}
    if os.getuid() == 0:
        settings |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    command = [str(MPIRUN), "-n", str(n_ranks), sys.executable, *arguments]
    done = subprocess.run(
        command,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    after_s = time.time() - float(moment.read_text()) if moment.exists() else 0.0
    return Job(done.returncode, done.stdout, after_s)
