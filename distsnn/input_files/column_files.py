"""Files of columns, Parquet and CSV, read in batches of rows through pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from distsnn.checks import must_be
from distsnn.errors import InputFileError
from distsnn.input_files.limits import decoding

ROWS_AT_ONCE = 1 << 19
CSV_BYTES_AT_ONCE = 1 << 24
PARQUET_MAGIC = b"PAR1"
HOW = "Run `pip install distsnn[tables]`."
WHOLE_PARQUET, WHOLE_CSV = "a whole Parquet file", "a CSV table with column names"

# A column, and whether its entries from a lowest to a highest one matter.
Likely = tuple[str, Callable[[Any, Any], bool]]


class ColumnFile(Protocol):
    """A file of columns. types: pyarrow types by name. n_read: groups of rows read so far."""

    types: dict[str, Any]
    n_read: int

    def batches(self, columns: list[str], likely: Likely | None) -> Iterator[tuple[int, Any]]:
        """Yield the number of the first row of a batch and the batch."""

    def widen(self) -> bool:
        """Take the types that hold all entries; return whether they are others than before."""


def open_columns(path: Path) -> ColumnFile:
    """Return a file of columns; the format is told by its first bytes. Raises InputFileError."""
    try:
        import pyarrow  # noqa: F401 - only looked for
    except ImportError:
        limit, got = "readable with pyarrow", "no pyarrow"
        raise InputFileError(must_be(f"{path}", limit, got, HOW)) from None
    with open(path, "rb") as file:
        is_parquet = file.read(4) == PARQUET_MAGIC
    return ParquetFile(path) if is_parquet else CsvFile(path)


class ParquetFile:
    """A Parquet file; groups of rows whose bounds exclude what matters are not read."""

    def __init__(self, path: Path) -> None:
        from pyarrow import parquet

        self.path, self.n_read = path, 0
        with decoding(path, WHOLE_PARQUET), parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            self.types = dict(zip(schema.names, schema.types, strict=True))

    def widen(self) -> bool:
        """Return False: the file says its types."""
        return False

    def batches(self, columns: list[str], likely: Likely | None) -> Iterator[tuple[int, Any]]:
        """Yield the number of the first row of a batch and the batch."""
        from pyarrow import parquet

        first = 0
        with parquet.ParquetFile(self.path) as file:
            for group in range(file.metadata.num_row_groups):
                about = file.metadata.row_group(group)
                # Rows that are left out count, so that messages name rows by their place in the file.
                if likely is None or _may_matter(about, *likely):
                    self.n_read += 1
                    at = first
                    for batch in file.iter_batches(ROWS_AT_ONCE, [group], columns):
                        yield at, batch
                        at += batch.num_rows
                first += about.num_rows


def _may_matter(group: Any, name: str, likely: Callable[[Any, Any], bool]) -> bool:
    """Return whether a group of rows may have entries of a column that matter."""
    for k in range(group.num_columns):
        column = group.column(k)
        if column.path_in_schema == name:
            # A writer may leave out bounds, of all columns or of some groups.
            bounds = column.statistics if column.is_stats_set else None
            if bounds is None or not bounds.has_min_max:
                return True
            return likely(bounds.min, bounds.max)
    return True


class CsvFile:
    """A CSV file with column names."""

    def __init__(self, path: Path) -> None:
        self.path, self.n_read = path, 0
        with decoding(path, WHOLE_CSV):
            self.types = self._of_first_block()

    def widen(self) -> bool:
        """Take the types that hold all entries; return whether they are others than before."""
        # A reader in blocks infers types from the first one; one of the whole file from all of it.
        before = self.types
        with decoding(self.path, WHOLE_CSV):
            self.types = self._of_whole_file()
        return before != self.types

    def batches(self, columns: list[str], likely: Likely | None) -> Iterator[tuple[int, Any]]:
        """Yield the number of the first row of a batch and the batch."""
        from pyarrow import csv

        first = 0
        # With types given, no block is read as another type than the blocks before.
        options = csv.ConvertOptions(column_types=self.types, include_columns=columns)
        with csv.open_csv(self.path, self._in_blocks(), convert_options=options) as reader:
            for batch in reader:
                self.n_read += 1
                yield first, batch
                first += batch.num_rows

    def _in_blocks(self) -> Any:
        from pyarrow import csv

        return csv.ReadOptions(block_size=CSV_BYTES_AT_ONCE)

    def _of_first_block(self) -> dict[str, Any]:
        from pyarrow import csv

        if self.path.stat().st_size <= CSV_BYTES_AT_ONCE:
            return self._of_whole_file()
        with csv.open_csv(self.path, self._in_blocks()) as reader:
            return dict(zip(reader.schema.names, reader.schema.types, strict=True))

    def _of_whole_file(self) -> dict[str, Any]:
        from pyarrow import csv

        schema = csv.read_csv(self.path).schema
        return dict(zip(schema.names, schema.types, strict=True))
