"""Writes the results of a run: HDF5 files with the same content for any number of ranks."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.outputs import RUN, OutputFolder, hdf5_bytes, json_bytes, write_file
from distsnn.storage.weights import fill_weights

if TYPE_CHECKING:
    from distsnn.running.result import Result

COMPRESSED_FROM = 1024  # entries; compression makes shorter arrays larger

# Keys of a report that do not depend on the ranks; those of OF_RANKS do.
OF_NETWORK = (
    "distsnn", "network", "n_neurons", "n_synapses", "duration_ms", "dt_ms", "seed", "placement",
    "digest", "traffic_digest",
)  # fmt: skip
OF_RANKS = ("n_ranks", "fabric", "steps_per_exchange", "compile_s", "build_s", "simulate_s",
            "memory_bytes")  # fmt: skip


def write_run(result: Result, report: dict[str, Any], folder: Path) -> list[Path]:
    """Write the results of a run into a folder, which is made, and return their paths.

    They replace the files of an older run, all or none. Raises OutputFileError if that fails, if the
    folder holds another kind of result, or if another process writes to it. Ranks other than 0 write
    nothing and return [].
    """
    if not result.is_root:
        return []
    place = OutputFolder(folder, RUN)
    try:
        names = fill_run_folder(result, report, place.place)
        place.commit()
    finally:
        place.close()
    return [folder / name for name in names]


def fill_run_folder(
    result: Result, report: dict[str, Any], place: Callable[[str], Path]
) -> list[str]:
    """Write spikes.h5, counters.h5, settings.json, and traces.h5 and weights.h5 if there are any.

    place: returns the path to write for the name of a file. spikes.h5: a group per recorded population
    with step (uint32), time_ms (float64) and source (uint32), sorted by step, then source;
    ``SpikeSource.from_file(path, population)`` plays them back. Return the names.
    Raises OutputFileError.
    """
    contents = {"spikes.h5": _spikes, "counters.h5": _counters}
    if result.traces:
        contents["traces.h5"] = _traces
    if result.weight_tables:
        contents["weights.h5"] = fill_weights
    for name, fill in contents.items():
        write_file(place(name), hdf5_bytes(partial(_with_settings, result, report, fill)))
    write_file(place("settings.json"), json_bytes(run_description(report)))
    return [*contents, "settings.json"]


def run_description(report: dict[str, Any]) -> dict[str, Any]:
    """Return network, settings, ranks, host and versions of a run."""
    return {
        **{key: report[key] for key in OF_NETWORK},
        "settings": report["settings"],
        "chip": report["chip"],
        "ranks": {key: report[key] for key in OF_RANKS},
        "host": platform.node(),
        "versions": report["versions"],
    }


def _with_settings(
    result: Result, report: dict[str, Any], fill: Callable[[Result, Any], None], file: Any
) -> None:
    """Write the description of a run, and the results that ``fill`` adds, into an open HDF5 file."""
    for key in OF_NETWORK:
        file.attrs[key] = report[key]
    file.attrs["chip"] = report["chip"]["name"]
    file.attrs["settings"] = json.dumps(report["settings"])
    file.attrs["versions"] = json.dumps(report["versions"])
    fill(result, file)


def _dataset(group: Any, name: str, values: np.ndarray) -> None:
    """Write an array without a time stamp; long arrays are compressed."""
    options = {"compression": "gzip", "shuffle": True} if values.size > COMPRESSED_FROM else {}
    group.create_dataset(name, data=values, track_times=False, **options)


def _spikes(result: Result, file: Any) -> None:
    for population in result.network.populations:
        if not result.network.records_spikes(population):
            continue
        step, neuron = result.spike_steps(population.name)
        group = file.create_group(population.name)
        group.attrs["n_neurons"] = population.size
        _dataset(group, "step", step.astype(np.uint32))
        _dataset(group, "time_ms", (step + 1) * result.network.dt_ms)
        _dataset(group, "source", neuron.astype(np.uint32))


def _counters(result: Result, file: Any) -> None:
    for entry in fields(result.counters):  # type: ignore[arg-type]
        value = getattr(result.counters, entry.name)
        if value is not None:
            _dataset(file, entry.name, np.asarray(value))
    _dataset(file, "core_of_block", result.plan.core_of_block)


def _traces(result: Result, file: Any) -> None:
    probes = result.network.probes
    every_ms = {(probe.population.name, probe.variable): probe.every_ms for probe in probes}
    for (population, variable), (neurons, values) in result.traces.items():
        group = file.create_group(f"{population}/{variable}")
        group.attrs["every_ms"] = every_ms[population, variable]
        _dataset(group, "neurons", neurons)
        _dataset(group, "values", values)
