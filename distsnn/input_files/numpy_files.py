"""Arrays of .npy and .npz files; the header is compared with the file before memory is taken."""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from distsnn.input_files.limits import decoding, max_unpacked_bytes, refused, require_room, size_of

KINDS = "biufUS"  # truth values, numbers and text; objects could run code
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_npy(path: str | Path) -> np.ndarray:
    """Return the array of a .npy file. Raises InputFileError."""
    size = size_of(path)
    with decoding(path, "a .npy array"), open(path, "rb") as file:
        return _array(path, file, size, "it")


class Npz:
    """The arrays of an open .npz file."""

    def __init__(self, path: str | Path, file: zipfile.ZipFile, size: int) -> None:
        self._path, self._file = path, file
        self._left = max_unpacked_bytes(size)
        self._entries = {
            entry.filename.removesuffix(".npy"): entry
            for entry in file.infolist()
            if entry.filename.endswith(".npy")
        }

    @property
    def names(self) -> list[str]:
        """The names of the arrays, in the file's order."""
        return list(self._entries)

    def array(self, name: str) -> np.ndarray:
        """Return an array. Raises InputFileError."""
        entry = self._entries.get(name)
        if entry is None:
            limit = f"a .npz file that holds {name}"
            raise refused(self._path, limit, ", ".join(self.names), "Write it again.")
        is_packed = entry.compress_type != zipfile.ZIP_STORED
        n_bytes = entry.file_size if is_packed else min(entry.file_size, entry.compress_size)
        if is_packed:
            require_room(self._path, name, n_bytes, self._left)
            self._left -= n_bytes
        with decoding(self._path, "a whole .npz file"), self._file.open(entry) as member:
            return _array(self._path, member, n_bytes, name)


@contextmanager
def open_npz(path: str | Path) -> Iterator[Npz]:
    """Open a .npz file. Raises InputFileError."""
    size = size_of(path)
    with decoding(path, "a .npz file"):
        file = zipfile.ZipFile(path)
    with file:
        yield Npz(path, file, size)


def read_npz(path: str | Path) -> dict[str, np.ndarray]:
    """Return all arrays of a .npz file. Raises InputFileError."""
    with open_npz(path) as content:
        return {name: content.array(name) for name in content.names}


def _array(path: str | Path, file: IO[bytes], n_bytes: int, name: str) -> np.ndarray:
    """Read one array from a stream of ``n_bytes`` bytes."""
    version: Any = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise refused(path, f"of .npy version 1.0 or 2.0 ({name})", version, "Write it again.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python about damaged headers
        shape, is_fortran, dtype = HEADERS[version](file)
    if dtype.kind not in KINDS or dtype.itemsize == 0:
        raise refused(path, f"numbers or text ({name})", str(dtype), "Convert them.")
    if any(size < 0 for size in shape):
        raise refused(path, f"of no negative size ({name})", str(shape), "Write it again.")
    n = math.prod(int(size) for size in shape)
    # The sizes in a zip file may be wrong: memory is taken as data arrive.
    if n * dtype.itemsize > n_bytes - file.tell():
        limit = f"as long as its header says, {n * dtype.itemsize} bytes of {name}"
        raise refused(path, limit, n_bytes - file.tell(), "Write it again.")
    flat = np.empty(n, dtype=dtype)
    room, at = flat.view(np.uint8), 0
    while at < room.size:
        part = file.read(min(room.size - at, 1 << 24))
        if not part:
            raise refused(path, f"whole ({name})", "an early end", "Write it again.")
        room[at : at + len(part)] = np.frombuffer(part, dtype=np.uint8)
        at += len(part)
    return flat.reshape(shape, order="F" if is_fortran else "C")
