"""The launcher, the threads and the cores, as read from the environment of a process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from distsnn.comm.launch.environment import (
    LAUNCHERS,
    THREAD_VARIABLES,
    cpu_quota,
    find_launcher,
    pin_threads,
    prefer_plain_transport,
    usable_cores,
)


@pytest.fixture
def bare(monkeypatch):
    """An environment without a launcher."""
    for names in LAUNCHERS.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_no_launcher(bare):
    assert find_launcher().n_ranks == 1
    bare.setenv("SLURM_NTASKS", "8")  # inside a batch script, not in a step
    bare.setenv("SLURM_PROCID", "0")
    assert find_launcher().n_ranks == 1


@pytest.mark.parametrize("name", LAUNCHERS)
def test_each_launcher(bare, name):
    size_variable, rank_variable = LAUNCHERS[name]
    bare.setenv(size_variable, "12")
    bare.setenv(rank_variable, "7")
    launcher = find_launcher()
    assert (launcher.name, launcher.n_ranks, launcher.rank) == (name, 12, 7)


def test_threads_are_pinned_unless_the_user_chose(monkeypatch):
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    pin_threads()
    import os

    assert os.environ["OMP_NUM_THREADS"] == "4"
    assert os.environ["NUMBA_NUM_THREADS"] == "1"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


@pytest.mark.parametrize(
    ("files", "n_cores"),
    [
        ({}, None),
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "20000 100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
    ],
)
def test_cpu_quota_of_a_container(tmp_path, files, n_cores):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert cpu_quota(tmp_path) == n_cores


def test_cores():
    assert len(usable_cores()) >= 1


def test_plain_transport_only_on_one_machine_and_unless_chosen(monkeypatch):
    import os

    names = ("OMPI_MCA_pml", "OMPI_MCA_btl", "OMPI_MCA_mtl")
    for name in names:
        monkeypatch.setenv(name, "")  # so that it is restored
        monkeypatch.delenv(name)
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "4")
    monkeypatch.setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "2")
    prefer_plain_transport()
    assert not any(name in os.environ for name in names)
    monkeypatch.setenv("OMPI_COMM_WORLD_LOCAL_SIZE", "4")
    monkeypatch.setenv("OMPI_MCA_pml", "ucx")
    prefer_plain_transport()
    assert os.environ[names[0]] == "ucx"
    monkeypatch.delenv("OMPI_MCA_pml")
    prefer_plain_transport()
    # Shared memory has other names in other versions of Open MPI: none may be asked for.
    left_out = os.environ[names[1]]
    assert left_out.startswith("^")
    assert "tcp" in left_out
    assert not {"self", "sm", "vader"} & set(left_out[1:].split(","))


@pytest.mark.parametrize(
    ("first", "unwanted"),
    [
        ("import distsnn.comm.launch.environment", ("numpy", "mpi4py", "numba")),
        ("from distsnn.comm import start; start()", ("mpi4py", "numba", "h5py", "matplotlib")),
    ],
)
def test_what_is_not_imported(bare, first, unwanted):
    code = f"import sys\n{first}\nprint([m for m in {unwanted!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
