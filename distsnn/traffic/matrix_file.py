"""Traffic between cores from a CSV file or an array."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.checks import MAX_INT64, array, must_be, whole
from distsnn.chip import Chip
from distsnn.errors import InputFileError, UsageError, describe

COLUMNS = ("source core", "destination core", "packets")
HEADER_WORDS = (r"source|src|\bfrom\b", r"dest|dst|target|\bto\b", r"packet|count")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
# So much can go over every link of the longest route and still be counted in 64 bits.
MOST_PACKETS = 1 << 52


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
                limit = f"0 to {chip.n_cores - 1} on chip {chip.name}"
                raise UsageError(
                    describe("traffic matrix", "names core", wrong, limit, "Use a larger chip.")
                )
        if self.packets.size and int(self.packets.max()) * self.packets.size >= MOST_PACKETS:
            total = sum(int(number) for number in self.packets)
            if total >= MOST_PACKETS:
                raise UsageError(
                    describe("traffic matrix", "has packets", total, MOST_PACKETS, "Scale it down.")
                )


def read_matrix_file(path: str | os.PathLike[str], n_cores: int) -> TrafficMatrix:
    """Read lines ``source core, destination core, packets``.

    Cores are numbered row by row from 0. Empty lines and lines that start with # are skipped. One
    line of column names may be at the top, and says the order of the columns. Pairs may repeat.
    Raises InputFileError that names file and line.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise InputFileError(must_be("traffic matrix", "the path of a file", path, "Name one."))
    whole("n_cores", n_cores, 1, MAX_INT64, error=UsageError)
    thing = f"traffic matrix {path}"
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputFileError(f"{thing}: is not UTF-8 text. Save it as CSV.") from error
    except (OSError, ValueError) as error:  # ValueError: NUL in its name
        reason = getattr(error, "strerror", None) or "cannot be read"
        raise InputFileError(f"{thing}: {reason}. Check the path.") from error
    rows: list[tuple[int, int, int]] = []
    order: tuple[int, ...] = (0, 1, 2)
    total = 0
    is_first = True
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        fields = [part.strip() for part in content.split(",")]
        if is_first and not any(WHOLE_NUMBER.fullmatch(part) for part in fields):
            is_first = False
            order = _order_of_header(fields, f"{thing}, line {number}")
            continue
        is_first = False
        rows.append(_read_row(fields, order, n_cores, f"{thing}, line {number}"))
        total += rows[-1][2]
        if total >= MOST_PACKETS:
            raise InputFileError(
                describe(f"{thing}, line {number}", "sums up to", total, MOST_PACKETS, "Scale it.")
            )
    if not rows:
        raise InputFileError(
            f"{thing}: has 0 lines of traffic, limit 1 and up. Write {', '.join(COLUMNS)}."
        )
    source, target, packets = np.array(rows, dtype=np.int64).T
    return TrafficMatrix(source, target, packets)


def _order_of_header(fields: list[str], where: str) -> tuple[int, ...]:
    """Return the places of source, destination and packets in lines under such a header."""
    order = [
        [k for k, part in enumerate(fields) if re.search(words, part.lower())]
        for words in HEADER_WORDS
    ]
    places = [found[0] for found in order if len(found) == 1]
    if len(fields) != len(COLUMNS) or sorted(places) != [0, 1, 2]:
        raise InputFileError(
            f"{where}: has {','.join(fields)[:60]!r}, limit {', '.join(COLUMNS)}. Write 3 columns."
        )
    return tuple(places)


def _read_row(
    fields: list[str], order: tuple[int, ...], n_cores: int, where: str
) -> tuple[int, int, int]:
    if len(fields) != len(COLUMNS):
        raise InputFileError(
            f"{where}: has {len(fields)} columns, limit 3 ({', '.join(COLUMNS)}). "
            "Separate them by commas."
        )
    values = []
    for name, place in zip(COLUMNS, order, strict=True):
        part = fields[place]
        if not WHOLE_NUMBER.fullmatch(part):
            raise InputFileError(
                f"{where}: {name} is {part[:40]!r}, limit a whole number. Correct it."
            )
        values.append(int(part[:30]))  # thirty digits are out of range as well
    for name, value in zip(COLUMNS[:2], values[:2], strict=True):
        if not 0 <= value < n_cores:
            raise InputFileError(
                f"{where}: {name} is {value}, limit 0 to {n_cores - 1}. "
                "Correct it or choose a larger chip."
            )
    if values[2] < 0:
        raise InputFileError(f"{where}: packets is {values[2]}, limit 0 and up. Correct it.")
    return values[0], values[1], values[2]
