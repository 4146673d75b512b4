"""Ranks that all end alike end in order: at most one line, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jobs import needs_mpirun, run_job

HERE = Path(__file__).parent
PROGRAM = str(HERE / "failing_program.py")

pytestmark = pytest.mark.timeout(200)


@needs_mpirun
@pytest.mark.parametrize(
    ("ending", "code", "messages"),
    [
        ("none", 0, []),
        ("idle", 0, []),
        ("caught-exit", 0, []),
        ("return", 4, []),
        ("exit-all", 7, []),
        ("before", 2, ["distsnn: network: must be loihi, got x. Name another."]),
        (
            "user-error",
            2,
            ["distsnn: population a: size must be at least 1, got 0. Give it neurons."],
        ),
        ("agree", 3, ["distsnn: neuron 7: v must be finite, got nan. See."]),
    ],
)
def test_all_ranks_end_alike(tmp_path, ending, code, messages):
    job = run_job(tmp_path, 3, PROGRAM, ending)
    assert job.code == code, job.output
    assert job.messages == messages, job.output
    assert "Traceback" not in job.output


@needs_mpirun
def test_many_ranks_end_at_different_times(tmp_path):
    """The launcher signals ranks that are still ending, which must not disturb them."""
    job = run_job(tmp_path, 16, PROGRAM, "user-error")
    assert job.code == 2, job.output
    assert job.messages == [
        "distsnn: population a: size must be at least 1, got 0. Give it neurons."
    ]
    assert "MPI_" not in job.output


@needs_mpirun
def test_error_in_a_plain_script(tmp_path):
    """A program that only calls ``start`` is protected as well."""
    script = tmp_path / "script.py"
    script.write_text(
        "from distsnn.comm import start\n"
        "comm = start()\n"
        "if comm.rank == 1: raise ValueError('odd')\n"
        "comm.barrier()\n"
    )
    job = run_job(tmp_path, 2, str(script))
    assert job.code == 1
    assert job.messages == ["distsnn: rank 1: ValueError: odd"]


@needs_mpirun
def test_launcher_of_another_mpi_is_refused(tmp_path):
    """A launcher that started 4 processes which do not find each other."""
    code = (
        "import os\n"
        "os.environ['SLURM_STEP_NUM_TASKS'] = '4'\n"
        "from distsnn.comm import start\n"
        "start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.count("distsnn: MPI: library must see the 4 ranks") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("ending", "code"), [("none", 0), ("return", 4), ("before", 2)])
def test_one_process(ending, code, monkeypatch):
    """Without a launcher the same program gives the same exit codes."""
    from distsnn.comm.launch.environment import LAUNCHERS

    for names in LAUNCHERS.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    done = subprocess.run(
        [sys.executable, PROGRAM, ending], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == code
    lines = [line for line in done.stderr.splitlines() if line.startswith("distsnn: network")]
    assert len(lines) == (ending == "before")


@needs_mpirun
@pytest.mark.timeout(300)
def test_fabrics_on_a_grid_with_rows_and_columns(tmp_path):
    """Six ranks are the fewest with a grid of different numbers of rows and columns, both above 1."""
    arguments = ["-m", "pytest", "--only-mpi", "-q", "-p", "no:cacheprovider"]
    job = run_job(tmp_path, 6, *arguments, str(HERE.parent / "test_fabrics.py"), timeout_s=280)
    assert job.code == 0, job.output[-4000:]


CAUGHT = """
import time
from distsnn import FixedInDegree, LifDelta, Network, Player, SpikeSource, simulate, start
from distsnn.errors import DistsnnError
from distsnn.simulation import Settings

comm = start()
network = Network(dt_ms=1.0, seed=1)
source = network.population("in", 5, SpikeSource([], [], n_sources=5))
a = network.population("a", 60, LifDelta())
network.connect(source, a, FixedInDegree(2), weight=1.0, delay_ms=1.0)
network.connect(a, a, FixedInDegree(10), weight=0.1, delay_ms=100.0)
try:
    simulate(network, duration_ms=10.0, strict=True, neurons_per_core=30)
except DistsnnError:
    pass
settings = Settings(neurons_per_core=30)
player = Player(network, "in", n_steps=400, most_input=5, settings=settings, comm=comm)
if comm.rank == 0:
    time.sleep(2.0)
    print("written", flush=True)
"""


@needs_mpirun
def test_a_rank_that_still_writes_is_not_disturbed(tmp_path):
    """After an error that all ranks have caught, and with a player that is not finished."""
    script = tmp_path / "script.py"
    script.write_text(CAUGHT)
    job = run_job(tmp_path, 2, str(script))
    assert job.code == 0, job.output
    assert "written" in job.output
    assert not job.messages
