"""Weights or delays of the edges of a file, of which the whole is not in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.network.distributions.listed import Listed
from distsnn.network.edges.summary import ColumnSummary, EdgeReader


@dataclass(eq=False, init=False)
class ListedInFile(Listed):
    """Weights or delays (``column``: weights, delays_ms) of the edges of a file."""

    column: str
    summary: ColumnSummary

    def __init__(self, column: str, summary: ColumnSummary, reader: EdgeReader) -> None:
        self.column, self.summary, self._reader = column, summary, reader

    @property
    def values(self) -> np.ndarray:
        """The different values, float64, ascending."""
        return self.repeated()[0]

    def repeated(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the different values, and how many edges have each of them."""
        if self.summary.values is not None:
            return self.summary.values, self.summary.counts
        # Too many to be kept: read whenever they are needed, which is a few times in a run.
        blocks = self._reader.blocks(None)
        of_blocks = (b.weights if self.column == "weights" else b.delays_ms for b in blocks)
        columns = [column for column in of_blocks if column is not None]
        values, counts = np.unique(np.concatenate(columns), return_counts=True)
        return values, counts

    def expected(self) -> float:
        """Return the mean, 0 for an empty list."""
        return self.summary.mean

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and the largest value, 0 for an empty list."""
        return self.summary.low, self.summary.high
