"""Edges of a circuit: those onto some nodes are read by the index of the file, or in blocks."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from sonata.circuits import RECURRENT, add_index, sort_by_target, write_circuit

from distsnn import Simulation, simulate
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import InputFileError
from distsnn.sonata import edges as edges_module
from distsnn.sonata import load_circuit
from distsnn.sonata.edges import read_edges

TYPES = "network/recurrent_types.csv"


def edges_of(folder):
    """Return the recurrent edges and, by the file itself, their rows (post, pre, weight, type)."""
    (edges,) = read_edges(folder / RECURRENT, folder / TYPES, folder)
    with h5py.File(folder / RECURRENT) as file:
        place = file["edges/cells_to_cells"]
        weights = place["0/syn_weight"][:][place["edge_group_index"][:]]
        rows = [place[f"{end}_node_id"][:].tolist() for end in ("target", "source")]
    return edges, list(zip(*rows, weights.tolist(), strict=True))


def rows_of(blocks) -> list[tuple]:
    """Return the edges of blocks, sorted."""
    return sorted(
        row
        for block in blocks
        for row in zip(block.post.tolist(), block.pre.tolist(), block.weights.tolist(), strict=True)
    )


@pytest.mark.parametrize("kind", ["unsorted", "sorted", "indices", "indicies"])
def test_edges_onto_some_nodes(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(edges_module, "ROWS_AT_ONCE", 16)
    monkeypatch.setattr(edges_module, "GAP", 0)
    write_circuit(tmp_path)
    if kind != "unsorted":
        sort_by_target(tmp_path)
    if kind.startswith("indic"):
        add_index(tmp_path, kind)
    edges, expected = edges_of(tmp_path)
    targets = np.array([3, 4, 17, 29])
    own = sorted(row for row in expected if row[0] in targets)
    assert rows_of(edges.blocks(targets)) == own
    if kind.startswith("indic"):
        assert edges.rows_read == len(own)
    elif kind == "sorted":  # a block at either end of the rows of each node has others
        assert len(own) <= edges.rows_read <= len(own) + targets.size * 2 * 15
    assert rows_of(edges.blocks()) == sorted(expected)


def test_an_index_of_other_edges_is_refused(tmp_path):
    path = write_circuit(tmp_path)
    add_index(tmp_path)
    load_circuit(path)
    place = "edges/cells_to_cells/indices/target_to_source"
    with h5py.File(tmp_path / RECURRENT, "a") as file:
        file[f"{place}/range_to_edge_id"][7, 1] += 1
    with pytest.raises(
        InputFileError, match=r"index lists the \d+ edges onto node 7, got \d+"
    ) as e:
        load_circuit(path)
    assert "\n" not in str(e.value)
    with h5py.File(tmp_path / RECURRENT, "a") as file:
        file[f"{place}/range_to_edge_id"][7, 1] = 10**6
    with pytest.raises(InputFileError, match=r"target_to_source stays within its edges"):
        load_circuit(path)


@pytest.mark.mpi
@pytest.mark.parametrize("kind", ["unsorted", "sorted", "indices"])
def test_ranks_read_their_part_and_give_the_same_bits(kind, tmp_path):
    # Each rank has its own copy.
    path = write_circuit(tmp_path)
    expected = simulate(load_circuit(path).network, duration_ms=60.0, comm=SerialComm())
    assert expected.spikes_all.step.size > 60
    if kind != "unsorted":
        sort_by_target(tmp_path)
    if kind == "indices":
        add_index(tmp_path)
    made, comm = load_circuit(path), start()
    with Simulation(made.network, comm=comm, neurons_per_core=4) as simulation:
        result = simulation.run(60.0).result()
    assert result.digest in (expected.digest, "")
    rules = [projection.rule for projection in made.network.projections]
    held = [comm.sum(rule.n_held) for rule in rules]
    assert held == [rule.n_synapses for rule in rules]
    own = rules[0].n_held
    assert own <= rules[0].n_synapses * (1.0 if comm.n_ranks == 1 else 0.8)
