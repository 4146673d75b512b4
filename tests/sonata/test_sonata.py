"""Circuits of SONATA: the network that they mean, on any number of ranks, and what is written."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from sonata.circuits import N_VIRTUAL, N, write_circuit, write_config

from distsnn import Current, ExplicitList, LifAlpha, Network, SpikeSource, simulate
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import DistsnnError, InputFileError
from distsnn.sonata import load_circuit, write_outputs


def expected_network(folder: Path) -> Network:
    """Return the circuit written down a second time, from its files."""
    network = Network(dt_ms=0.1, seed=1)
    is_i = np.arange(N) % 5 == 0
    model = LifAlpha(
        tau_m_ms=np.where(is_i, 8.0, 15.0), e_l_mv=np.where(is_i, -70.0, -68.0),
        t_ref_ms=np.where(is_i, 2.0, 3.0), c_m_pf=np.where(is_i, 150.0, 250.0),
        v_threshold_mv=-55.0, v_reset_mv=-70.0, tau_syn_e_ms=2.0, tau_syn_i_ms=2.0,
    )  # fmt: skip
    cells = network.population("cells", N, model, initial={"v": -70.0})
    with h5py.File(folder / "inputs/spikes.h5") as file:
        times_ms, lines_of = file["spikes/lines/timestamps"][:], file["spikes/lines/node_ids"][:]
    lines = network.population(
        "lines", N_VIRTUAL,
        # spikes count at the end of the step that they fall into
        SpikeSource(np.ceil(times_ms / 0.1) * 0.1, lines_of, n_sources=N_VIRTUAL, measured=True),
    )  # fmt: skip
    for name, source in (("recurrent", cells), ("feeding", lines)):
        with h5py.File(folder / f"network/{name}.h5") as file:
            (edges,) = file["edges"].values()
            pre, post = edges["source_node_id"][:], edges["target_node_id"][:]
            weights, types = edges["0/syn_weight"][:], edges["edge_type_id"][:]
            if name == "feeding":
                weights = weights * edges["0/nsyns"][:]
        delays_ms = np.array([{10: 2.0, 11: 0.5, 7: 1.5}[number] for number in types.tolist()])
        rule = ExplicitList(pre.astype(int), post.astype(int), weights, delays_ms)
        network.connect(source, cells, rule)
    network.stimulate(cells[np.flatnonzero(~is_i)], Current(pa=150.0, start_ms=10.0, stop_ms=60.0))
    network.record(cells, "v", neurons=[0, 3, 7])
    return network


@pytest.mark.mpi
def test_a_circuit_is_the_network_that_it_describes():
    comm = start()
    with tempfile.TemporaryDirectory() as folder:  # each rank has its own copy
        made = load_circuit(write_circuit(Path(folder)))
        expected = simulate(expected_network(Path(folder)), duration_ms=100.0, comm=SerialComm())
        result = simulate(made.network, duration_ms=100.0, comm=comm, neurons_per_core=12)
    assert expected.spike_steps("cells")[0].size > 100
    if result.is_root:
        assert result.digest == expected.digest
        assert np.array_equal(result.traces["cells", "v"][1], expected.traces["cells", "v"][1])


def test_spikes_and_reports_are_written_as_the_format_says(tmp_path):
    made = load_circuit(write_circuit(tmp_path))
    result = simulate(made.network, duration_ms=100.0, comm=SerialComm())
    spikes, potential = write_outputs(made, result)
    times_ms, neurons = result.spikes("cells")
    with h5py.File(spikes) as file:
        group = file["spikes/cells"]
        assert np.array_equal(group["timestamps"][:], times_ms)
        assert np.array_equal(group["node_ids"][:], neurons)
        assert group["timestamps"].attrs["units"] == "ms"
        assert group.attrs["sorting"] == 2
        assert list(file["spikes"]) == ["cells"]
    with h5py.File(potential) as file:
        group = file["report/cells"]
        assert group["mapping/node_ids"][:].tolist() == [0, 3, 7]
        assert group["mapping/index_pointers"][:].tolist() == [0, 1, 2, 3]
        assert np.allclose(group["mapping/time"][:], [0.1, 100.1, 0.1])
        assert np.array_equal(group["data"][:], result.traces["cells", "v"][1].astype(np.float32))
    libsonata = pytest.importorskip("libsonata", reason="needs libsonata")
    assert libsonata.SpikeReader(str(spikes))["cells"].sorting == "by_time"
    assert libsonata.SomaReportReader(str(potential))["cells"].get_node_ids() == [0, 3, 7]


def test_populations_of_several_templates_are_split(tmp_path):
    write_circuit(tmp_path)
    types = tmp_path / "network/cell_types.csv"
    text = types.read_text()
    types.write_text(text.replace("nest:iaf_psc_alpha i.json", "nest:iaf_psc_exp i.json"))
    made = load_circuit(tmp_path / "simulation.json")
    names = [population.name for population in made.network.populations]
    assert names == ["cells.iaf_psc_alpha", "cells.iaf_psc_exp", "lines"]
    result = simulate(made.network, duration_ms=100.0, comm=SerialComm())
    spikes, _ = write_outputs(made, result)
    with h5py.File(spikes) as file:
        ids = file["spikes/cells/node_ids"][:]
    n_of = [result.spikes(name)[0].size for name in ("cells.iaf_psc_alpha", "cells.iaf_psc_exp")]
    assert [(ids % 5 != 0).sum(), (ids % 5 == 0).sum()] == n_of


WRONG = {
    # name: file, what is in it, what stands there instead, the message
    "no model": (
        "network/cell_types.csv", "nest:iaf_psc_alpha i", "nest:hh_psc_alpha i",
        r"model_template: must be one of nest:iaf_psc_alpha",
    ),
    "morphology": (
        "network/cell_types.csv", "point_process", "biophysical",
        r"population cells: model_type: must be virtual",
    ),
    "parameter": (
        "models/e.json", "tau_m", "tau_x",
        r"must be one of C_m, .*tau_x",
    ),
    "learning": (
        "network/recurrent_types.csv", "static_synapse", "stdp_synapse",
        r"edge type 10: model_template: must be one of static_synapse",
    ),
    "name": (
        "simulation.json", "$BASE/circuit.json", "$HOME/circuit.json",
        r"names are in its manifest, got .?\$HOME",
    ),
    "circle": (
        "circuit.json", '"./network"', '"$NET/network"',
        r"whose \$NET ends in a folder",
    ),
    "node set": (
        "simulation.json", '"lines"}', '"wires"}',
        r"node set: must be one of recorded, e, cells, lines",
    ),
    "input": (
        "simulation.json", '"current_clamp"', '"seclamp"',
        r"input clamp: input_type: must be one of spikes, current_clamp",
    ),
    "variable": (
        "simulation.json", '"V_m"', '"Ca"',
        r"report potential: variable_name: must be one of V_m",
    ),
    "no file": (
        "circuit.json", "cells.h5", "nowhere.h5",
        r"nowhere\.h5",
    ),
    "json": (
        "simulation.json", "{", "[",
        r"simulation\.json: must be JSON",
    ),
    "edge file for nodes": (
        "circuit.json", "cells.h5", "recurrent.h5",
        r"recurrent\.h5: must be a file with a group 'nodes'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_had_is_refused_in_one_line(name, tmp_path):
    path = write_circuit(tmp_path)
    file, old, new, message = WRONG[name]
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new))
    with pytest.raises(InputFileError, match=message) as refused:
        load_circuit(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("file", ["network/cells.h5", "network/recurrent.h5", "inputs/spikes.h5"])
def test_truncated_and_foreign_files_are_refused_in_one_line(file, tmp_path):
    path = write_circuit(tmp_path)
    whole = (tmp_path / file).read_bytes()
    for content in (whole[:900], whole[: len(whole) // 2], b"", b"PK\x03\x04" + bytes(200)):
        (tmp_path / file).write_bytes(content)
        with pytest.raises(DistsnnError, match=file.rpartition("/")[2]) as refused:
            load_circuit(path)
        assert "\n" not in str(refused.value)


def test_edges_to_unknown_nodes_are_refused(tmp_path):
    path = write_circuit(tmp_path)
    with h5py.File(tmp_path / "network/recurrent.h5", "r+") as file:
        file["edges/cells_to_cells/target_node_id"][5] = N
    with pytest.raises(
        InputFileError, match=r"node id: must be a node of population cells, got 30"
    ):
        load_circuit(path)


def test_a_relative_path_from_another_folder(tmp_path, monkeypatch):
    write_circuit(tmp_path / "circuit")
    monkeypatch.chdir(tmp_path)
    assert load_circuit("circuit/simulation.json").network.n_neurons == N + N_VIRTUAL


def test_one_file_for_both(tmp_path):
    """A configuration may only name the circuit and the simulation."""
    write_circuit(tmp_path)
    both = tmp_path / "config.json"
    both.write_text(json.dumps({"network": "./circuit.json", "simulation": "./simulation.json"}))
    assert load_circuit(both).config.duration_ms == 100.0
    write_config(tmp_path, run={"tstop": 50.0, "dt": 0.05})
    assert load_circuit(both).network.dt_ms == 0.05
