"""The same recordings on 1, 2 and 3 ranks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from distsnn.comm.launch.environment import find_launcher

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("on_ranks.py")
MPIRUN = Path(sys.executable).parent / "mpirun"


def digest(n_ranks: int) -> str:
    """Return what the program prints."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }  # fmt: skip
    if os.getuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    launcher = [str(MPIRUN), "-n", str(n_ranks)] if n_ranks > 1 else []
    done = subprocess.run(
        [*launcher, sys.executable, str(PROGRAM)], env=environment, capture_output=True, text=True,
        check=False, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(
    not MPIRUN.exists() or find_launcher().n_ranks > 1, reason="starts mpirun itself"
)
def test_recordings_do_not_depend_on_the_number_of_ranks():
    alone = digest(1)
    assert len(alone) == 16
    assert [digest(n) for n in (2, 3)] == [alone, alone]
