"""What other programs may rely on: keys and types of the JSON files, content of the HDF5 files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from distsnn import FixedInDegree, LifDelta, Network
from distsnn.__main__ import main
from distsnn.networks.ready import loihi
from distsnn.simulation import simulate
from distsnn.stimuli import SpikeSource
from distsnn.storage import load_spikes


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    command = (
        f"run loihi --scale 0.05 --duration 120 --out {folder} --json {folder}/run.json --quiet"
    )
    assert main(command.split()) == 0
    return folder


RUN_KEYS = {
    "digest": str, "traffic_digest": str, "network": str, "n_neurons": int, "n_synapses": int,
    "duration_ms": float, "dt_ms": float, "n_ranks": int, "fabric": str, "placement": str,
    "populations": list, "synaptic_events": int, "compile_s": float, "build_s": float,
    "simulate_s": float, "real_time_factor": float, "memory_bytes": int, "traffic": dict,
    "energy_j": dict,
}  # fmt: skip


def test_run_json(run_folder):
    report = json.loads((run_folder / "run.json").read_text())
    for key, kind in RUN_KEYS.items():
        assert isinstance(report[key], kind), key
    for population in report["populations"]:
        assert {"name", "n", "rate_hz", "cv_isi"} <= set(population)
    traffic = report["traffic"]
    assert {"packets", "traversals", "mean_hops", "busiest_link", "per_fabric"} <= set(traffic)
    assert {"from", "to", "packets"} <= set(traffic["busiest_link"])
    assert traffic["mean_hops"] == pytest.approx(traffic["traversals"] / traffic["packets"])
    assert sum(one["traversals"] for one in traffic["per_fabric"]) == traffic["traversals"]
    known = [v for k, v in report["energy_j"].items() if k != "total" and v is not None]
    assert report["energy_j"]["total"] == pytest.approx(sum(known))
    assert 20e6 < report["memory_bytes"] < 1e9


def test_synaptic_events_are_spikes_times_synapses(run_folder):
    """Every neuron of loihi at this scale has a known out-degree only on average: sums must fit."""
    report = json.loads((run_folder / "run.json").read_text())
    n_spikes = sum(one["n_spikes"] for one in report["populations"])
    per_spike = report["n_synapses"] / report["n_neurons"]
    assert report["synaptic_events"] == pytest.approx(n_spikes * per_spike, rel=0.1)


def test_hdf5_has_what_the_result_has(run_folder):
    result = simulate(loihi.build(scale=0.05), duration_ms=120.0)
    spikes = load_spikes(run_folder / "spikes.h5")
    for name in ("exc", "inh"):
        times_ms, neurons = result.spikes(name)
        assert np.array_equal(spikes[name][0], times_ms)
        assert np.array_equal(spikes[name][1], neurons)
    with h5py.File(run_folder / "counters.h5") as file:
        assert np.array_equal(file["link_packets"][:], result.counters.link_packets)
        assert file["packets_sent"][:].sum() == file["packets_received"][:].sum()


def test_recorded_spikes_play_back(run_folder):
    """What was recorded, played by sources, gives the same steps."""
    times_ms, neurons = load_spikes(run_folder / "spikes.h5")["inh"]
    source = SpikeSource.from_file(run_folder / "spikes.h5", "inh")
    network = Network(dt_ms=1.0, seed=1)
    network.population("again", int(neurons.max()) + 1, source)
    again = simulate(network, duration_ms=120.0)
    assert np.array_equal(again.spikes("again")[0], times_ms)
    assert np.array_equal(again.spikes("again")[1], neurons)


@pytest.mark.data
def test_event_camera_recording_end_to_end():
    """A real N-MNIST recording: all events are played, drive cells, and cross the mesh."""
    folder = os.environ.get("DISTSNN_DATA")
    if not folder:
        pytest.skip("DISTSNN_DATA does not name the folder of real recordings")
    path = sorted((Path(folder) / "nmnist" / "3").glob("*.bin"))[0]
    source = SpikeSource.from_nmnist(path)
    network = Network(dt_ms=1.0, seed=1)
    camera = network.population("camera", 2312, source)
    cells = network.population("cells", 500, LifDelta())
    network.connect(camera, cells, FixedInDegree(60), weight=3.0, delay_ms=1.0)
    result = simulate(network, duration_ms=320.0, neurons_per_core=512)
    assert result.spikes("camera")[0].size == path.stat().st_size // 5
    assert result.spikes("cells")[0].size > 500
    # One packet per event and core that the pixel reaches; cells lie on one core.
    assert 0.9 < result.counters.packets / result.spikes("camera")[0].size <= 1.0


def test_matrix_json(tmp_path):
    (tmp_path / "m.csv").write_text("0,127,10\n0,1,2\n")
    out = tmp_path / "m.json"
    assert main(f"traffic --matrix {tmp_path}/m.csv --json {out} --quiet".split()) == 0
    report = json.loads(out.read_text())
    assert report["packets"] == 12
    assert report["traversals"] == 10 * 22 + 2
    assert {"from": [0, 0], "to": [1, 0], "packets": 12} in report["links"]
    assert report["busiest_link"]["packets"] == 12
    assert report["tiles"]["traversals"] == 10 * 10
    assert sum(link["packets"] for link in report["links"]) == report["traversals"]
    # Corner to corner on tiles: 7 hops at 3 pJ and 3 at 4 pJ.
    assert report["energy_j"]["hops"] == pytest.approx(10 * (7 * 3.0 + 3 * 4.0) * 1e-12)


def test_plan_json(tmp_path):
    out = tmp_path / "plan.json"
    assert main(f"plan loihi --scale 0.1 -n 16 --json {out} --quiet".split()) == 0
    plan = json.loads(out.read_text())
    assert plan["n_ranks"] == 16
    assert plan["n_cores"] == 8
    assert plan["n_synapses"] == 8 * 102 * 100


def test_report_is_printed(capsys):
    assert main(["run", "brunel", "--scale", "0.1", "--duration", "50"]) == 0
    text = capsys.readouterr().out
    for part in ("mesh traffic", "use of cores", "traffic digest", "real-time factor"):
        assert part in text


def test_pictures(tmp_path):
    pytest.importorskip("distsnn.traffic.pictures")
    command = f"run loihi --scale 0.02 --duration 100 --plot {tmp_path} --quiet"
    assert main(command.split()) == 0
    for name in ("raster.png", "mesh.png"):
        assert (tmp_path / name).stat().st_size > 10_000
