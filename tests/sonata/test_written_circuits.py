"""Networks written as circuits: read back they give the same bits, and libsonata reads them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from everything.random_everything import Everything
from random_networks import random_network, uneven_network
from sonata.circuits import write_circuit as write_small

from distsnn import (
    Equations,
    FixedInDegree,
    LifExp,
    Network,
    Normal,
    Poisson,
    SpikeSource,
    simulate,
)  # fmt: skip
from distsnn.__main__ import main
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError, OutputFileError
from distsnn.plasticity import PairStdp
from distsnn.sonata import load_circuit, write_circuit

DURATION_MS = 20.0
NETWORKS = {
    **{f"random {k}": (random_network, k) for k in range(4)},
    # weights over many decades, on several lanes
    **{f"uneven {k}": (uneven_network, k) for k in (6, 9, 18)},
}


class WithoutLearning(Everything):
    """A random network of all models, rules and inputs, whose synapses stay as they are."""

    def _learn(self) -> None:
        pass


def digest_of(network: Network, duration_ms: float = DURATION_MS) -> str:
    return simulate(network, duration_ms=duration_ms, comm=SerialComm()).digest


@pytest.mark.parametrize("name", NETWORKS)
def test_same_digest_after_writing_and_reading(name, tmp_path):
    build, number = NETWORKS[name]
    path = write_circuit(build(number), tmp_path / "c", comm=SerialComm())
    assert digest_of(load_circuit(path).network) == digest_of(build(number))


def test_same_digest_of_all_models_and_inputs(tmp_path):
    """What SONATA cannot hold is refused, and all else gives the same bits."""
    same, refused = set(), []
    for number in range(20):
        everything = WithoutLearning(number)
        try:
            path = write_circuit(everything.network, tmp_path / str(number), comm=SerialComm())
        except NetworkError as error:
            refused.append(str(error))
            continue
        network = load_circuit(path).network
        assert digest_of(network) == digest_of(everything.network), number
        same |= everything.used
    assert all("SONATA" in message and "\n" not in message for message in refused)
    assert {"Izhikevich", "LifCondAlpha", "Poisson", "SineCurrent", "SpikeTrains"} <= same


def test_a_circuit_that_was_read_is_written_the_same(tmp_path):
    made = load_circuit(write_small(tmp_path / "small"))
    path = write_circuit(made.network, tmp_path / "again", duration_ms=100.0, comm=SerialComm())
    again = load_circuit(path)
    assert again.config.duration_ms == 100.0
    assert digest_of(again.network, 100.0) == digest_of(made.network, 100.0)
    # NEST's words, and the weights as they were given
    rows = (tmp_path / "again/cells_node_types.csv").read_text().splitlines()
    assert "nest:iaf_psc_alpha" in rows[1].split()
    with h5py.File(tmp_path / "small/network/recurrent.h5") as file:
        given = np.sort(file["edges/cells_to_cells/0/syn_weight"][:])
    with h5py.File(tmp_path / "again/cells_to_cells_edges.h5") as file:
        assert np.array_equal(np.sort(file["edges/cells_to_cells/0/syn_weight"][:]), given)


@pytest.mark.mpi
def test_any_number_of_ranks_writes_the_same_circuit():
    comm = start()
    with tempfile.TemporaryDirectory() as folder:
        # Rank 0 alone writes; each rank compares with what one rank alone writes.
        path = write_circuit(uneven_network(6), Path(folder) / "all", comm=comm)
        alone = write_circuit(uneven_network(6), Path(folder) / "alone", comm=SerialComm())
        if comm.rank == 0:
            assert digest_of(load_circuit(path).network) == digest_of(load_circuit(alone).network)
            for file in sorted(alone.parent.iterdir()):
                assert file.read_bytes() == (path.parent / file.name).read_bytes(), file.name


def small(**options) -> Network:
    network = Network(dt_ms=0.5, seed=3)
    source = network.population("in", 5, SpikeSource([1.0, 2.5, 2.5], [0, 4, 1], n_sources=5))
    cells = network.population("cells", 20, LifExp(tau_m_ms=Normal(10.0, 1.0)))
    network.connect(source, cells, FixedInDegree(2), weight=Normal(100.0, 10.0), delay_ms=1.0)
    network.connect(cells, cells, FixedInDegree(3), delay_ms=2.0, **{"weight": -20.0, **options})
    return network


def test_libsonata_reads_what_is_written(tmp_path):
    libsonata = pytest.importorskip("libsonata", reason="needs libsonata")
    path = write_circuit(small(), tmp_path / "c", comm=SerialComm())
    config = libsonata.CircuitConfig.from_file(path.parent / "circuit_config.json")
    assert config.node_populations == {"in", "cells"}
    edges = config.edge_population("in_to_cells")
    assert edges.size == 40
    assert edges.get_attribute("delay", edges.select_all()).tolist() == [1.0] * 40
    # the index of the file: two edges onto each cell
    onto = edges.afferent_edges([7])
    assert onto.flat_size == 2
    assert edges.target_nodes(onto).tolist() == [7, 7]
    cells = config.node_population("cells")
    assert cells.get_dynamics_attribute("tau_m", cells.select_all()).std() > 0.0


def test_an_older_circuit_is_replaced_and_other_folders_are_left(tmp_path):
    path = write_circuit(small(), tmp_path / "c", comm=SerialComm())
    network = Network(dt_ms=0.5)
    network.population("only", 3, LifExp())
    write_circuit(network, tmp_path / "c", comm=SerialComm())
    assert not (tmp_path / "c/cells_nodes.h5").exists()
    assert [p.name for p in load_circuit(path).network.populations] == ["only"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/config.json").write_text("{}")
    with pytest.raises(OutputFileError, match=r"config\.json that it has not written"):
        write_circuit(network, tmp_path / "mine", comm=SerialComm())


def test_changed_weights_are_stored_anew(tmp_path):
    """The quanta in the file are those of the weights that were written, and are left with others."""
    path = write_circuit(small(), tmp_path / "c", comm=SerialComm())
    with h5py.File(tmp_path / "c/in_to_cells_edges.h5", "r+") as file:
        file["edges/in_to_cells/0/syn_weight"][:] *= 1000.0
    network = load_circuit(path).network
    result = simulate(network, duration_ms=DURATION_MS, comm=SerialComm())
    assert result.weight_errors()["in -> cells"].largest < 1e-3


REFUSED = {
    "learning": (
        lambda: learning(),
        "static synapses, got .?PairStdp",
    ),
    "text": (
        lambda: text_model(),
        "population cells: model: must be a model of this package or of NEST",
    ),
    "rate over time": (lambda: driven(), "input of cells: must be one of numbers and texts"),
}


def learning() -> Network:
    return small(plasticity=PairStdp(30.0), weight=20.0)


def text_model() -> Network:
    network = Network(dt_ms=0.5)
    model = Equations("dv/dt = -v/(10*ms) : mV", threshold="v > 1*mV", reset="v = 0*mV")
    network.population("cells", 3, model)
    return network


def named(name: str) -> Network:
    network = Network(dt_ms=0.5)
    network.population(name, 3, LifExp())
    return network


def driven() -> Network:
    from distsnn import Samples

    network = named("cells")
    rates = Samples(np.ones((3, 3)), every_ms=1.0)
    network.stimulate("cells", Poisson(rate_hz=rates, weight=1.0))
    return network


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_format_cannot_hold_is_refused_in_one_line(name, tmp_path):
    build, message = REFUSED[name]
    with pytest.raises(NetworkError, match=message) as refused:
        write_circuit(build(), tmp_path / "c", comm=SerialComm())
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "c").exists()


def test_command(tmp_path, capsys):
    folder = str(tmp_path / "c")
    assert main(["sonata", "brunel", "--scale=0.02", f"--out={folder}", "--duration=30"]) == 0
    assert f"distsnn run {folder}/config.json" in capsys.readouterr().out
    digests = []
    for words in (["brunel", "--scale=0.02", "--duration=30"], [f"{folder}/config.json"]):
        report = tmp_path / "r.json"
        assert main(["run", *words, f"--json={report}", "--quiet"]) == 0
        digests.append(json.loads(report.read_text())["digest"])
    assert digests[0] == digests[1]
    assert main(["sonata", "brunel", "--scale=0.02", f"--out={__file__}"]) == 2
    assert "must be a folder" in capsys.readouterr().err


def test_times_of_a_simulation_that_begins_later(tmp_path):
    """Inputs and outputs have times of the configuration, the network those from its first step."""
    path = write_small(tmp_path)
    whole = load_circuit(path)
    content = json.loads(path.read_text())
    content["run"]["tstart"] = 5.0
    path.write_text(json.dumps(content))
    later = load_circuit(path)
    assert later.config.duration_ms == 95.0
    times_ms = whole.network.find("lines").model.times_ms
    shifted = later.network.find("lines").model.times_ms
    assert np.allclose(shifted, times_ms[times_ms > 5.0] - 5.0)
    (clamp,) = (stimulus.what for stimulus in later.network.stimuli)
    assert (clamp.start_ms, clamp.stop_ms) == (5.0, 55.0)
