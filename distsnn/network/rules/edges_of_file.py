"""Synapses in a file, of which a rank reads and keeps those onto its own neurons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.network.distributions.listed import Listed
from distsnn.network.edges.held import HeldEdges, joined_ranges
from distsnn.network.edges.listed_in_file import ListedInFile
from distsnn.network.edges.summary import EdgeBlock, EdgeReader, EdgeSummary
from distsnn.network.rules.ends import Ends, Streams
from distsnn.network.rules.listing import Listing


@dataclass(eq=False, repr=False, init=False)
class EdgesOfFile(Listing):
    """One synapse for each edge of a file.

    A rank keeps the edges onto the targets that it was told to ``hold``, sorted by target, then source,
    weight and delay. A question about other targets has the whole file read and kept until the next
    ``hold``. pre, post, weights, delays_ms: of all edges; see ``ExplicitList``.
    """

    summary: EdgeSummary

    def __init__(self, reader: EdgeReader, summary: EdgeSummary) -> None:
        self.summary = summary
        # Not fields: ranks compare summaries, not where their files are and what they hold.
        self._reader, self._held = reader, HeldEdges(reader.path, summary)

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self.summary.n} edges from {self._reader.path}"

    @property
    def n_synapses(self) -> int:
        """Number of edges of the file."""
        return self.summary.n

    @property
    def n_held(self) -> int:
        """Number of edges that this rank keeps in memory."""
        return int(self._held.edges.post.size)

    @property
    def pre(self) -> np.ndarray:
        """Sources of all edges, uint32."""
        return self._all().pre

    @property
    def post(self) -> np.ndarray:
        """Targets of all edges, uint32."""
        return self._all().post

    @property
    def weights(self) -> np.ndarray | None:
        """Weights of all edges, float64; None where the file has none."""
        return None if self.summary.weights is None else self._all().weights

    @property
    def delays_ms(self) -> np.ndarray | None:
        """Delays of all edges, float64; None where the file has none."""
        return None if self.summary.delays_ms is None else self._all().delays_ms

    def hold(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Keep the edges onto the targets start .. stop - 1 of each range, and no others."""
        self._held.load(self._reader, joined_ranges(ranges))

    def largest(self) -> tuple[int, int]:
        """Return the largest index of a source and that of a target, 0 for an empty list."""
        return self.summary.largest

    def ends_of(self) -> tuple[np.ndarray, np.ndarray]:
        """Return source and target of all edges, uint32."""
        edges = self._all()
        return edges.pre, edges.post

    def own_values(self, what: str) -> Listed | None:
        """Return weights or delays (``what``: weights, delays_ms), None where the file has none."""
        column = self.summary.weights if what == "weights" else self.summary.delays_ms
        return None if column is None else ListedInFile(what, column, self._reader)

    def values_onto(self, values: Listed, start: int, stop: int) -> np.ndarray:
        """Return those of the targets start .. stop - 1, float64."""
        edges = self._onto(start, stop)
        column = edges.weights if values.column == "weights" else edges.delays_ms
        return np.empty(0) if column is None else column

    def renumbered(self, source: np.ndarray, target: np.ndarray) -> EdgesOfFile:
        """Return the edges with source[i] and target[j] in the place of i and j."""
        reader = _Renumbered(self._reader, source, target)
        return EdgesOfFile(reader, self.summary.renumbered(source, target))

    def most_in_degree(self, ends: Ends) -> int:
        """Return the largest number of synapses of a target."""
        return int(self.summary.in_degrees.max(initial=0))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        return self.summary.counts(start, stop)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        out[:] = self._onto(start, start + counts.size).pre

    def _onto(self, start: int, stop: int) -> EdgeBlock:
        if not self._held.covers(start, stop):
            self._all()
        return self._held.onto(start, stop)

    def _all(self) -> EdgeBlock:
        everything = [(0, self.summary.largest[1] + 1)]
        if not self._held.covers(*everything[0]):
            self._held.load(self._reader, everything)
        return self._held.edges


@dataclass(frozen=True, eq=False)
class _Renumbered:
    """A reader whose neurons are called source[i] and target[j] instead of i and j."""

    reader: EdgeReader
    source: np.ndarray
    target: np.ndarray

    @property
    def path(self) -> Path:
        return self.reader.path

    def blocks(self, wanted: np.ndarray | None) -> Iterator[EdgeBlock]:
        inner = None if wanted is None else wanted[self.target]
        for block in self.reader.blocks(inner):
            pre, post = self.source[block.pre], self.target[block.post]
            yield EdgeBlock(pre, post, block.weights, block.delays_ms)
