"""What a SONATA simulation writes: spikes and reports, as libsonata, Elephant and Neo read them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.outputs import hdf5_bytes, write_file, writing
from distsnn.running.result import Result
from distsnn.sonata.header import write_header
from distsnn.sonata.made import SonataNetwork
from distsnn.sonata.reports import Column, columns_of, interval_of, times_of, variable_of

SORTINGS = {"none": 0, "by_id": 1, "by_time": 2}


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


def _spikes(made: SonataNetwork, result: Result, file: Any) -> None:
    import h5py

    write_header(file)
    sorting = {"id": "by_id", "by_id": "by_id"}.get(made.config.spikes_sort_order, "by_time")
    # One group for each population of nodes, whatever it was parted into.
    for name, parts in made.parts.items():
        if made.nodes[name].is_virtual():
            continue  # what was given is not written again
        times, ids = [np.empty(0)], [np.empty(0, dtype=np.int64)]
        for part, population in enumerate(parts):
            times_ms, neurons = result.spikes(population)
            times.append(times_ms + made.config.start_ms)
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
    write_header(file)
    variable, every_ms = variable_of(report), interval_of(made, name, report)
    # The first sample is that of the end of the first step; those outside the report's times are left.
    first_ms = made.config.start_ms + made.network.dt_ms
    begin_ms, end_ms = times_of(made, name, report)
    by_nodes: dict[str, list[Column]] = {}
    for column in columns_of(made, report):
        by_nodes.setdefault(column.nodes.name, []).append(column)
    # One element per node: point neurons have no compartments.
    for nodes, columns in by_nodes.items():
        recorded = [result.traces[column.population.name, variable] for column in columns]
        parts = [made.node_ids(nodes, column.part) for column in columns]
        ids = np.concatenate(
            [own[neurons] for own, (neurons, _) in zip(parts, recorded, strict=True)]
        )
        data = np.concatenate([values for _, values in recorded], axis=1)
        times_ms = first_ms + every_ms * np.arange(len(data))
        # half a step of tolerance, since times are sums of floating-point numbers
        margin = 0.5 * made.network.dt_ms
        kept = (times_ms > begin_ms - margin) & (times_ms < end_ms + margin)
        order = np.argsort(ids)
        group = file.create_group(f"report/{nodes}")
        group["data"] = data[kept][:, order].astype(np.float32)
        group["data"].attrs["units"] = columns[0].population.model.units[variable]
        begin = float(times_ms[kept][0]) if kept.any() else begin_ms
        _mapping(group, ids[order], (begin, begin + int(kept.sum()) * every_ms, every_ms))


def _mapping(group: Any, node_ids: np.ndarray, span: tuple[float, float, float]) -> None:
    mapping, n = group.create_group("mapping"), node_ids.size
    mapping["node_ids"] = node_ids.astype(np.uint64)
    mapping["index_pointers"] = np.arange(n + 1, dtype=np.uint64)
    mapping["element_ids"] = np.zeros(n, dtype=np.uint32)
    mapping["time"] = np.array(span)
    mapping["time"].attrs["units"] = "ms"
