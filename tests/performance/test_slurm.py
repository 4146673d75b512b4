"""The Slurm job: written, checked, and run here with a stand-in for sbatch and srun."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from distsnn.comm.launch.environment import find_launcher

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


def slurm(
    *arguments: str, folder: Path, path: str = "", **variables: str | None
) -> subprocess.CompletedProcess[str]:
    environment: dict[str, str] = {
        **os.environ,
        "PATH": f"{path}:{os.environ['PATH']}",
        "DISTSNN_ENV": str(Path(sys.executable).parents[1]),
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    if os.getuid() == 0:
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    for name, value in variables.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return subprocess.run(
        [str(ROOT / "launch" / "slurm"), *arguments],
        capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=200,
    )  # fmt: skip


def test_job_asks_for_what_was_said(tmp_path):
    said = ["--nodes", "3", "--ranks-per-node=20", "--networks", "brunel", "--repeats", "7"]
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


def test_options_of_sbatch_become_lines_of_the_job(tmp_path):
    said = ["--qos", "high", "--mem=64G", "--constraint", "intel&gpu", "--mail-user=a@b.c"]
    more = ["--sbatch", "--comment=two words", "--sbatch", "--no-requeue"]
    done = slurm("run", *said, *more, "cuba", "--duration", "5", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("#SBATCH")][-6:]
    assert lines == [
        "#SBATCH --qos=high", "#SBATCH --mem=64G", '#SBATCH --constraint="intel&gpu"',
        "#SBATCH --mail-user=a@b.c", '#SBATCH --comment="two words"', "#SBATCH --no-requeue",
    ]  # fmt: skip
    assert "distsnn run cuba --duration 5 --out" in done.stdout


def options_of(program: list[str]) -> set[str]:
    done = subprocess.run([*program, "-h"], capture_output=True, text=True, check=True)
    return set(re.findall(r"--[a-z-]+", done.stdout))


def test_every_option_of_run_passes(tmp_path):
    """The script reads the options where they are defined: none is refused that distsnn takes."""
    options = options_of([sys.executable, "-m", "distsnn", "run"])
    assert len(options) > 15
    for option in sorted(options - {"--help", "--out", "--json"}):
        done = slurm("run", "cuba", option, "1", folder=tmp_path)
        assert done.returncode == 0, (option, done.stderr)


REFUSED = [
    ["dance"], ["run"], ["scaling", "--nodes", "0"], ["scaling", "--nodes"],
    ["scaling", "--launcher", "hope"], ["scaling", "--account", 'a"b'],
    # What sbatch or distsnn would refuse after the queue.
    ["run", "--foo", "3", "cuba"], ["run", "--foo=3", "cuba"], ["run", "-q", "high", "cuba"],
    ["run", "cuba", "--qos", "high"], ["run", "cuba", "--mem=64G"], ["run", "cuba", "--speed", "3"],
    ["run", "cuba", "--out", "x"], ["run", "cuba", "--json=x"], ["scaling", "--foo"],
    ["scaling", "--modes", "weak", "--qos", "high"], ["run", "--sbatch", "--nodes=3", "cuba"],
    ["run", "--sbatch", "qos=high", "cuba"], ["run", "--sbatch", "--x y=3", "cuba"], ["run", "--qos"],
    ["run", "--qos=", "cuba"], ["run", "--nodes", "9" * 30, "cuba"],
    # What would be another line of the job.
    ["run", "--out", "a\n#SBATCH --nodes=9", "cuba"], ["run", "--qos", "a\nb", "cuba"],
    ["run", "--sbatch", "--comment=a\ntouch x", "cuba"], ["run", "--time", "1\n2", "cuba"],
    ["run", "--out", 'a"b', "cuba"], ["run", "--out", "a\\b", "cuba"],
    ["scaling", "--networks", "a\nb"], ["run\nx"], ["run", "--comment", "a # b", "cuba"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", REFUSED, ids=repr)
def test_refused(arguments, tmp_path):
    done = slurm(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("launch/slurm: ")
    assert not done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["two words", "semi;colon", "dollar$x", "100%", "star*"])
def test_folders_with_any_name(name, tmp_path):
    """The job is run: results are in the folder, and nowhere else."""
    program = tmp_path / "bin" / "mpirun"
    program.parent.mkdir()
    program.write_text('#!/usr/bin/env bash\nprintf \'%s\\n\' "$@" >"$PWD/words"\n')
    program.chmod(0o755)
    here = tmp_path / name
    here.mkdir()
    path = f"{program.parent}:{os.environ['PATH']}"
    job = slurm("run", "--out", name, "cuba", folder=here, DISTSNN_ENV=None, VIRTUAL_ENV=None,
                CONDA_PREFIX=None)  # fmt: skip
    assert job.returncode == 0, job.stderr
    log = next(line for line in job.stdout.splitlines() if line.startswith("#SBATCH --output="))
    assert shlex.split(log.partition("=")[2]) == [
        f"{here / name}/%x-%j.log".replace("100%", "100%%")
    ]
    text = "\n".join(line for line in job.stdout.splitlines() if "bin/activate" not in line)
    subprocess.run(["bash", "-c", text], check=True, env={"PATH": path, "SLURM_JOB_ID": "7"})
    words = (here / "words").read_text().splitlines()
    assert words[words.index("--out") + 1] == str(here / name / "7")
    assert (here / name / "7").is_dir()


def make_environment(folder: Path, is_conda: bool) -> Path:
    (folder / "bin").mkdir(parents=True)
    if is_conda:
        (folder / "conda-meta").mkdir()
    else:
        (folder / "bin" / "activate").write_text("active=venv\n")
    return folder


def test_environments(tmp_path):
    venv = str(make_environment(tmp_path / "my venv", False))
    conda = str(make_environment(tmp_path / "conda" / "envs" / "mine", True))
    script = tmp_path / "conda" / "etc" / "profile.d" / "conda.sh"
    script.parent.mkdir(parents=True)
    script.write_text("conda() { active=$2; }\n")
    none = {"DISTSNN_ENV": None, "VIRTUAL_ENV": None, "CONDA_PREFIX": None, "CONDA_EXE": None}

    def job(**variables: str) -> str:
        done = slurm("run", "cuba", folder=tmp_path, **{**none, **variables})
        assert done.returncode == 0, done.stderr
        return done.stdout

    def active(text: str) -> str:
        """Return what a job has activated: its lines before the run are executed."""
        lines = text.partition("\nout=")[0] + '\nprintf %s "${active:-$PATH}"'
        return subprocess.run(["bash", "-c", lines], capture_output=True, text=True).stdout

    assert active(job(VIRTUAL_ENV=venv)) == "venv"
    assert active(job(VIRTUAL_ENV=venv, CONDA_PREFIX=conda)) == "venv"
    assert active(job(CONDA_PREFIX=conda)).startswith(f"{conda}/bin:")
    exe = str(tmp_path / "conda" / "bin" / "conda")
    assert active(job(CONDA_PREFIX=conda, CONDA_EXE=exe)) == conda
    assert active(job(DISTSNN_ENV=conda, VIRTUAL_ENV=venv, CONDA_EXE=exe)) == conda
    assert active(job(DISTSNN_ENV="my venv")) == "venv"
    done = slurm("run", "cuba", folder=tmp_path, **{**none, "DISTSNN_ENV": str(tmp_path)})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_local_leaves_conda_alone(tmp_path):
    conda = make_environment(tmp_path / "conda", True)
    done = subprocess.run(
        [str(ROOT / "launch" / "local"), "run"], capture_output=True, text=True, check=False,
        env={**os.environ, "DISTSNN_ENV": str(conda)}, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in conda.iterdir()) == ["bin", "conda-meta"]


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
