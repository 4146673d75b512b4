"""What a run leaves behind is the same for any number of ranks. Under mpirun, on all of them."""

from __future__ import annotations

import json

import pytest

from distsnn.__main__ import main
from distsnn.cli.parser import run_command
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import UsageError
from distsnn.networks import build_described
from distsnn.report.document import document
from distsnn.simulation import simulate
from distsnn.storage import write_run

PERSONAL = {"n_ranks", "fabric", "compile_s", "build_s", "simulate_s", "seconds", "real_time_factor",
            "synaptic_events_per_s", "memory_bytes", "memory_bytes_of_fullest_rank",
            "memory_bytes_of_ranks"}  # fmt: skip


@pytest.mark.mpi
@pytest.mark.parametrize("fabric", ["mesh", "hop"])
def test_files_and_reports(fabric, tmp_path):
    comm = start()
    command = f"run loihi --scale 0.04 --set patches=24 --duration 60 --fabric {fabric} --quiet"
    assert main(f"{command} --out {tmp_path}/run --json {tmp_path}/run.json".split()) == 0
    if comm.rank == 0:
        network, described = build_described("loihi", {"scale": 0.04, "patches": 24})
        alone = simulate(network, duration_ms=60.0, comm=SerialComm())
        expected = document(alone, settings=described)
        (tmp_path / "alone").mkdir()
        for path in write_run(alone, expected, tmp_path / "alone"):
            if path.suffix == ".h5":
                assert path.read_bytes() == (tmp_path / "run" / path.name).read_bytes()
        report = json.loads((tmp_path / "run.json").read_text())
        assert report["n_ranks"] == comm.n_ranks
        for key in set(expected) - PERSONAL:
            assert report[key] == json.loads(json.dumps(expected[key])), key
    comm.barrier()


@pytest.mark.mpi
def test_fewer_neurons_than_ranks(tmp_path):
    comm = start()
    path = tmp_path / "one.py"
    path.write_text(
        "from distsnn import Current, LifExp, Network\n"
        "def build():\n"
        "    network = Network()\n"
        "    network.stimulate(network.population('one', 1, LifExp()), Current(pa=500.0))\n"
        "    return network\n"
    )
    assert main(f"run {path} --duration 50 --quiet --json {tmp_path}/one.json".split()) == 0
    if comm.rank == 0:
        report = json.loads((tmp_path / "one.json").read_text())
        assert report["n_ranks"] == comm.n_ranks
        assert report["populations"][0]["n_spikes"] > 1
    comm.barrier()


@pytest.mark.mpi
def test_network_file_that_draws_without_a_seed(tmp_path, capsys):
    """Every rank reads the file, and each gets other spikes."""
    comm = start()
    if comm.n_ranks == 1:
        pytest.skip("there is nobody to differ from")
    path = tmp_path / f"unseeded-{comm.rank}.py"
    path.write_text(
        "import numpy as np\n"
        "from distsnn import AllToAll, LifExp, Network, SpikeSource\n"
        "def build():\n"
        "    network = Network()\n"
        "    times = np.random.default_rng().uniform(0.0, 50.0, 30)\n"
        "    given = SpikeSource(times, np.zeros(30, int), measured=True)\n"
        "    source = network.population('in', 1, given)\n"
        "    out = network.population('out', 1, LifExp())\n"
        "    network.connect(source, out, AllToAll(), weight=1.0)\n"
        "    return network\n"
    )
    with pytest.raises(
        UsageError, match="must be the same on all ranks, got population 'in': model"
    ):
        run_command(["run", str(path), "--duration", "50", "--quiet"])
