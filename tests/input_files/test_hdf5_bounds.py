"""HDF5 data lie in the file itself and are as many as its bytes can hold."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from distsnn.errors import InputFileError
from distsnn.stimuli import SpikeSource


def hdf5_of(path: Path, fill) -> Path:
    with h5py.File(path, "w") as file:
        file["source"] = np.arange(4)
        fill(file)
    return path


def many(file) -> None:
    file.create_dataset("time_ms", shape=(10**12,), dtype="f8", chunks=(1000,), fillvalue=1.0)


def one_chunk(file) -> None:
    data = np.arange(4.0)
    file.create_dataset("time_ms", shape=(4,), maxshape=(None,), chunks=(4 * 10**8,), dtype="f8")
    assert data.size == 4


def raw(file) -> None:
    place = Path(file.filename).parent / "secret"
    place.write_bytes(np.arange(4.0).tobytes())
    file.create_dataset("time_ms", shape=(4,), dtype="f8", external=[(str(place), 0, 32)])


def linked(file) -> None:
    other = Path(file.filename).parent / "other.h5"
    with h5py.File(other, "w") as there:
        there["time_ms"] = np.arange(4.0)
    file["time_ms"] = h5py.ExternalLink(str(other), "/time_ms")


def virtual(file) -> None:
    other = Path(file.filename).parent / "other.h5"
    with h5py.File(other, "w") as there:
        there["t"] = np.arange(4.0)
    layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
    layout[:] = h5py.VirtualSource(str(other), "t", shape=(4,))
    file.create_virtual_dataset("time_ms", layout)


def soft(file) -> None:
    file["elsewhere"] = h5py.ExternalLink("other.h5", "/")
    file["time_ms"] = h5py.SoftLink("/elsewhere/time_ms")


@pytest.mark.parametrize(
    ("fill", "words"),
    [(many, "stores time_ms whole"), (one_chunk, "stores time_ms whole"),
     (raw, "holds time_ms itself"), (linked, "holds time_ms itself"),
     (virtual, "holds time_ms itself"), (soft, "holds time_ms itself")],
)  # fmt: skip
def test_hdf5_holds_its_data_itself(tmp_path, fill, words):
    path = hdf5_of(tmp_path / "x.h5", fill)
    with pytest.raises(InputFileError, match=rf"x\.h5: must be a file that {words}"):
        SpikeSource.from_file(path)


def test_a_group_that_leads_elsewhere(tmp_path):
    other = hdf5_of(
        tmp_path / "other.h5", lambda file: file.create_dataset("time_ms", data=[1.0] * 4)
    )
    path = hdf5_of(
        tmp_path / "x.h5", lambda file: file.update(a=h5py.ExternalLink(str(other), "/"))
    )
    with pytest.raises(InputFileError, match="must be a file that holds a"):
        SpikeSource.from_file(path, "a")


def test_synchronous_spikes_are_read_however_well_they_pack(tmp_path):
    """The product's own files pack several hundred to one where all neurons spike together."""
    n = 400_000

    def fill(file) -> None:
        del file["source"]
        packed = {"compression": "gzip", "shuffle": True}
        file.create_dataset("time_ms", data=np.full(n, 1.5), **packed)
        file.create_dataset("source", data=np.arange(n, dtype=np.uint32), **packed)

    path = hdf5_of(tmp_path / "x.h5", fill)
    assert path.stat().st_size * 50 < 12 * n
    assert SpikeSource.from_file(path).times_ms.size == n
