"""The Slurm job: written, checked, and run here with a stand-in for sbatch and srun."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from distsnn.comm.environment import find_launcher

ROOT = Path(__file__).parents[2]
MPIRUN = Path(sys.executable).parent / "mpirun"

SBATCH = """#!/usr/bin/env bash
cat > {folder}/job
SLURM_JOB_ID=7 bash {folder}/job
"""
# Does what srun would: as many tasks as asked for, on the nodes asked for.
SRUN = """#!/usr/bin/env bash
echo "$@" >> {folder}/srun-calls
for word in "$@"; do
    case $word in --ntasks=*) n=${{word#--ntasks=}} ;; --*) ;; *) break ;; esac
    shift
done
exec {mpirun} -n "$n" "$@"
"""


def slurm(*arguments: str, folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{path}:{os.environ['PATH']}",
        "DISTSNN_ENV": str(Path(sys.executable).parents[1]),
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    if os.getuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return subprocess.run(
        [str(ROOT / "launch" / "slurm"), *arguments],
        capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=200,
    )  # fmt: skip


def test_job_asks_for_what_was_said(tmp_path):
    said = ["--nodes", "3", "--ranks-per-node", "20", "--networks", "brunel", "--repeats", "7"]
    more = ["--time", "00:20:00", "--partition", "long", "--account", "mine"]
    job = slurm("scaling", *said, *more, "--modes", "weak", folder=tmp_path).stdout
    for line in (
        "nodes=3",
        "ntasks-per-node=20",
        "time=00:20:00",
        "partition=long",
        "account=mine",
    ):
        assert f"#SBATCH --{line}\n" in job
    assert "--ranks 1 2 4 8 16 32 60 --networks brunel --repeats 7 " in job
    assert job.rstrip().endswith("--modes weak")


def test_run_starts_all_ranks(tmp_path):
    said = ["--nodes", "2", "--ranks-per-node", "64", "--launcher", "srun"]
    job = slurm("run", *said, "microcircuit", "--scale", "0.5", folder=tmp_path).stdout
    assert "srun --mpi=pmix --ntasks=128 python -m distsnn run microcircuit --scale 0.5 " in job


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"], ["run"], ["scaling", "--nodes", "0"], ["scaling", "--nodes"],
        ["scaling", "--launcher", "hope"], ["scaling", "--account", "a;b"],
    ],
)  # fmt: skip
def test_refused(arguments, tmp_path):
    done = slurm(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_scripts_are_clean(tmp_path):
    job = tmp_path / "job"
    job.write_text(slurm("scaling", folder=tmp_path).stdout)
    for script in (ROOT / "launch" / "slurm", job):
        done = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.skipif(
    not MPIRUN.exists() or find_launcher().n_ranks > 1, reason="starts mpirun itself"
)
def test_job_measures_and_collects(tmp_path):
    programs = {"sbatch": SBATCH, "srun": SRUN}
    for name, text in programs.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(text.format(folder=tmp_path, mpirun=MPIRUN))
        program.chmod(0o755)
    said = ["--nodes", "2", "--ranks-per-node", "1", "--launcher", "srun", "--repeats", "1"]
    more = ["--networks", "loihi-small", "--window", "20", "--warm-up", "5", "--modes", "strong"]
    done = slurm("scaling", "--submit", *said, *more, folder=tmp_path, path=str(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr
    call = (tmp_path / "srun-calls").read_text().split()
    assert call[:4] == ["--mpi=pmix", "--ntasks=2", "--nodes=2", "--ntasks-per-node=1"]
    results = tmp_path / "slurm-results" / "7"
    found = json.loads((results / "scaling.json").read_text())
    assert [point["n_ranks"] for point in found["points"]] == [1, 2]
    assert len({point["digest"] for point in found["points"]}) == 1
    assert all(row["counts_agree"] for row in found["rows"])
    assert (results / "scaling.png").stat().st_size > 10_000
