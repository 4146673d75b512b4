"""What a SONATA simulation writes: spikes and reports, as libsonata, Elephant and Neo read them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.outputs import hdf5_bytes, write_file, writing
from distsnn.running.result import Result
from distsnn.sonata.building import SonataNetwork, report_nodes, variable_of

MAGIC, VERSION = 0x0A7A, (0, 1)
SORTINGS = {"none": 0, "by_id": 1, "by_time": 2}
UNITS = {"v": "mV", "w": "pA", "g_e": "nS", "g_i": "nS", "i_e": "pA", "i_i": "pA"}


def make_output_folder(made: SonataNetwork) -> Path:
    """Make the folder of outputs, beside the configuration unless it names one."""
    folder = made.config.output_dir or made.config.path.parent / "output"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_outputs(made: SonataNetwork, result: Result) -> list[Path]:
    """Write spikes and reports of a run; return their paths. On ranks other than 0 nothing happens."""
    if not result.is_root:
        return []
    folder = make_output_folder(made)
    written = [folder / made.config.spikes_file]
    write_file(written[0], hdf5_bytes(lambda file: _spikes(made, result, file)))
    for name, report in made.config.reports.items():
        path = folder / str(report.get("file_name") or f"{name}.h5")
        path = path if path.suffix else path.with_suffix(".h5")
        fill = partial(_report, made, result, report, name)
        write_file(path, hdf5_bytes(fill))
        written.append(path)
    return written


def _header(file: Any) -> None:
    file.attrs["magic"] = np.uint32(MAGIC)
    file.attrs["version"] = np.array(VERSION, dtype=np.uint32)


def _spikes(made: SonataNetwork, result: Result, file: Any) -> None:
    import h5py

    _header(file)
    sorting = {"id": "by_id", "by_id": "by_id"}.get(made.config.spikes_sort_order, "by_time")
    # One group for each population of nodes, whatever it was parted into.
    for name, parts in made.parts.items():
        if made.nodes[name].is_virtual():
            continue  # what was given is not written again
        times, ids = [np.empty(0)], [np.empty(0, dtype=np.int64)]
        for part, population in enumerate(parts):
            times_ms, neurons = result.spikes(population)
            times.append(times_ms)
            ids.append(made.node_ids(name, part)[neurons])
        times_ms, node_ids = np.concatenate(times), np.concatenate(ids)
        keys = (times_ms, node_ids) if sorting == "by_id" else (node_ids, times_ms)
        order = np.lexsort(keys)
        group = file.create_group(f"spikes/{name}")
        group.attrs.create(
            "sorting", SORTINGS[sorting], dtype=h5py.enum_dtype(SORTINGS, basetype="u1")
        )
        group.create_dataset("timestamps", data=times_ms[order]).attrs["units"] = "ms"
        group.create_dataset("node_ids", data=node_ids[order].astype(np.uint64))


def _report(
    made: SonataNetwork, result: Result, report: dict[str, Any], name: str, file: Any
) -> None:
    _header(file)
    # [time, nodes], by node id
    variable = variable_of(name, report)
    every_ms = float(report.get("dt", made.network.dt_ms))
    # One element per node: point neurons have no compartments.
    for nodes, _ in report_nodes(made, report):
        columns, ids = [], []
        for part, population in enumerate(made.parts[nodes.name]):
            if (population.name, variable) in result.traces:
                neurons, values = result.traces[population.name, variable]
                columns.append(values)
                ids.append(made.node_ids(nodes.name, part)[neurons])
        if not columns:
            continue
        node_ids, data = np.concatenate(ids), np.concatenate(columns, axis=1)
        order = np.argsort(node_ids)
        group = file.create_group(f"report/{nodes.name}")
        group.create_dataset("data", data=data[:, order].astype(np.float32)).attrs["units"] = UNITS[
            variable
        ]
        mapping = group.create_group("mapping")
        n = node_ids.size
        mapping.create_dataset("node_ids", data=node_ids[order].astype(np.uint64))
        mapping.create_dataset("index_pointers", data=np.arange(n + 1, dtype=np.uint64))
        mapping.create_dataset("element_ids", data=np.zeros(n, dtype=np.uint32))
        # the first sample is that of the end of the first step
        span = (made.network.dt_ms, made.network.dt_ms + len(data) * every_ms, every_ms)
        mapping.create_dataset("time", data=np.array(span)).attrs["units"] = "ms"
