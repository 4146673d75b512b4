"""Results on disk: HDF5 files with the same content for any number of ranks."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.errors import InputFileError
from distsnn.storage.files import replacing
from distsnn.storage.weights import fill_weights

if TYPE_CHECKING:
    from distsnn.simulation import Result

COMPRESSED_FROM = 1024  # entries; shorter arrays only grow

# What of a report describes the network's run whatever the ranks were; the rest describes the ranks.
OF_NETWORK = (
    "distsnn", "network", "n_neurons", "n_synapses", "duration_ms", "dt_ms", "seed", "placement",
    "digest", "traffic_digest",
)  # fmt: skip
OF_RANKS = ("n_ranks", "fabric", "steps_per_exchange", "compile_s", "build_s", "simulate_s",
            "memory_bytes")  # fmt: skip


def write_run(result: Result, report: dict[str, Any], folder: Path) -> list[Path]:
    """Write spikes.h5, counters.h5, settings.json, and traces.h5 and weights.h5 if there are any.

    spikes.h5: a group per recorded population with step (uint32), time_ms (float64) and source
    (uint32), sorted by step, then source; ``SpikeSource.from_file(path, population)`` plays them
    back. Return the paths. Raises OutputFileError; a file is there whole or not at all.
    """
    paths = [folder / "spikes.h5", folder / "counters.h5"]
    _write(paths[0], report, lambda file: _spikes(result, file))
    _write(paths[1], report, lambda file: _counters(result, file))
    if result.traces:
        paths.append(folder / "traces.h5")
        _write(paths[-1], report, lambda file: _traces(result, file))
    if result.weight_tables:
        paths.append(folder / "weights.h5")
        _write(paths[-1], report, lambda file: fill_weights(result, file))
    paths.append(folder / "settings.json")
    with replacing(paths[-1]) as temporary:
        temporary.write_text(json.dumps(settings_of(report), indent=1) + "\n")
    return paths


def settings_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return what was run, on how many ranks, where, and with which versions."""
    return {
        **{key: report[key] for key in OF_NETWORK},
        "settings": report["settings"],
        "chip": report["chip"],
        "ranks": {key: report[key] for key in OF_RANKS},
        "host": platform.node(),
        "versions": report["versions"],
    }


def load_spikes(path: str | Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return times in ms (float64) and neuron indices (int64) by population from a spikes.h5."""
    return _read(
        path,
        "spikes.h5",
        lambda file: {
            name: (group["time_ms"][:], group["source"][:].astype(np.int64))
            for name, group in file.items()
        },
    )


def load_counters(path: str | Path) -> dict[str, np.ndarray]:
    """Return the counters of the mesh by name, see ``MeshCounters``, from a counters.h5."""
    return _read(path, "counters.h5", lambda file: {k: one[()] for k, one in file.items()})


def load_traces(path: str | Path) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Return (population, variable) -> (neurons, values [samples, neurons]) from a traces.h5."""

    def read(file: Any) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
        return {
            (population, variable): (group["neurons"][:], group["values"][:])
            for population, variables in file.items()
            for variable, group in variables.items()
        }

    return _read(path, "traces.h5", read)


def _read(path: str | Path, kind: str, read: Callable[[Any], Any]) -> Any:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return read(file)
    except (OSError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise InputFileError(
            f"{path}: cannot be read ({error}), limit a {kind}. Name one that a run has written."
        ) from error


def _write(path: Path, report: dict[str, Any], fill: Callable[[Any], None]) -> None:
    import h5py

    with replacing(path) as temporary, h5py.File(temporary, "w", track_order=True) as file:
        for key in OF_NETWORK:
            file.attrs[key] = report[key]
        file.attrs["chip"] = report["chip"]["name"]
        file.attrs["settings"] = json.dumps(report["settings"])
        file.attrs["versions"] = json.dumps(report["versions"])
        fill(file)


def _dataset(group: Any, name: str, values: np.ndarray) -> None:
    """Write an array without a time stamp, compressed where it is long."""
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
    every_ms = {(one.population.name, one.variable): one.every_ms for one in result.network.probes}
    for (population, variable), (neurons, values) in result.traces.items():
        group = file.create_group(f"{population}/{variable}")
        group.attrs["every_ms"] = every_ms[population, variable]
        _dataset(group, "neurons", neurons)
        _dataset(group, "values", values)
