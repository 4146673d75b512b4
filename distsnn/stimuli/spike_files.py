"""Reads spike trains from files: CSV, HDF5 and the event-camera recordings of N-MNIST."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
COLUMNS = ("time_ms", "source")
MOST_SOURCE = 2**31 - 2

# Orchard et al. 2015, Front Neurosci 9:437: 34 x 34 pixels, two polarities, 5 bytes per event.
N_MNIST_SIDE = 34
N_MNIST_SOURCES = 2 * N_MNIST_SIDE * N_MNIST_SIDE
N_MNIST_EVENT_BYTES = 5


def read_spikes(path: Path, group: str = "/") -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms (float64) and sources (int64) of a CSV file or a group of an HDF5 file."""
    content = _read_bytes(path)
    is_hdf5 = content.startswith(HDF5_SIGNATURE)
    if not is_hdf5 and path.suffix.lower() in (".h5", ".hdf5"):
        raise InputFileError(f"{path}: is no HDF5 file, limit HDF5 with such a name. Check it.")
    times, sources = _read_hdf5(path, group) if is_hdf5 else _read_csv(path, content)
    _require_spikes(path, times, sources, "entry" if is_hdf5 else "spike")
    return times, sources.astype(np.int64)


def read_nmnist(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms (float64) and sources (int64) of an N-MNIST recording.

    An event is x, y, then one bit of polarity and 23 bits of microseconds, most significant first.
    """
    content = _read_bytes(path)
    if not content or len(content) % N_MNIST_EVENT_BYTES:
        raise InputFileError(
            f"{path}: has {len(content)} bytes, limit a multiple of {N_MNIST_EVENT_BYTES} above 0. "
            "The recording is truncated or of another format."
        )
    events = np.frombuffer(content, dtype=np.uint8).reshape(-1, N_MNIST_EVENT_BYTES)
    x, y, first, second, third = (events[:, k].astype(np.int64) for k in range(5))
    outside = np.flatnonzero((x >= N_MNIST_SIDE) | (y >= N_MNIST_SIDE))
    if outside.size:
        event = int(outside[0])
        raise InputFileError(
            f"{path}: event {event} is at x, y = {x[event]}, {y[event]}, "
            f"limit {N_MNIST_SIDE - 1}. The recording is damaged or of another format."
        )
    polarity = first >> 7
    microseconds = (first & 0x7F) << 16 | second << 8 | third
    return microseconds * 1e-3, (polarity * N_MNIST_SIDE + y) * N_MNIST_SIDE + x


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputFileError(
            f"{path}: cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error


def _read_hdf5(path: Path, group: str) -> tuple[np.ndarray, np.ndarray]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            found = file.get(group)
            if not isinstance(found, h5py.Group):
                raise InputFileError(
                    f"{path}: has no group {group!r}, limit {', '.join(file) or 'none'}. "
                    "Name one of these."
                )
            missing = [name for name in COLUMNS if not isinstance(found.get(name), h5py.Dataset)]
            if missing:
                raise InputFileError(
                    f"{path}: has no dataset {missing[0]}, limit datasets time_ms and source. "
                    "Rename or add it."
                )
            times, sources = (np.asarray(found[name][()]) for name in COLUMNS)
    except (OSError, RuntimeError) as error:
        raise InputFileError(f"{path}: is damaged HDF5 ({error}). Write it anew.") from error
    for name, array in zip(COLUMNS, (times, sources), strict=True):
        if array.ndim != 1 or array.dtype.kind not in "iuf":
            raise InputFileError(
                f"{path}: {name} is {array.ndim}-dimensional {array.dtype}, "
                "limit one dimension of numbers. Write it so."
            )
    if times.size != sources.size:
        raise InputFileError(
            f"{path}: time_ms has {times.size} entries, limit {sources.size} as source has. "
            "Write one source for each time."
        )
    return times.astype(np.float64), sources.astype(np.float64)


def _read_csv(path: Path, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputFileError(
            f"{path}: is no text, limit CSV or HDF5. Write columns time_ms, source."
        ) from error
    if content and not lines[-1].strip("\x00"):
        raise InputFileError(f"{path}: ends in zeros, limit text. The file is truncated.")
    rows = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and line.strip()[0] != "#"]
    order = (0, 1)
    if rows and not _is_number(rows[0][1].split(",")[0]):
        order = _header(path, *rows.pop(0))
    values = np.empty((len(rows), 2), dtype=np.float64)
    for place, (number, line) in enumerate(rows):
        fields = line.split(",")
        try:
            values[place] = float(fields[order[0]]), float(fields[order[1]])
        except (ValueError, IndexError) as error:
            raise InputFileError(
                f"{path}: line {number} is {line[:60]!r}, limit two numbers time_ms, source. "
                "Correct the line."
            ) from error
    return values[:, 0].copy(), values[:, 1].copy()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _header(path: Path, number: int, line: str) -> tuple[int, int]:
    """Return the places of the columns time_ms and source."""
    names = [name.strip().strip('"').lower() for name in line.split(",")]
    for column in COLUMNS:
        if column not in names:
            raise InputFileError(
                f"{path}: line {number} is {line[:60]!r}, limit a header with time_ms and source, "
                "or numbers. Name the columns so."
            )
    return names.index("time_ms"), names.index("source")


def _require_spikes(path: Path, times: np.ndarray, sources: np.ndarray, word: str) -> None:
    for name, array, most in (("time_ms", times, np.inf), ("source", sources, MOST_SOURCE)):
        is_wrong = ~np.isfinite(array) | (array < 0) | (array > most)
        if name == "source":
            is_wrong |= array != np.floor(array)
        wrong = np.flatnonzero(is_wrong)
        if wrong.size:
            limit = "a finite time from 0 on" if name == "time_ms" else "a neuron index from 0 on"
            raise InputFileError(
                f"{path}: {word} {wrong[0] + 1} has {name} {array[wrong[0]]:g}, limit {limit}. "
                "Correct it."
            )
