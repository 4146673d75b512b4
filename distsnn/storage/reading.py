"""Reads the files that a run has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import Hdf5, open_hdf5
from distsnn.input_files.limits import as_path, printable, refused


def load_spikes(path: str | Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return times in ms (float64) and neuron indices (int64) by population from a spikes.h5."""
    spikes = {}
    with _opened(path, "spikes.h5") as file:
        for name in file.names():
            time_ms = file.numbers(name, "time_ms", 1).astype(np.float64)
            source = file.numbers(name, "source", 1)
            if source.dtype.kind not in "iu" or source.size != time_ms.size:
                limit = f"as many whole numbers in {name}/source as times"
                raise refused(path, limit, source, "Name a file that a run has written.")
            spikes[name] = time_ms, source.astype(np.int64)
    return spikes


def load_counters(path: str | Path) -> dict[str, np.ndarray]:
    """Return the counters of the mesh by name, see ``MeshCounters``, from a counters.h5."""
    with _opened(path, "counters.h5") as file:
        return {name: _plain(file.numbers("/", name)) for name in file.names()}


def _plain(values: np.ndarray) -> Any:
    """Return a single number as such, as h5py does."""
    return values if values.ndim else values[()]


def load_traces(path: str | Path) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Return (population, variable) -> (neurons, values [samples, neurons]) from a traces.h5."""
    traces = {}
    with _opened(path, "traces.h5") as file:
        for population in file.names():
            for variable in file.names(population):
                place = f"{population}/{variable}"
                neurons = file.numbers(place, "neurons", 1)
                # The file is valid even if a state has become infinite or not a number.
                values = file.numbers(place, "values", 2, is_finite=False)
                if neurons.dtype.kind not in "iu" or values.shape[1] != neurons.size:
                    limit = f"one column of values for each neuron of {place}"
                    raise refused(path, limit, values, "Name a file that a run has written.")
                traces[population, variable] = neurons, values
    return traces


@contextmanager
def _opened(path: str | Path, kind: str) -> Iterator[Hdf5]:
    """Open a file of a run; every error names the expected kind of file."""
    try:
        with open_hdf5(as_path(path)) as file:
            yield file
    except InputFileError as error:
        text = str(error).removeprefix(f"{printable(path)}: ")
        raise InputFileError(
            f"{printable(path)}: must be a {kind} that a run has written. It {text}"
        ) from error
