"""The spikes of a SONATA circuit here and by NEST through bmtk, from the same files.

python benchmarks/peers/sonata_nest.py CONFIG.json --peer-python PYTHON [--weights FACTOR]

PYTHON has bmtk and nest-simulator. ``--weights`` multiplies all weights, for circuits that are silent
as they are. Printed are the numbers of spikes, rates, and the spikes that are in the same step or
the next one. Times are those of the whole program and of the simulation alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

from distsnn import simulate
from distsnn.sonata import SonataConfig, load_circuit, read_config, write_outputs

PEER = """
import sys
from bmtk.simulator import pointnet
from bmtk.simulator.pointnet.pyfunction_cache import py_modules
# The script of the published circuit defines its function of weights so.
py_modules.add_synaptic_weight("wmax", lambda edges, sources, targets: edges["syn_weight"])
config = pointnet.Config.from_json(sys.argv[1])
config.build_env()
graph = pointnet.PointNetwork.from_config(config)
pointnet.PointSimulator.from_config(config, graph).run()
"""


def scaled(path: Path, factor: float, folder: Path) -> Path:
    """Copy a file of edges with its weights multiplied."""
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    with h5py.File(copy, "r+") as file:
        for group in file["edges"].values():
            group["0/syn_weight"][:] = factor * group["0/syn_weight"][:]
    return copy


def written(config: SonataConfig, factor: float, folder: Path, output: Path) -> Path:
    """Write a configuration with whole paths, as both programs read it."""
    edges = config.edges
    if factor != 1.0:
        edges = [(scaled(file, factor, folder), types) for file, types in edges]
    content = {
        "run": {
            "tstart": config.start_ms, "tstop": config.start_ms + config.duration_ms,
            "dt": config.dt_ms,
        },
        "target_simulator": "NEST",
        "components": {name: str(path) for name, path in config.components.items()},
        "networks": {
            "nodes": [
                {"nodes_file": str(file), "node_types_file": str(types)}
                for file, types in config.nodes
            ],
            "edges": [
                {"edges_file": str(file), "edge_types_file": str(types)} for file, types in edges
            ],
        },
        "node_sets": config.node_sets,
        "inputs": config.inputs,
        "output": {
            "output_dir": str(output), "spikes_file": "spikes.h5", "spikes_sort_order": "time",
            "log_file": "log.txt", "overwrite_output_dir": True,
        },
    }  # fmt: skip
    path = folder / f"{output.name}.json"
    path.write_text(json.dumps(content))
    return path


def spikes_in(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return times and node ids of a population from the spikes of a run."""
    path = folder / "spikes.h5"
    if path.exists():
        with h5py.File(path) as file:
            if name in file["spikes"]:
                group = file[f"spikes/{name}"]
                return group["timestamps"][:], group["node_ids"][:].astype(int)
    return np.empty(0), np.empty(0, dtype=int)


def compare(name: str, size: int, config: SonataConfig, ours: Path, theirs: Path) -> None:
    """Print the spikes of a population here and there."""
    (a_ms, a), (b_ms, b) = spikes_in(ours, name), spikes_in(theirs, name)
    seconds = config.duration_ms * 1e-3
    print(f"population {name}: {size} neurons, {config.duration_ms:g} ms, dt {config.dt_ms:g} ms")
    print(f"  spikes        {a.size:8,} here  {b.size:8,} NEST")
    print(f"  rate          {a.size / size / seconds:8.2f}       {b.size / size / seconds:8.2f} Hz")
    n_first = n_whole = n_active = 0
    for neuron in np.union1d(a, b):
        own, other = np.sort(a_ms[a == neuron]), np.sort(b_ms[b == neuron])
        n = min(own.size, other.size)
        steps = np.abs(own[:n] - other[:n]) / config.dt_ms
        n_active += 1
        n_first += n > 0 and steps[0] <= 1.5
        n_whole += own.size == other.size and bool((steps <= 1.5).all())
    print(f"  within a step {n_first} of {n_active} first spikes, {n_whole} of {n_active} trains")


def main() -> None:
    """Run both and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("--peer-python", required=True, help="a Python with bmtk and NEST")
    parser.add_argument("--weights", type=float, default=1.0, help="factor of all weights")
    options = parser.parse_args()
    config = read_config(options.config)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ours, theirs = folder / "ours", folder / "theirs"
        began = time.perf_counter()
        circuit = load_circuit(written(config, options.weights, folder, ours))
        result = simulate(circuit.network, duration_ms=config.duration_ms)
        write_outputs(circuit, result)
        own_s = time.perf_counter() - began
        path = written(config, options.weights, folder, theirs)
        began = time.perf_counter()
        subprocess.run(
            [options.peer_python, "-c", PEER, str(path)], check=True, cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        their_s = time.perf_counter() - began
        for name, nodes in circuit.nodes.items():
            if not nodes.is_virtual():
                compare(name, nodes.size, config, ours, theirs)
        print(f"  time          {own_s:8.1f}       {their_s:8.1f} s, simulation here "
              f"{result.simulate_s:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
