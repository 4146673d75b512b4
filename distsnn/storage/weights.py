"""Files of the weights of plastic synapses, which can be read back as an explicit list of synapses.

A file has a group per projection, named by its number, with pre, post (uint32), delay_ms (float64)
and weight (float64 [samples, synapses]) at time_ms (float64 [samples]); attributes source, target and
rule. The weights have the same bits as in the run, so that a network that starts from them
continues from its end.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from distsnn.checks import file_path, must_be
from distsnn.core.plastic.recorder import WeightTable
from distsnn.errors import InputFileError, OutputFileError, UsageError
from distsnn.input_files.hdf5_files import Hdf5, open_hdf5
from distsnn.input_files.limits import as_path, printable, refused
from distsnn.network import ExplicitList, Projection
from distsnn.outputs import hdf5_bytes, write_file

if TYPE_CHECKING:
    from distsnn.simulation import Result

COLUMNS = {"pre": 1, "post": 1, "delay_ms": 1, "time_ms": 1, "weight": 2}  # name -> dimensions
COMPRESSED_FROM = 1024  # entries


def save_weights(result: Result, path: str | Path) -> None:
    """Write all recorded weights of a run. Raises OutputFileError. Rank 0 writes, others return."""
    from distsnn.running.result import Result

    if not isinstance(result, Result):
        limit = "what simulate() returned"
        raise UsageError(must_be("save_weights: result", limit, result, "Give that."))
    path = file_path("save_weights: path", path, error=OutputFileError)
    if result.is_root:
        write_file(path, hdf5_bytes(lambda file: fill_weights(result, file)))


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

    Raises InputFileError for any other file.
    """
    with open_hdf5(as_path(path)) as file:
        group = _group_of(path, file, projection)
        columns = [file.numbers(group, name, n_dims) for name, n_dims in COLUMNS.items()]
    pre, post, delays_ms, times_ms, weights = columns
    sizes = (pre.size, post.size, delays_ms.size, *weights.shape)
    is_whole = sizes == (pre.size, pre.size, pre.size, times_ms.size, pre.size)
    if not is_whole or not times_ms.size:
        raise refused(
            path, "a file of weights whose columns fit each other",
            f"{sizes} and {times_ms.size} times", "Name one that a run has written.",
        )  # fmt: skip
    for name, values in (("pre", pre), ("post", post)):
        if values.dtype.kind not in "iu" or values.min(initial=0) < 0:
            raise refused(path, f"a file with indices from 0 on as {name}", values,
                          "Name one that a run has written.")  # fmt: skip
    return WeightTable(*columns)


def synapses_from(path: str | Path, projection: Projection | int | None = None) -> ExplicitList:
    """Return the synapses of a file with their last weights and their delays, to connect again."""
    table = load_weights(path, projection)
    return ExplicitList(table.pre, table.post, table.final, table.delays_ms)


def _group_of(path: str | Path, file: Hdf5, projection: Projection | int | None) -> str:
    names = file.names()
    if projection is None and len(names) == 1:
        return names[0]
    index = projection.index if isinstance(projection, Projection) else projection
    if str(index) not in names:
        known = ", ".join(names) or "none"
        remedy = "Name one of these numbers."
        text = must_be(f"{path}: projection", f"one of {known}", index, remedy)
        raise InputFileError(printable(text))
    return str(index)
