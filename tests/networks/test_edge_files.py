"""Tables of edges: as a rule, and as a network of their own."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import EdgeList, ExplicitList, LifExp, Network, Simulation, SpikeSource, simulate
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import InputFileError, NetworkError, UsageError
from distsnn.networks import build_network
from distsnn.networks.fly import fly_neuron

pyarrow = pytest.importorskip("pyarrow", reason="pip install distsnn[tables]")
from pyarrow import csv, parquet  # noqa: E402 - after the check

N, N_EDGES = 60, 500


@pytest.fixture(params=["csv", "parquet"])
def write(request, tmp_path):
    """Return a function that writes a table in one of the formats and returns its path."""

    def written(columns: dict):
        path = tmp_path / f"edges.{request.param}"
        table = pyarrow.table(columns)
        if request.param == "csv":
            csv.write_csv(table, path)
        else:
            parquet.write_table(table, path, row_group_size=64)
        return path

    return written


def edges(seed=1):
    rng = np.random.default_rng(seed)
    return {
        "source": rng.integers(0, N, N_EDGES), "target": rng.integers(0, N, N_EDGES),
        "weight": rng.uniform(500.0, 4000.0, N_EDGES).round(3),
        "delay_ms": rng.integers(1, 30, N_EDGES) * 0.5,
    }  # fmt: skip


def network_with(rule) -> Network:
    network = Network(dt_ms=0.5, seed=3)
    rng = np.random.default_rng(5)
    source = network.population(
        "source", N, SpikeSource(rng.uniform(0, 30, 300), rng.integers(0, N, 300), measured=True)
    )
    cells = network.population("cells", N, LifExp())
    network.connect(source, cells, rule)
    network.connect(cells, cells, rule)
    return network


@pytest.mark.mpi
def test_the_same_bits_as_a_list_whatever_the_order(tmp_path):
    table = edges()
    listed = ExplicitList(table["source"], table["target"], table["weight"], table["delay_ms"])
    expected = simulate(network_with(listed), duration_ms=60.0, comm=SerialComm())
    assert expected.spikes_all.step.size > 300
    comm = start()
    for seed in range(2):
        order = np.random.default_rng(seed).permutation(N_EDGES)
        path = tmp_path / f"edges{seed}-{comm.rank}.parquet"
        parquet.write_table(
            pyarrow.table({name: column[order] for name, column in table.items()}), path
        )
        result = simulate(
            network_with(EdgeList(path)), duration_ms=60.0, comm=comm, neurons_per_core=20
        )
        assert result.digest in (expected.digest, "")


def test_columns_and_numbers_are_those_of_the_table(write):
    table = edges()
    rule = EdgeList(write(table), scale=2.0)
    pairs = sorted(
        zip(*(table[name].tolist() for name in ("target", "source", "weight")), strict=True)
    )
    got = sorted(
        zip(rule.post.tolist(), rule.pre.tolist(), (rule.weights / 2).tolist(), strict=True)
    )
    assert got == pairs
    assert rule.names is None
    assert rule.n_neurons == max(table["source"].max(), table["target"].max()) + 1


@pytest.mark.parametrize(
    "names", [["b", "a", "d", "a"], [7205759406 * 10**8 + k for k in (5, 3, 9, 3)]]
)
def test_named_neurons_are_numbered_by_name(write, names):
    rule = EdgeList(
        write({"pre_root_id": names[:2], "post_root_id": names[2:], "syn_count": [4, 5]}),
        named=True,
    )
    assert rule.names.tolist() == sorted(set(names))
    assert [rule.names[k] for k in rule.pre] == [names[1], names[0]]
    assert [rule.names[k] for k in rule.post] == [names[3], names[2]]
    assert rule.weights.tolist() == [5.0, 4.0]


def test_columns_of_other_names(write):
    path = write({"x": [0, 1], "y": [1, 0], "z": [2.0, 3.0]})
    rule = EdgeList(path, source="x", target="y", weight="z")
    assert rule.weights.tolist() == [3.0, 2.0]
    with pytest.raises(InputFileError, match=r"must be a table with a column of sources, such as"):
        EdgeList(path)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"source": [0, -1], "target": [0, 1]}, r"with numbers from 0 to \d+ in source, got -1"),
        ({"source": [0, 2**40], "target": [0, 1]}, r"got 1099511627776. Set named=True"),
        ({"source": ["a", "b"], "target": [0, 1]}, r"with whole numbers from 0 in source"),
        ({"source": [0.5, 1.0], "target": [0, 1]}, r"with whole numbers from 0 in source"),
        ({"source": [0, None], "target": [0, 1]}, r"without gaps in source, got none in row 2"),
        (
            {"source": [0, 1], "target": [0, 1], "weight": [1.0, float("nan")]},
            r"finite numbers as weight, got nan in row 2",
        ),
        ({"source": [0], "target": [0], "weight": ["much"]}, r"with numbers as weight"),
    ],
)
def test_wrong_tables_are_refused_in_one_line(write, columns, message):
    with pytest.raises(InputFileError, match=message) as refused:
        EdgeList(write(columns))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" + bytes(50), b"\x89PNG\r\n", b"a,b\n1\n2,3,4"]
)
def test_foreign_files_are_refused_in_one_line(tmp_path, content):
    path = tmp_path / "edges.parquet"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=r"edges\.parquet") as refused:
        EdgeList(path)
    assert "\n" not in str(refused.value)


def test_numbers_beyond_a_population_are_refused(write):
    network = Network(dt_ms=0.5)
    cells = network.population("cells", 5, LifExp())
    with pytest.raises(NetworkError, match=r"must be at most 4"):
        network.connect(cells, cells, EdgeList(write(edges())))


def test_a_table_is_a_network(write):
    path = write({"pre": ["x", "y", "z"], "post": ["y", "z", "x"], "weight": [40, 40, -3]})
    network = build_network(str(path), {"stimulated": "1", "rate_hz": "200"})
    assert network.projections[0].rule.n_held == 0  # until ranks build their parts
    result = simulate(network, duration_ms=200.0, comm=SerialComm())
    assert network.find("neurons").size == 3
    first = [int(result.spike_steps("neurons")[1].tolist().count(k)) for k in range(3)]
    assert first[0] > 10
    assert network.projections[0].rule.names.tolist() == ["x", "y", "z"]
    with pytest.raises(UsageError, match=r"model: must be one of fly, lif, got 'worm'"):
        build_network(str(path), {"model": "worm"})


def test_a_spike_onto_the_neuron_of_the_fly_has_the_closed_form():
    """v - v_rest = w tau_s / (tau_m - tau_s) (exp(-t / tau_m) - exp(-t / tau_s))."""
    network = Network(dt_ms=0.1)
    source = network.population("source", 1, SpikeSource([1.0], [0]))
    cell = network.population("cell", 1, fly_neuron())
    network.connect(source, cell, ExplicitList([0], [0]), weight=5.0, delay_ms=1.8)
    network.record(cell, "v", every_ms=0.1)
    with Simulation(network, comm=SerialComm()) as simulation:
        times_ms, v_mv = simulation.run(60.0).result().trace(cell, "v")
    t = times_ms - 1.0 - 1.8
    tau_m, tau_s = 20.0, 5.0
    expected = 5.0 * tau_s / (tau_m - tau_s) * (np.exp(-t / tau_m) - np.exp(-t / tau_s))
    assert np.abs(v_mv[:, 0] + 52.0 - np.where(t > 0, expected, 0.0)).max() < 1e-5
