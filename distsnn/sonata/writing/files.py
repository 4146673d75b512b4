"""The files of a circuit: nodes, edges, their types, and given spikes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.network import Population
from distsnn.outputs import hdf5_bytes, json_bytes, write_file
from distsnn.sonata.edges import ATTRIBUTE, RECEPTOR
from distsnn.sonata.header import write_header
from distsnn.sonata.nodes import VIRTUAL
from distsnn.sonata.own import LANES, Rungs
from distsnn.sonata.tables import PARAMETERS

AXES = ("x", "y", "z")
BASE = "$BASE_DIR"  # in the manifest: the folder of the circuit
Place = Callable[[str], Path]  # where to write a file of this name


@dataclass(frozen=True, eq=False)
class NodeTable:
    """A population. words: parameters of all neurons; columns: those that differ, float64 [size].

    rungs: quanta of weights by receptor. positions: float64 [size, 1 to 3] or None.
    """

    name: str
    size: int
    template: str
    words: dict[str, Any]
    columns: dict[str, np.ndarray]
    rungs: dict[int, Rungs]
    positions: np.ndarray | None


@dataclass(frozen=True, eq=False)
class EdgeTable:
    """Synapses between two populations, sorted by target. pre, post: int64 [n].

    weights, delays_ms: float64 [n]. receptor: None for that of each weight's sign.
    """

    source: str
    target: str
    n_sources: int
    n_targets: int
    pre: np.ndarray
    post: np.ndarray
    weights: np.ndarray
    delays_ms: np.ndarray
    receptor: str | None


def write_nodes(place: Place, table: NodeTable) -> tuple[str, str]:
    """Write the files of a population; return their paths in a configuration."""
    names = f"{table.name}_nodes.h5", f"{table.name}_node_types.csv"
    write_file(place(names[0]), hdf5_bytes(lambda file: _fill_nodes(table, file)))
    # All nodes of a population are of one type, whose parameters are in a file of their own.
    row = {"node_type_id": "100", "model_type": VIRTUAL}
    if table.template != VIRTUAL:
        parameters = f"{table.name}_cells.json"
        row = {
            **row, "model_type": "point_neuron", "model_template": table.template,
            PARAMETERS: parameters,
        }  # fmt: skip
        write_file(place(parameters), json_bytes(table.words))
    _write_types(place(names[1]), row)
    return f"{BASE}/{names[0]}", f"{BASE}/{names[1]}"


def _fill_nodes(table: NodeTable, file: Any) -> None:
    write_header(file)
    group = file.create_group(f"nodes/{table.name}")
    n = table.size
    group["node_id"] = np.arange(n, dtype=np.uint64)
    group["node_type_id"] = np.full(n, 100, dtype=np.uint64)
    group["node_group_id"] = np.zeros(n, dtype=np.uint32)
    group["node_group_index"] = np.arange(n, dtype=np.uint64)
    own = group.create_group("0")
    if table.positions is not None:
        for axis, column in zip(AXES, np.atleast_2d(table.positions.T), strict=False):
            own[axis] = column
    if table.columns:
        parameters = own.create_group(PARAMETERS)
        for name, values in table.columns.items():
            parameters[name] = values
    if table.rungs:
        group.attrs[LANES] = json.dumps(table.rungs)


def write_edges(place: Place, name: str, table: EdgeTable) -> tuple[str, str]:
    """Write the files of synapses; return their paths in a configuration."""
    names = f"{name}_edges.h5", f"{name}_edge_types.csv"
    write_file(place(names[0]), hdf5_bytes(lambda file: _fill_edges(name, table, file)))
    parameters = f"{name}_synapses.json"
    row = {"edge_type_id": "100", "model_template": "static_synapse", PARAMETERS: parameters}
    if table.receptor is not None:
        row[RECEPTOR] = table.receptor
    write_file(place(parameters), json_bytes({}))
    _write_types(place(names[1]), row)
    return f"{BASE}/{names[0]}", f"{BASE}/{names[1]}"


def _fill_edges(name: str, table: EdgeTable, file: Any) -> None:
    # An edge: its two nodes, its type, and its place in the group 0 of attributes.
    write_header(file)
    n = table.pre.size
    group = file.create_group(f"edges/{name}")
    ends = (("source", table.pre, table.source), ("target", table.post, table.target))
    for end, ids, population in ends:
        group[f"{end}_node_id"] = ids.astype(np.uint64)
        group[f"{end}_node_id"].attrs[ATTRIBUTE] = population
    group["edge_type_id"] = np.full(n, 100, dtype=np.uint64)
    group["edge_group_id"] = np.zeros(n, dtype=np.uint32)
    group["edge_group_index"] = np.arange(n, dtype=np.uint64)
    own = group.create_group("0")
    own["syn_weight"], own["delay"] = table.weights, table.delays_ms
    # Edges are sorted by target: those onto a node are one range.
    starts = np.searchsorted(table.post, np.arange(table.n_targets + 1)).astype(np.uint64)
    index = group.create_group("indices/target_to_source")
    index["range_to_edge_id"] = np.stack([starts[:-1], starts[1:]], axis=1)
    numbers = np.arange(table.n_targets, dtype=np.uint64)
    index["node_id_to_ranges"] = np.stack([numbers, numbers + 1], axis=1)
    index["node_id_to_range"] = index["node_id_to_ranges"]  # as bmtk calls it


def write_spikes(place: Place, population: Population, dt_ms: float) -> dict[str, Any]:
    """Write the spikes of a source; return the input of a configuration that plays them."""
    steps, lines = population.model.given_spikes(dt_ms)
    name = f"{population.name}_spikes.h5"

    def fill(file: Any) -> None:
        write_header(file)
        group = file.create_group(f"spikes/{population.name}")
        # A spike of step t has the time of its end.
        group["timestamps"] = (steps + 1) * dt_ms
        group["timestamps"].attrs["units"] = "ms"
        group["node_ids"] = lines.astype(np.uint64)

    write_file(place(name), hdf5_bytes(fill))
    return {
        "input_type": "spikes", "module": "h5", "input_file": f"{BASE}/{name}",
        "node_set": population.name,
    }  # fmt: skip


def _write_types(path: Path, row: dict[str, str]) -> None:
    text = f"{' '.join(row)}\n{' '.join(row.values())}\n"
    write_file(path, text.encode())
