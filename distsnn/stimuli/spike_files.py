"""Reads spike trains from files: CSV, HDF5 and the event-camera recordings of N-MNIST."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.input_files.hdf5_files import open_hdf5
from distsnn.input_files.limits import as_path, decoding, printable, refused, size_of
from distsnn.input_files.nmnist import SIZE, read_nmnist_arrays
from distsnn.input_files.whole import read_bytes

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
COLUMNS = ("time_ms", "source")
MAX_SOURCE = 2**31 - 2

N_MNIST_SOURCES = 2 * SIZE * SIZE


def read_spikes(path: str | Path, group: str = "/") -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms (float64) and sources (int64) of a CSV file or a group of an HDF5 file."""
    path = as_path(path)
    if not isinstance(group, str):
        raise refused(path, "asked for a group by its name", group, "Give text.")
    # By its first bytes, not by its name.
    is_hdf5 = read_bytes(path, len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    if not is_hdf5 and path.suffix.lower() in (".h5", ".hdf5"):
        limit = "an HDF5 file with such a name"
        raise InputFileError(must_be(printable(path), limit, "another kind", "Check it."))
    times, sources = _read_hdf5(path, group) if is_hdf5 else _read_csv(path)
    _require_spikes(path, times, sources, "entry" if is_hdf5 else "spike")
    return times, sources.astype(np.int64)


def read_nmnist(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms (float64) and sources (int64) of an N-MNIST recording."""
    t_us, x, y, on = read_nmnist_arrays(as_path(path))
    # line = (polarity * height + y) * width + x
    return t_us * 1e-3, (on.astype(np.int64) * SIZE + y) * SIZE + x


def _read_hdf5(path: Path, group: str) -> tuple[np.ndarray, np.ndarray]:
    with open_hdf5(path) as file:
        if not file.has_group(group):
            known = printable(", ".join(file.names())) or "none"
            thing = f"{printable(path)}: group"
            raise InputFileError(must_be(thing, f"one of {known}", group, "Name one of these."))
        times, sources = (file.numbers(group, name, 1, is_finite=False) for name in COLUMNS)
    if times.size != sources.size:
        limit = f"of {sources.size} entries, as many as source has"
        remedy = "Write one source for each time."
        raise InputFileError(must_be(f"{printable(path)}: time_ms", limit, times.size, remedy))
    # Sources beyond float64's whole numbers are beyond the largest source, too.
    return times.astype(np.float64), sources.astype(np.float64)


def _read_csv(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read line by line: text takes many times the memory of its numbers."""
    size_of(path)
    # Two numbers a line in one flat array; order: their columns.
    values, order, is_first = array("d"), (0, 1), True
    with (
        decoding(path, "CSV or HDF5 with columns time_ms, source", "Write it again."),
        open(path, encoding="utf-8-sig", newline=None) as file,
    ):
        for number, line in enumerate(file, 1):
            stripped = line.strip()
            if not stripped or stripped[0] == "#":
                continue
            fields = line.split(",")
            if is_first and not _is_number(fields[0]):
                order = _header(path, number, line.rstrip("\r\n"))
            else:
                try:
                    values.extend((float(fields[order[0]]), float(fields[order[1]])))
                except (ValueError, IndexError):
                    raise _wrong_line(path, number, line) from None
            is_first = False
    # [lines, 2] without a copy of the text
    both = np.frombuffer(values, dtype=np.float64).reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


def _wrong_line(path: Path, number: int, line: str) -> InputFileError:
    if line and not line.strip("\x00\r\n"):
        return refused(path, "text", "zeros at its end", "The file is truncated; write it again.")
    limit = "two numbers, time_ms and source"
    got = line.rstrip()[:60]
    return InputFileError(
        must_be(f"{printable(path)}: line {number}", limit, got, "Correct the line.")
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _header(path: Path, number: int, line: str) -> tuple[int, int]:
    """Return the indices of the columns time_ms and source."""
    names = [name.strip().strip('"').lower() for name in line.split(",")]
    for column in COLUMNS:
        if column not in names:
            limit = "a header with time_ms and source, or numbers"
            remedy = "Name the columns like this."
            raise InputFileError(
                must_be(f"{printable(path)}: line {number}", limit, line[:60], remedy)
            )
    return names.index("time_ms"), names.index("source")


def _require_spikes(path: Path, times: np.ndarray, sources: np.ndarray, word: str) -> None:
    for name, values, largest in (("time_ms", times, np.inf), ("source", sources, MAX_SOURCE)):
        is_wrong = ~np.isfinite(values) | (values < 0) | (values > largest)
        if name == "source":
            is_wrong |= values != np.floor(values)
        wrong = np.flatnonzero(is_wrong)
        if wrong.size:
            limit = "a finite time from 0 on" if name == "time_ms" else "a neuron index from 0 on"
            thing = f"{printable(path)}: {name} of {word} {wrong[0] + 1}"
            raise InputFileError(must_be(thing, limit, values[wrong[0]], "Correct it."))
