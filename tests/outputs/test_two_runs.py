"""Two runs into one folder: one is refused, or both are there in turn; never a mixture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

from distsnn.comm.launch.environment import find_launcher
from distsnn.outputs import RUN, OutputFolder

MPIRUN = Path(sys.executable).parent / "mpirun"
TIMES = [*range(2), *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 20))]
COMMAND = "run loihi --scale 0.02 --duration 60 --quiet --set seed={0} --out {1} --json {1}/r.json"

pytestmark = pytest.mark.skipif(find_launcher().n_ranks > 1, reason="starts its own processes")


def start(seed, folder, *launcher):
    words = [*launcher, sys.executable, "-m", "distsnn", *COMMAND.format(seed, folder).split()]
    environment = {**os.environ, "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"}
    if os.getuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment)


def seeds_in(folder):
    """Return the seeds that the files of a run name."""
    found = {json.loads((folder / "settings.json").read_text())["seed"]}
    found.add(json.loads((folder / "r.json").read_text())["seed"])
    for name in ("spikes.h5", "counters.h5"):
        with h5py.File(folder / name) as file:
            found.add(int(file.attrs["seed"]))
    return found


@pytest.mark.parametrize("time", TIMES)
def test_two_at_once(time, tmp_path):
    folder = tmp_path / "run"
    runs = [start(seed, folder) for seed in (5, 6)]
    ends = [(run.communicate(timeout=120)[1], run.returncode) for run in runs]
    codes = sorted(code for _, code in ends)
    assert codes in ([0, 0], [0, 2])
    for text, code in ends:
        assert len(text.splitlines()) == (1 if code == 2 else 0), text
        assert "in use by " in text or not code  # the other may not have said its name yet
    assert len(seeds_in(folder)) == 1
    assert not list(folder.glob(".*"))


@pytest.mark.skipif(not MPIRUN.exists(), reason="mpirun is not there")
def test_all_ranks_of_the_second_run_leave(tmp_path):
    holder = OutputFolder(tmp_path / "run", RUN)
    try:
        run = start(5, tmp_path / "run", str(MPIRUN), "-n", "3")
        text = run.communicate(timeout=60)[1]
    finally:
        holder.close()
    assert run.returncode == 2
    said = [line for line in text.splitlines() if line.startswith("distsnn: ")]
    assert len(said) == 1
    assert "in use by process" in said[0]
    assert not (tmp_path / "run").exists()
