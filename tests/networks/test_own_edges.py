"""Edges of a file on ranks: each holds those onto its own neurons, and all give the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import EdgeList, ExplicitList, LifExp, Network, Simulation, SpikeSource, simulate
from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.core.delivery.own_edges import hold_own_edges
from distsnn.errors import InputFileError
from distsnn.mapping import make_plan
from distsnn.network.edges import summary
from distsnn.network.rules.edges_of_file import EdgesOfFile
from distsnn.network.rules.ends import Ends, Streams
from distsnn.network.weights.quanta import Quanta

pyarrow = pytest.importorskip("pyarrow", reason="pip install distsnn[tables]")
from pyarrow import csv, parquet  # noqa: E402 - after the check

N, N_EDGES, GROUP = 60, 700, 50
ENDS, STREAMS = Ends("own", N, N, False), Streams(1, 0)
ORDERS = ("as drawn", "shuffled", "by target", "by source")


def drawn_edges(seed: int = 1) -> dict[str, np.ndarray]:
    """Return a table with pairs that occur several times."""
    rng = np.random.default_rng(seed)
    return {
        "source": rng.integers(0, N, N_EDGES) ** 2 // N, "target": rng.integers(0, N, N_EDGES),
        "weight": rng.choice([-300.0, 500.0, 812.5, 4000.0], N_EDGES),
        "delay_ms": rng.integers(1, 30, N_EDGES) * 0.5,
    }  # fmt: skip


def in_order(table: dict[str, np.ndarray], order: str) -> dict[str, np.ndarray]:
    """Return the rows in another order."""
    rows = {
        "as drawn": np.arange(N_EDGES),
        "shuffled": np.random.default_rng(3).permutation(N_EDGES),
        "by target": np.argsort(table["target"], kind="stable"),
        "by source": np.argsort(table["source"], kind="stable"),
    }[order]
    return {name: column[rows] for name, column in table.items()}


def written(path, table):
    """Write a table in the format of the path's ending; return the path."""
    rows = pyarrow.table(table)
    if path.suffix == ".csv":
        csv.write_csv(rows, path)
    else:
        parquet.write_table(rows, path, row_group_size=GROUP)
    return path


def onto(table: dict[str, np.ndarray], start: int, stop: int) -> list[tuple]:
    """Return the edges onto some targets, by the table itself."""
    names = ("target", "source", "weight", "delay_ms")
    rows = zip(*(table[name].tolist() for name in names), strict=True)
    return sorted(row for row in rows if start <= row[0] < stop)


