"""Results on disk: HDF5 files with the same content for any number of ranks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.errors import InputFileError, OutputFileError

if TYPE_CHECKING:
    from distsnn.simulation import Result


def write_run(result: Result, report: dict[str, Any], folder: Path) -> None:
    """Write spikes.h5, counters.h5, traces.h5 (if any) and settings.json into ``folder``.

    spikes.h5: a group per population with step (uint32), time_ms (float64), source (uint32), sorted by
    step; ``SpikeSource.from_file(path, population)`` plays them back.
    Each file is written beside its place and renamed.
    """
    _write(folder / "spikes.h5", lambda file: _spikes(result, file))
    _write(folder / "counters.h5", lambda file: _counters(result, file))
    if result.traces:
        _write(folder / "traces.h5", lambda file: _traces(result, file))
    settings = {
        key: report[key]
        for key in ("distsnn", "network", "n_neurons", "n_synapses", "duration_ms", "dt_ms", "seed",
                    "placement", "chip", "digest", "traffic_digest", "versions")
    }  # fmt: skip
    path = folder / "settings.json"
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(settings, indent=1) + "\n")
    os.replace(temporary, path)


def load_spikes(path: str | Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return times in ms and neuron indices by population from a spikes.h5."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return {
                name: (group["time_ms"][:], group["source"][:].astype(np.int64))
                for name, group in file.items()
            }
    except (OSError, KeyError, AttributeError) as error:
        raise InputFileError(
            f"spikes {path}: cannot be read ({error}). Name a spikes.h5 that a run has written."
        ) from error


def _write(path: Path, fill: Callable[[Any], None]) -> None:
    import h5py

    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with h5py.File(temporary, "w", track_order=True) as file:
            fill(file)
        os.replace(temporary, path)
    except OSError as error:
        raise OutputFileError(f"output {path}: {error}. Choose another place.") from error


def _dataset(group: Any, name: str, values: np.ndarray) -> None:
    """Write an array without a time stamp, compressed where it is long."""
    options = {"compression": "gzip", "shuffle": True} if values.size > 1024 else {}
    group.create_dataset(name, data=values, track_times=False, **options)


def _spikes(result: Result, file: Any) -> None:
    file.attrs["dt_ms"] = result.network.dt_ms
    file.attrs["duration_ms"] = result.duration_ms
    for population in result.network.populations:
        step, neuron = result.spike_steps(population.name)
        group = file.create_group(population.name)
        group.attrs["n_neurons"] = population.size
        _dataset(group, "step", step.astype(np.uint32))
        _dataset(group, "time_ms", (step + 1) * result.network.dt_ms)
        _dataset(group, "source", neuron.astype(np.uint32))


def _counters(result: Result, file: Any) -> None:
    for entry in fields(result.counters):  # type: ignore[arg-type]
        value = getattr(result.counters, entry.name)
        if isinstance(value, np.ndarray):
            _dataset(file, entry.name, value)
        elif value is not None:
            file.attrs[entry.name] = value
    _dataset(file, "core_of_block", result.plan.core_of_block)


def _traces(result: Result, file: Any) -> None:
    for (population, variable), (neurons, values) in result.traces.items():
        group = file.require_group(population)
        _dataset(group, f"{variable}_neurons", neurons)
        _dataset(group, variable, values)
