"""A run on disk: complete, without a trace of ranks or time, and readable again."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from distsnn import FixedInDegree, LifExp, Network, Poisson, Uniform
from distsnn.errors import InputFileError
from distsnn.report.document import document
from distsnn.simulation import simulate
from distsnn.storage import load_counters, load_spikes, load_traces, write_run


def make_network(seed=3):
    network = Network(dt_ms=0.5, seed=seed, name="stored")
    exc = network.population("exc", 120, LifExp(), initial={"v": Uniform(-65.0, -50.0)})
    inh = network.population("inh", 30, LifExp())
    network.connect(exc, inh, FixedInDegree(20), weight=250.0, delay_ms=1.5)
    network.connect(inh, exc, FixedInDegree(10), weight=-200.0, delay_ms=1.0)
    for target in (exc, inh):
        network.stimulate(target, Poisson(rate_hz=9000.0, weight=100.0))
    network.record(exc, "v", neurons=[0, 50, 100], every_ms=1.0)
    network.record(inh, "v", neurons=[3])
    return network


@pytest.fixture(scope="module")
def result():
    return simulate(make_network(), duration_ms=100.0, neurons_per_core=32)


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    write_run(result, document(result, settings={"seed": 3}), folder)
    return folder


def test_files_and_nothing_else(folder):
    names = {"spikes.h5", "counters.h5", "traces.h5", "settings.json"}
    assert {path.name for path in folder.iterdir()} == names


def test_spikes(result, folder):
    spikes = load_spikes(folder / "spikes.h5")
    assert list(spikes) == ["exc", "inh"]
    for name, (time_ms, neuron) in spikes.items():
        expected_ms, expected = result.spikes(name)
        assert expected.size > 20
        assert np.array_equal(time_ms, expected_ms)
        assert np.array_equal(neuron, expected)
    with h5py.File(folder / "spikes.h5") as file:
        group = file["exc"]
        assert group["step"].dtype == np.uint32
        assert np.array_equal((group["step"][:] + 1) * 0.5, group["time_ms"][:])
        assert group.attrs["n_neurons"] == 120
        assert file.attrs["digest"] == result.digest
        assert json.loads(file.attrs["settings"]) == {"seed": 3}
        assert "numpy" in json.loads(file.attrs["versions"])


def test_traces(result, folder):
    traces = load_traces(folder / "traces.h5")
    assert set(traces) == {("exc", "v"), ("inh", "v")}
    neurons, values = traces["exc", "v"]
    assert neurons.tolist() == [0, 50, 100]
    assert values.shape == (100, 3)
    assert np.array_equal(values, result.traces["exc", "v"][1])
    with h5py.File(folder / "traces.h5") as file:
        assert file["exc/v"].attrs["every_ms"] == 1.0
        assert file["inh/v"].attrs["every_ms"] == 0.5


def test_counters(result, folder):
    counters = load_counters(folder / "counters.h5")
    assert np.array_equal(counters["link_packets"], result.counters.link_packets)
    assert counters["packets_of_step"].sum() == counters["packets_sent"].sum()
    assert counters["n_steps"] == 200


def test_settings(result, folder):
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["network"] == "stored"
    assert settings["seed"] == 3
    assert settings["ranks"]["n_ranks"] == 1
    assert settings["host"]
    assert settings["traffic_digest"] == result.traffic_digest


def test_same_bytes_again(folder, tmp_path):
    """Neither the time of day nor the way it was computed can be seen in the HDF5 files."""
    again = simulate(make_network(), duration_ms=100.0, neurons_per_core=32)
    write_run(again, document(again, settings={"seed": 3}), tmp_path)
    for path in sorted(folder.glob("*.h5")):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_what_is_not_recorded_is_not_stored(tmp_path):
    network = make_network()
    network.record_spikes("inh", False)
    run = simulate(network, duration_ms=20.0)
    write_run(run, document(run), tmp_path)
    assert list(load_spikes(tmp_path / "spikes.h5")) == ["exc"]


def test_other_files_are_refused(folder, tmp_path):
    (tmp_path / "text.h5").write_text("no HDF5\n")
    for path in (tmp_path / "text.h5", tmp_path / "nowhere.h5", folder / "counters.h5"):
        with pytest.raises(InputFileError, match=r"must be a spikes\.h5"):
            load_spikes(path)
    with pytest.raises(InputFileError, match=r"must be a traces\.h5"):
        load_traces(folder / "counters.h5")
