"""Traffic between cores from a CSV file or an array."""

from __future__ import annotations

import os
import re
from array import array as growing_array
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.checks import MAX_INT64, array, must_be, regular_file, whole
from distsnn.chip import Chip
from distsnn.errors import InputFileError, UsageError

COLUMNS = ("source core", "destination core", "packets")
# What is in the name of each column.
WORDS = (r"source|src|\bfrom\b|\bpre\b", r"dest|dst|target|\bto\b|\bpost\b", r"packet|count")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
# So much can go over every link of the longest route and still be counted in 64 bits.
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
                must_be("traffic", "of shape (n_cores, n_cores)", matrix, "Give all pairs of cores.")
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
        if self.packets.size and int(self.packets.max()) * self.packets.size > MAX_PACKETS:
            total = sum(int(number) for number in self.packets)
            if total > MAX_PACKETS:
                limit = f"at most {MAX_PACKETS} packets in all"
                raise UsageError(must_be("traffic matrix", limit, total, "Scale it down."))


def read_matrix_file(path: str | os.PathLike[str], n_cores: int) -> TrafficMatrix:
    """Read lines ``source core, destination core, packets``.

    Cores are numbered row by row from 0. Empty lines and lines that start with # are skipped. One
    line of column names at the top may give the columns in another order. Pairs may repeat. Raises
    InputFileError that names file and line.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputFileError(must_be("traffic matrix", "the path of a file", path, "Name one."))
    whole("n_cores", n_cores, 1, MAX_INT64, error=UsageError)
    thing = f"traffic matrix {path}"
    rows = growing_array("q")
    total = 0
    order: tuple[int, ...] | None = None
    for number, line in enumerate(_text_of(path, thing).splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        fields = [part.strip() for part in content.split(",")]
        at = f"{thing}, line {number}"
        if order is None:
            is_header = not any(WHOLE_NUMBER.fullmatch(part) for part in fields)
            order = _order_of(fields, at) if is_header else (0, 1, 2)
            if is_header:
                continue
        rows.extend(_read_row(fields, order, n_cores, at))
        total += rows[-1]
        if total > MAX_PACKETS:
            limit = f"at most {MAX_PACKETS} packets in all"
            raise InputFileError(must_be(at, limit, total, "Scale them down."))
    if not rows:
        raise InputFileError(
            f"{thing}: must be lines of {', '.join(COLUMNS)}, got none. Write some."
        )
    source, target, packets = np.frombuffer(rows, dtype=np.int64).reshape(-1, len(COLUMNS)).T.copy()
    return TrafficMatrix(source, target, packets)


def _text_of(path: str | os.PathLike[str], thing: str) -> str:
    regular_file(thing, str(path), MAX_FILE_BYTES)
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputFileError(
            f"{thing}: must be UTF-8 text, got other bytes. Save it as CSV."
        ) from error
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise InputFileError(f"{thing}: {reason}. Check the path.") from error


def _order_of(fields: list[str], at: str) -> tuple[int, ...]:
    """Return the columns of source, destination and packets by a line of their names."""
    columns = [column for name in fields for column, words in enumerate(WORDS) if _names(name, words)]
    if len(fields) != len(COLUMNS) or sorted(columns) != list(range(len(COLUMNS))):
        raise InputFileError(
            must_be(at, f"the columns {', '.join(COLUMNS)}", ",".join(fields), "Name these 3.")
        )
    return tuple(columns.index(column) for column in range(len(COLUMNS)))


def _names(name: str, words: str) -> bool:
    """Return whether one of the words is in a column's name, whatever its case."""
    return re.search(words, name.lower()) is not None


def _read_row(
    fields: list[str], order: tuple[int, ...], n_cores: int, at: str
) -> tuple[int, int, int]:
    if len(fields) != len(COLUMNS):
        raise InputFileError(
            must_be(
                at, f"3 columns ({', '.join(COLUMNS)})", f"{len(fields)}",
                "Separate them by commas.",
            )
        )  # fmt: skip
    highest = (n_cores - 1, n_cores - 1, MAX_PACKETS)
    remedies = ("Correct it or choose a larger chip.",) * 2 + ("Correct it or scale it down.",)
    values = []
    for column, position in enumerate(order):
        part, name = fields[position], f"{at}: {COLUMNS[column]}"
        if not WHOLE_NUMBER.fullmatch(part):
            raise InputFileError(must_be(name, "a whole number", part, "Correct it."))
        value = int(part[:30])  # thirty digits are out of range as well
        values.append(
            whole(name, value, 0, highest[column], remedy=remedies[column], error=InputFileError)
        )
    return values[0], values[1], values[2]
