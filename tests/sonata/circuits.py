"""Writes small SONATA circuits, by the description of the format."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np

N, N_VIRTUAL = 30, 10
RECURRENT = "network/recurrent.h5"


def write_nodes(path: Path, name: str, type_ids, **attributes) -> None:
    n = len(type_ids)
    with h5py.File(path, "w") as file:
        group = file.create_group(f"nodes/{name}")
        group["node_id"] = np.arange(n, dtype=np.uint64)
        group["node_type_id"] = np.array(type_ids, dtype=np.uint64)
        group["node_group_id"] = np.zeros(n, dtype=np.uint32)
        group["node_group_index"] = np.arange(n, dtype=np.uint64)
        own = group.create_group("0")
        for key, values in attributes.items():
            own[key] = values


def write_edges(path: Path, ends: tuple[str, str], pre, post, type_ids, **attributes) -> None:
    n = len(pre)
    with h5py.File(path, "w") as file:
        group = file.create_group(f"edges/{ends[0]}_to_{ends[1]}")
        for end, ids, name in (("source", pre, ends[0]), ("target", post, ends[1])):
            group[f"{end}_node_id"] = np.array(ids, dtype=np.uint64)
            group[f"{end}_node_id"].attrs["node_population"] = name
        group["edge_type_id"] = np.array(type_ids, dtype=np.uint32)
        group["edge_group_id"] = np.zeros(n, dtype=np.uint16)
        group["edge_group_index"] = np.arange(n, dtype=np.uint32)
        own = group.create_group("0")
        for key, values in attributes.items():
            own[key] = values


def sort_by_target(folder: Path) -> None:
    """Sort the recurrent edges by target."""
    with h5py.File(folder / RECURRENT, "a") as file:
        place = file["edges/cells_to_cells"]
        order = np.argsort(place["target_node_id"][:], kind="stable")
        for name in ("source_node_id", "target_node_id", "edge_type_id", "edge_group_index"):
            place[name][:] = place[name][:][order]


def add_index(folder: Path, group: str = "indices") -> None:
    """Sort the recurrent edges by target and add the index of them."""
    sort_by_target(folder)
    with h5py.File(folder / RECURRENT, "a") as file:
        place = file["edges/cells_to_cells"]
        starts = np.searchsorted(place["target_node_id"][:], np.arange(N + 1))
        index = place.create_group(f"{group}/target_to_source")
        index["node_id_to_range"] = np.stack([np.arange(N), np.arange(1, N + 1)], axis=1)
        index["range_to_edge_id"] = np.stack([starts[:-1], starts[1:]], axis=1)


def write_circuit(folder: Path, seed: int = 1) -> Path:
    """Write a circuit of 30 neurons of two types and 10 sources; return the configuration's path."""
    rng = np.random.default_rng(seed)
    for name in ("network", "models", "inputs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    kinds = np.where(np.arange(N) % 5 == 0, 101, 100)
    write_nodes(folder / "network/cells.h5", "cells", kinds, x=rng.random(N))
    write_nodes(folder / "network/lines.h5", "lines", [100] * N_VIRTUAL)
    (folder / "network/cell_types.csv").write_text(
        "node_type_id model_type model_template dynamics_params ei\n"
        "100 point_process nest:iaf_psc_alpha e.json e\n"
        "101 point_process nest:iaf_psc_alpha i.json i\n"
    )
    (folder / "network/line_types.csv").write_text("node_type_id model_type\n100 virtual\n")
    (folder / "models/e.json").write_text(json.dumps({"tau_m": 15.0, "E_L": -68.0, "t_ref": 3.0}))
    (folder / "models/i.json").write_text(json.dumps({"tau_m": 8.0, "C_m": 150.0}))
    n = 200
    pre, post = rng.integers(0, N, (2, n))
    weights = np.where(kinds[pre] == 101, -1.0, 1.0) * rng.uniform(20.0, 90.0, n)
    write_edges(
        folder / "network/recurrent.h5", ("cells", "cells"), pre, post,
        np.where(kinds[pre] == 101, 11, 10), syn_weight=weights,
    )  # fmt: skip
    (folder / "network/recurrent_types.csv").write_text(
        "edge_type_id delay model_template\n10 2.0 static_synapse\n11 0.5 static_synapse\n"
    )
    pre, post = rng.integers(0, N_VIRTUAL, n), rng.integers(0, N, n)
    write_edges(
        folder / "network/feeding.h5", ("lines", "cells"), pre, post, [7] * n,
        syn_weight=np.full(n, 100.0), nsyns=rng.integers(1, 3, n),
    )  # fmt: skip
    (folder / "network/feeding_types.csv").write_text("edge_type_id delay\n7 1.5\n")
    with h5py.File(folder / "inputs/spikes.h5", "w") as file:
        group = file.create_group("spikes/lines")
        group["timestamps"] = np.sort(rng.uniform(0.5, 90.0, 400))
        group["node_ids"] = rng.integers(0, N_VIRTUAL, 400).astype(np.uint64)
    return write_config(folder)


def write_config(folder: Path, **changes) -> Path:
    """Write the configuration; changes: parts of it that replace its own."""
    (folder / "circuit.json").write_text(json.dumps({
        "manifest": {"$NET": "./network"},
        "components": {"point_neuron_models_dir": "./models"},
        "networks": {
            "nodes": [
                {"nodes_file": "$NET/cells.h5", "node_types_file": "$NET/cell_types.csv"},
                {"nodes_file": "$NET/lines.h5", "node_types_file": "$NET/line_types.csv"},
            ],
            "edges": [
                {"edges_file": "$NET/recurrent.h5", "edge_types_file": "$NET/recurrent_types.csv"},
                {"edges_file": "$NET/feeding.h5", "edge_types_file": "$NET/feeding_types.csv"},
            ],
        },
    }))  # fmt: skip
    path = folder / "simulation.json"
    content = {
        "manifest": {"$BASE": "."},
        "network": "$BASE/circuit.json",
        "run": {"tstop": 100.0, "dt": 0.1},
        "node_sets": {"recorded": {"population": "cells", "node_id": [3, 0, 7]}, "e": {"ei": "e"}},
        "inputs": {
            "trains": {"input_type": "spikes", "module": "h5",
                       "input_file": "$BASE/inputs/spikes.h5", "node_set": "lines"},
            "clamp": {"input_type": "current_clamp", "module": "IClamp", "node_set": "e",
                      "amp": 150.0, "delay": 10.0, "duration": 50.0},
        },
        "reports": {"potential": {"module": "membrane_report", "cells": "recorded",
                                  "variable_name": "V_m"}},
        "output": {"output_dir": "$BASE/output", "spikes_file": "spikes.h5",
                   "spikes_sort_order": "by_time"},
    }  # fmt: skip
    path.write_text(json.dumps({**content, **changes}))
    return path
