"""Weights of plastic synapses on disk, and back as synapses given one by one.

A file has a group per projection, named by its number, with pre, post (uint32), delay_ms (float64)
and weight (float64 [samples, synapses]) at time_ms (float64 [samples]); attributes source, target and
rule. The weights are those of the run to the last bit, so a network that starts from them goes on
where the run ended.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.core.plastic_recorder import WeightTable
from distsnn.errors import InputFileError
from distsnn.network import ExplicitList, Projection
from distsnn.storage.files import replacing

if TYPE_CHECKING:
    from distsnn.simulation import Result

COLUMNS = {"pre": 1, "post": 1, "delay_ms": 1, "time_ms": 1, "weight": 2}  # name -> dimensions
COMPRESSED_FROM = 1024  # entries


def save_weights(result: Result, path: str | Path) -> None:
    """Write all recorded weights of a run. Raises OutputFileError. Rank 0 writes, others return."""
    import h5py

    if not result.is_root:
        return
    with replacing(Path(path)) as temporary, h5py.File(temporary, "w", track_order=True) as file:
        fill_weights(result, file)


def fill_weights(result: Result, file: Any) -> None:
    """Write all recorded weights of a run into an open HDF5 file."""
    for index, table in result.weight_tables.items():
        projection = result.network.projections[index]
        group = file.create_group(str(index))
        group.attrs["source"] = projection.source.name
        group.attrs["target"] = projection.target.name
        group.attrs["rule"] = repr(projection.plasticity)
        columns = (table.pre, table.post, table.delays_ms, table.times_ms, table.weights)
        for name, values in zip(COLUMNS, columns, strict=True):
            packed = (
                {"compression": "gzip", "shuffle": True} if values.size > COMPRESSED_FROM else {}
            )
            group.create_dataset(name, data=values, track_times=False, **packed)


def load_weights(path: str | Path, projection: Projection | int | None = None) -> WeightTable:
    """Return the recorded weights of a projection (None: of the only one) from a file.

    Raises InputFileError, in one line, for anything else.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            group = _group_of(path, file, projection)
            columns = [_column(group, name, n_dims) for name, n_dims in COLUMNS.items()]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputFileError(
            f"{path}: cannot be read ({error}), limit a file of weights. "
            "Name one that a run has written."
        ) from error
    n = columns[0].size
    if {columns[1].size, columns[2].size, columns[4].shape[1]} != {n}:
        raise InputFileError(
            f"{path}: columns differ in length, limit one length. Name a file that a run has written."
        )
    return WeightTable(*columns)


def synapses_from(path: str | Path, projection: Projection | int | None = None) -> ExplicitList:
    """Return the synapses of a file with their last weights and their delays, to connect again."""
    table = load_weights(path, projection)
    return ExplicitList(table.pre, table.post, table.final, table.delays_ms)


def _group_of(path: str | Path, file: Any, projection: Projection | int | None) -> Any:
    if projection is None and len(file) == 1:
        return next(iter(file.values()))
    index = projection.index if isinstance(projection, Projection) else projection
    if str(index) not in file:
        raise InputFileError(
            f"{path}: has no projection {index}, limit {', '.join(file) or 'none'}. "
            "Name one of these numbers."
        )
    return file[str(index)]


def _column(group: Any, name: str, n_dims: int) -> np.ndarray:
    values = np.asarray(group[name])
    if values.ndim != n_dims:
        raise ValueError(f"{name} has {values.ndim} dimensions, not {n_dims}")
    return values
