"""Traffic between cores from a CSV file or an array."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.checks import MAX_INT64, array, must_be, regular_file, whole
from distsnn.chip import Chip
from distsnn.errors import InputFileError, UsageError

COLUMNS = ("source core", "destination core", "packets")
# Patterns of the names of each column.
WORDS = (r"source|src|\bfrom\b|\bpre\b", r"dest|dst|target|\bto\b|\bpost\b", r"packet|count")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
# Even if all cross every link of the longest route, the sum fits 64 bits.
MAX_PACKETS = (1 << 52) - 1
MAX_FILE_BYTES = 1 << 28  # about ten million lines


@dataclass(frozen=True)
class TrafficMatrix:
    """packets[i] packets from core source[i] to core target[i]; int64, pairs may repeat."""

    source: np.ndarray
    target: np.ndarray
    packets: np.ndarray

    @classmethod
    def from_array(cls, matrix: np.ndarray) -> TrafficMatrix:
        """Return the packets of int [n_cores, n_cores], source by target."""
        matrix = array("traffic", matrix, "i", n_dims=2, low=0, error=UsageError)
        if matrix.shape[0] != matrix.shape[1]:
            raise UsageError(
                must_be(
                    "traffic", "of shape (n_cores, n_cores)", matrix, "Give all pairs of cores."
                )
            )
        source, target = np.nonzero(matrix)
        return cls(source, target, matrix[source, target].astype(np.int64))

    def require_on(self, chip: Chip) -> None:
        """Raise UsageError if there are cores that the chip does not have, or too many packets."""
        for cores in (self.source, self.target):
            if cores.size and not 0 <= cores.min() <= cores.max() < chip.n_cores:
                wrong = cores.min() if cores.min() < 0 else cores.max()
                limit = f"of cores 0 to {chip.n_cores - 1}, those of chip {chip.name}"
                raise UsageError(must_be("traffic matrix", limit, wrong, "Use a larger chip."))
        # Cheap bound first (largest x number of entries); the exact sum only if it is exceeded.
        if self.packets.size and int(self.packets.max()) * self.packets.size > MAX_PACKETS:
            total = sum(int(number) for number in self.packets)
            if total > MAX_PACKETS:
                limit = f"at most {MAX_PACKETS} packets in all"
                raise UsageError(must_be("traffic matrix", limit, total, "Scale it down."))


def read_matrix_file(path: str | os.PathLike[str], n_cores: int) -> TrafficMatrix:
    """Read lines ``source core, destination core, packets``.

    Cores are numbered row by row from 0. Empty lines and text after # are skipped. A line of column
    names at the top may give the columns in another order. Pairs may repeat. Raises InputFileError
    that names file and line.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputFileError(must_be("traffic matrix", "the path of a file", path, "Name one."))
    whole("n_cores", n_cores, 1, MAX_INT64, error=UsageError)
    thing = f"traffic matrix {path}"
    # Fast path: numpy parses all lines at once and the ranges are checked on the whole array.
    lines = _read_text(path, thing).splitlines()
    order, n_head = _column_order(lines, thing)
    table = _parsed(lines[n_head:])
    if table is None or not _is_within(table := table[:, order], n_cores):
        # Slow path, only for a wrong file: line by line, to name the first wrong one.
        raise _first_fault(lines, n_head, order, n_cores, thing)
    source, target, packets = (np.ascontiguousarray(column) for column in table.T)
    return TrafficMatrix(source, target, packets)


def _read_text(path: str | os.PathLike[str], thing: str) -> str:
    regular_file(thing, str(path), MAX_FILE_BYTES)
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputFileError(
            f"{thing}: must be UTF-8 text, got other bytes. Save it as CSV."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = getattr(error, "strerror", None) or "one that cannot be read"
        raise InputFileError(
            must_be(thing, "a readable file", reason, "Check the path.")
        ) from error


def _column_order(lines: list[str], thing: str) -> tuple[tuple[int, ...], int]:
    """Return the columns of source, destination and packets, and the number of lines to skip."""
    for number, line in enumerate(lines, start=1):
        fields = _fields(line)
        if fields:
            # A line without any whole number is a line of column names.
            is_header = not any(WHOLE_NUMBER.fullmatch(part) for part in fields)
            if is_header:
                return _order_of(fields, f"{thing}, line {number}"), number
            break
    return (0, 1, 2), 0


def _fields(line: str) -> list[str]:
    content = line.partition("#")[0].strip()
    return [part.strip() for part in content.split(",")] if content else []


def _parsed(lines: list[str]) -> np.ndarray | None:
    """Return the numbers of the lines, int64 [lines, 3], None if some are not three of them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of numpy about fractions, and about no lines at all
            table = np.loadtxt(lines, dtype=np.int64, delimiter=",", ndmin=2)
    except (ValueError, Warning):
        return None
    return table if table.shape[1] == len(COLUMNS) else None


def _is_within(table: np.ndarray, n_cores: int) -> bool:
    limits = (n_cores - 1, n_cores - 1, MAX_PACKETS)
    is_in_range = bool(((table >= 0) & (table <= limits)).all())
    return is_in_range and sum(table[:, 2].tolist()) <= MAX_PACKETS


def _first_fault(
    lines: list[str], n_head: int, order: tuple[int, ...], n_cores: int, thing: str
) -> InputFileError:
    """Return the error about the first wrong line."""
    total = 0
    for number, line in enumerate(lines[n_head:], start=n_head + 1):
        fields, where = _fields(line), f"{thing}, line {number}"
        try:
            total += _read_row(fields, order, n_cores, where)[2] if fields else 0
        except InputFileError as error:
            return error
        if total > MAX_PACKETS:
            limit = f"at most {MAX_PACKETS} packets in all"
            return InputFileError(must_be(where, limit, total, "Scale them down."))
    return InputFileError(f"{thing}: must be lines of {', '.join(COLUMNS)}, got none. Write some.")


def _order_of(fields: list[str], where: str) -> tuple[int, ...]:
    """Return the columns of source, destination and packets, by a line of column names."""
    # Each name of the header must match the words of exactly one column.
    named = [column for name in fields for column, words in enumerate(WORDS) if _names(name, words)]
    if len(fields) != len(COLUMNS) or sorted(named) != list(range(len(COLUMNS))):
        raise InputFileError(
            must_be(where, f"the columns {', '.join(COLUMNS)}", ",".join(fields), "Name these 3.")
        )
    return tuple(named.index(column) for column in range(len(COLUMNS)))


def _names(name: str, words: str) -> bool:
    """Return whether one of the words is in the name of a column, in any case."""
    return re.search(words, name.lower()) is not None


def _read_row(
    fields: list[str], order: tuple[int, ...], n_cores: int, where: str
) -> tuple[int, int, int]:
    if len(fields) != len(COLUMNS):
        raise InputFileError(
            must_be(
                where, f"3 columns ({', '.join(COLUMNS)})", f"{len(fields)}",
                "Separate them by commas.",
            )
        )  # fmt: skip
    highest = (n_cores - 1, n_cores - 1, MAX_PACKETS)
    remedies = ("Correct it or choose a larger chip.",) * 2 + ("Correct it or scale it down.",)
    values = []
    for column, position in enumerate(order):
        part, name = fields[position], f"{where}: {COLUMNS[column]}"
        if not WHOLE_NUMBER.fullmatch(part):
            raise InputFileError(must_be(name, "a whole number", part, "Correct it."))
        value = int(part[:30])  # 30 digits are out of range as well
        values.append(
            whole(name, value, 0, highest[column], remedy=remedies[column], error=InputFileError)
        )
    return values[0], values[1], values[2]