def held_onto(rule: EdgesOfFile, start: int, stop: int) -> list[tuple]:
    """Return the edges onto some targets, as a rank that builds them is told."""
    counts = rule.counts(ENDS, STREAMS, start, stop)
    sources = np.empty(counts.sum(), dtype=np.uint32)
    rule.fill(ENDS, STREAMS, start, counts, sources)
    values = [
        rule.values_onto(rule.own_values(what), start, stop) for what in ("weights", "delays_ms")
    ]
    targets = np.repeat(np.arange(start, stop), counts)
    columns = (targets, sources, *values)
    return [tuple(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_held_edges_are_those_of_the_table(ending, order, tmp_path):
    table = drawn_edges()
    rule = EdgeList(written(tmp_path / f"edges.{ending}", in_order(table, order)))
    ranges = [(40, 50), (0, 7), (7, 9), (57, 60)]
    rule.hold(ranges)
    assert rule.n_held == sum(len(onto(table, *limits)) for limits in ranges) < N_EDGES / 2
    for limits in [*ranges, (0, 9), (43, 46)]:
        assert held_onto(rule, *limits) == onto(table, *limits)
    assert rule.n_held < N_EDGES / 2
    # A question about others has all of them read; holding less lets go of them.
    assert held_onto(rule, 5, 45) == onto(table, 5, 45)
    assert rule.n_held == N_EDGES
    rule.hold([(0, 9)])
    assert rule.n_held == len(onto(table, 0, 9))
    assert held_onto(rule, 0, 9) == onto(table, 0, 9)


@pytest.mark.parametrize("names", ["numbers", "texts"])
def test_names_are_held_alike(names, tmp_path):
    table = drawn_edges()
    of_neuron = np.random.default_rng(2).permutation(N) + 7 * 10**17
    known = of_neuron if names == "numbers" else np.array([f"n{k}é" for k in of_neuron])
    named = {**table, "source": known[table["source"]], "target": known[table["target"]]}
    order = np.argsort(named["target"], kind="stable")
    path = written(tmp_path / "edges.parquet", {k: v[order] for k, v in named.items()})
    rule = EdgeList(path, named=True)
    number = {name: k for k, name in enumerate(rule.names.tolist())}
    numbered = {
        **table,
        "source": np.array([number[name] for name in named["source"].tolist()]),
        "target": np.array([number[name] for name in named["target"].tolist()]),
    }
    n_groups = rule.n_groups_read
    rule.hold([(10, 20)])
    assert held_onto(rule, 10, 20) == onto(numbered, 10, 20)
    # Rows are by target: all of a group of rows but the groups of ten neurons are left out.
    assert n_groups == -(-N_EDGES // GROUP)
    assert 1 <= rule.n_groups_read - n_groups <= len(onto(numbered, 10, 20)) // GROUP + 2
    for k in range(N):
        rule.hold([(k, k + 1)])
        assert held_onto(rule, k, k + 1) == onto(numbered, k, k + 1)


def test_groups_of_rows_of_other_targets_are_not_read(tmp_path):
    table = in_order(drawn_edges(), "by target")
    rule = EdgeList(written(tmp_path / "edges.parquet", table))
    first = rule.n_groups_read
    rule.hold([(30, 40)])
    rows = np.flatnonzero((table["target"] >= 30) & (table["target"] < 40))
    assert rule.n_groups_read - first == rows[-1] // GROUP - rows[0] // GROUP + 1
    rule.hold([(30, 35)])  # held already
    assert rule.n_groups_read - first == rows[-1] // GROUP - rows[0] // GROUP + 1


def network_with(rule) -> Network:
    """Return sources and neurons, all connected by a rule."""
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
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("order", ORDERS)
def test_ranks_hold_their_part_and_give_the_bits_of_a_list(order, ending, tmp_path):
    table = drawn_edges()
    listed = ExplicitList(table["source"], table["target"], table["weight"], table["delay_ms"])
    expected = simulate(network_with(listed), duration_ms=60.0, comm=SerialComm())
    assert expected.spikes_all.step.size > 300
    comm = start()
    rule = EdgeList(written(tmp_path / f"{comm.rank}.{ending}", in_order(table, order)))
    with Simulation(network_with(rule), comm=comm, neurons_per_core=7) as simulation:
        result = simulation.run(60.0).result()
        held = comm.gather_arrays(np.array([rule.n_held]))
        synapses = simulation.connections(simulation.network.projections[1])
    assert result.digest in (expected.digest, "")
    if comm.rank == 0:
        # Every edge is on one rank, and no rank has much more than its part.
        assert sum(int(n[0]) for n in held) == N_EDGES
        assert max(int(n[0]) for n in held) <= N_EDGES / comm.n_ranks + N_EDGES / 4
    rows = zip(
        synapses.post.tolist(), synapses.pre.tolist(), synapses.delays_ms.tolist(), strict=True
    )
    assert sorted(rows) == sorted((p, s, d) for p, s, _, d in onto(table, 0, N))


@pytest.mark.parametrize("settings", [{"cut": "limits"}, {"placement": "near"}])
def test_plans_are_those_of_a_list(settings, tmp_path):
    table = drawn_edges()
    listed = ExplicitList(table["source"], table["target"], table["weight"], table["delay_ms"])
    rule = EdgeList(written(tmp_path / "edges.parquet", table))
    chip = load_chip("loihi")
    plans = [
        make_plan(network_with(r), chip, settings.get("placement", "rows"), 7,
                  settings.get("cut", "neurons"))
        for r in (listed, rule)
    ]  # fmt: skip
    assert plans[0].slices == plans[1].slices
    assert np.array_equal(plans[0].core_of_block, plans[1].core_of_block)


def test_edges_between_views_are_those_of_a_list(tmp_path):
    table = drawn_edges()
    rule = EdgeList(written(tmp_path / "edges.parquet", table))
    listed = ExplicitList(table["source"], table["target"], table["weight"], table["delay_ms"])
    digests = []
    for each in (rule, listed):
        network = Network(dt_ms=0.5, seed=3)
        times = np.random.default_rng(5).uniform(0, 30, 300)
        source = network.population(
            "s", 2 * N, SpikeSource(times, np.arange(300) % (2 * N), measured=True)
        )
        cells = network.population("cells", 3 * N, LifExp())
        chosen = np.arange(1, 3 * N, 3)
        network.connect(source[N:], cells[chosen], each)
        digests.append(simulate(network, duration_ms=40.0, comm=SerialComm()).digest)
    assert digests[0] == digests[1]


def test_renumbered_edges_are_held_in_part(tmp_path):
    table = drawn_edges()
    source, target = np.arange(N) * 2 + 1, np.arange(N) + N
    path = written(tmp_path / "edges.parquet", in_order(table, "by target"))
    rule = EdgeList(path).renumbered(source, target)
    rule.hold([(N + 10, N + 20), (3, 9)])
    moved = {**table, "source": source[table["source"]], "target": target[table["target"]]}
    assert rule.n_held == len(onto(moved, N + 10, N + 20)) < N_EDGES / 2
    assert held_onto(rule, N + 12, N + 20) == onto(moved, N + 12, N + 20)


def test_means_and_errors_are_those_of_a_list(tmp_path):
    table = drawn_edges()
    rng = np.random.default_rng(4)
    table["weight"] = rng.choice(rng.lognormal(6.0, 1.0, 100), N_EDGES)
    listed = ExplicitList(table["source"], table["target"], table["weight"], table["delay_ms"])
    networks = [network_with(r) for r in (listed, EdgeList(written(tmp_path / "edges.csv", table)))]
    projections = [network.projections[0] for network in networks]
    means = [(p.weight.expected(), p.delay.expected()) for p in projections]
    assert means[1] == pytest.approx(means[0], rel=1e-12)
    errors = [Quanta(network).error(p) for network, p in zip(networks, projections, strict=True)]
    assert vars(errors[1]) == pytest.approx(vars(errors[0]), rel=1e-6, abs=1e-12)
    assert errors[0].largest > 0


def test_many_different_weights_are_stored_as_those_of_a_list(tmp_path, monkeypatch):
    monkeypatch.setattr(summary, "FEW", 20)
    table = drawn_edges()
    table["weight"] = np.random.default_rng(8).lognormal(5.0, 2.5, N_EDGES)
    rule = EdgeList(written(tmp_path / "edges.parquet", table))
    assert rule.summary.weights.values is None
    listed = ExplicitList(table["source"], table["target"], table["weight"], table["delay_ms"])
    results = [
        simulate(network_with(each), duration_ms=40.0, comm=SerialComm()) for each in (rule, listed)
    ]
    assert results[0].digest == results[1].digest
    assert results[0].network.projections[0].weight.bounds() == (
        table["weight"].min(), table["weight"].max(),
    )  # fmt: skip


def test_a_summary_tells_tables_apart_and_not_their_order(tmp_path):
    table = drawn_edges()
    changed = {**table, "weight": table["weight"].copy(), "source": table["source"].copy()}
    changed["weight"][[3, 4]] = changed["weight"][[4, 3]] + 1.0
    swapped = {**table, "source": np.roll(table["source"], 1)}
    digests = [
        EdgeList(written(tmp_path / "edges.csv", each)).summary.digest
        for each in (table, in_order(table, "shuffled"), changed, swapped)
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_that_changes_in_between_is_refused(ending, tmp_path):
    path = written(tmp_path / f"edges.{ending}", drawn_edges())
    rule = EdgeList(path)
    written(path, drawn_edges(seed=2))
    with pytest.raises(
        InputFileError, match=r"must be as it was when it was first read, with"
    ) as e:
        rule.hold([(10, 20)])
    assert "\n" not in str(e.value)


def test_later_rows_of_a_csv_file_may_need_wider_types(tmp_path, monkeypatch):
    from distsnn.input_files import column_files

    monkeypatch.setattr(column_files, "CSV_BYTES_AT_ONCE", 400)
    path = tmp_path / "edges.csv"
    rows = [f"{k % 9},{k % 7},{k if k < 150 else k + 0.5}" for k in range(200)]
    path.write_text("\n".join(["source,target,weight", *rows]) + "\n")
    rule = EdgeList(path)
    assert sorted(rule.weights.tolist()) == [k if k < 150 else k + 0.5 for k in range(200)]
    path.write_text("\n".join(["source,target,weight", *rows, "1,2,much"]) + "\n")
    with pytest.raises(InputFileError, match=r"with numbers as weight, got string in weight"):
        EdgeList(path)


def test_a_faulty_row_is_found_whoever_holds_it(tmp_path):
    """All rows are checked on every rank before any of them is held."""
    table = drawn_edges()
    table["weight"][N_EDGES - 1] = np.inf
    with pytest.raises(InputFileError, match=rf"got inf in row {N_EDGES}"):
        EdgeList(written(tmp_path / "edges.parquet", table))


def test_lists_without_edges_onto_a_rank_are_not_read(tmp_path):
    rule = EdgeList(written(tmp_path / "edges.csv", drawn_edges()))
    n_groups = rule.n_groups_read
    hold_own_edges(network_with(rule), [])
    assert (rule.n_held, rule.n_groups_read) == (0, n_groups)


@pytest.mark.mpi
def test_a_fault_of_one_rank_is_raised_on_all(tmp_path):
    comm = start()
    path = written(tmp_path / f"{comm.rank}.parquet", drawn_edges())
    network = network_with(EdgeList(path))
    if comm.rank == comm.n_ranks - 1:
        written(path, drawn_edges(seed=2))
    with pytest.raises(InputFileError, match=r"must be as it was when it was first read"):
        simulate(network, duration_ms=10.0, comm=comm, neurons_per_core=7)


@pytest.mark.parametrize(
    "ends",
    [
        {"source": [1, 2], "target": ["a", "b"]},
        {"source": [7, 8], "target": [7, None]},
    ],
)
def test_names_of_no_use_are_refused(ends, tmp_path):
    with pytest.raises(InputFileError, match=r"edges\.parquet: must be a table") as refusal:
        EdgeList(written(tmp_path / "edges.parquet", ends), named=True)
    assert "\n" not in str(refusal.value)
