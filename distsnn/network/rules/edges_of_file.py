"""Synapses in a file, of which a rank reads and keeps those onto its own neurons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError
from distsnn.input_files.limits import refused
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules.edge_summary import (
    ColumnSummary,
    EdgeBlock,
    EdgeReader,
    EdgeSummary,
)
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
        self._reader, self._held = reader, _Held(reader.path, summary)

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
        self._held.load(self._reader, _joined(ranges))

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


class _Held:
    """The edges that a rank keeps. starts, stops: the ranges of their targets, ascending."""

    def __init__(self, path: Path, summary: EdgeSummary) -> None:
        self._path, self._summary = path, summary
        self.starts, self.stops = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.edges = self._empty(0)

    def covers(self, start: int, stop: int) -> bool:
        """Return whether the edges onto the targets start .. stop - 1 are held."""
        k = int(np.searchsorted(self.starts, start, side="right")) - 1
        return k >= 0 and stop <= int(self.stops[k])

    def onto(self, start: int, stop: int) -> EdgeBlock:
        """Return the edges onto held targets start .. stop - 1."""
        # Numbers of another type would have the whole array converted.
        limits = np.array([start, stop], dtype=np.uint32)
        return self.edges.chosen(slice(*np.searchsorted(self.edges.post, limits).tolist()))

    def load(self, reader: EdgeReader, ranges: list[tuple[int, int]]) -> None:
        """Hold the edges onto the targets of ranges (ascending, apart); held ones are not read."""
        starts, stops = np.array(ranges, dtype=np.int64).reshape(-1, 2).T
        if np.array_equal(starts, self.starts) and np.array_equal(stops, self.stops):
            return
        if all(self.covers(*limits) for limits in ranges):
            self.edges = _concatenated([self.onto(*limits) for limits in ranges], self._empty(0))
        else:
            self.edges = self._empty(0)  # what was held makes room before more is read
            self.edges = self._read(reader, ranges)
        self.starts, self.stops = starts, stops

    def _read(self, reader: EdgeReader, ranges: list[tuple[int, int]]) -> EdgeBlock:
        last = self._summary.largest[1]
        wanted = None
        if ranges != [(0, last + 1)]:
            wanted = np.zeros(max([last + 1, *(stop for _, stop in ranges)]), dtype=bool)
            for start, stop in ranges:
                wanted[start:stop] = True
        n = self._n_onto(wanted)
        out, at = self._empty(n), 0
        for block in reader.blocks(wanted) if n else ():
            stop = at + block.post.size
            if stop > n:
                raise _changed(self._path, n, stop)
            for column, values in _columns(out, block):
                column[at:stop] = values
            at = stop
        if at != n:
            raise _changed(self._path, n, at)
        return out.chosen(sorted_edges(out))

    def _n_onto(self, wanted: np.ndarray | None) -> int:
        degrees = self._summary.in_degrees
        if wanted is not None:
            degrees = degrees[wanted[self._summary.targets]]
        return int(degrees.sum())

    def _empty(self, n: int) -> EdgeBlock:
        weights, delays_ms = (
            None if column is None else np.empty(n)
            for column in (self._summary.weights, self._summary.delays_ms)
        )
        pre, post = (np.empty(n, dtype=np.uint32) for _ in range(2))
        return EdgeBlock(pre, post, weights, delays_ms)


def _columns(out: EdgeBlock, block: EdgeBlock) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs of the columns of two blocks, those that both have."""
    pairs = (
        (out.pre, block.pre), (out.post, block.post), (out.weights, block.weights),
        (out.delays_ms, block.delays_ms),
    )  # fmt: skip
    for column, values in pairs:
        if column is not None and values is not None:
            yield column, values


def _concatenated(parts: list[EdgeBlock], empty: EdgeBlock) -> EdgeBlock:
    """Return all edges of parts; empty: no edges, with the columns that parts have."""
    parts = parts or [empty]
    weights = [part.weights for part in parts if part.weights is not None]
    delays = [part.delays_ms for part in parts if part.delays_ms is not None]
    return EdgeBlock(
        np.concatenate([part.pre for part in parts]),
        np.concatenate([part.post for part in parts]),
        np.concatenate(weights) if weights else None,
        np.concatenate(delays) if delays else None,
    )


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in ascending order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        elif stop > start:
            joined.append((start, stop))
    return joined


def sorted_edges(edges: EdgeBlock) -> np.ndarray:
    """Return the order of edges by target, then source, then weight, then delay."""
    pairs = edges.post.astype(np.uint64) << np.uint64(32) | edges.pre
    order = np.argsort(pairs)
    ranked = pairs[order]
    # Only edges between the same two neurons need more than the pair to tell them apart.
    is_double = np.zeros(order.size, dtype=bool)
    is_same = ranked[1:] == ranked[:-1]
    is_double[1:] |= is_same
    is_double[:-1] |= is_same
    places = np.flatnonzero(is_double)
    if places.size:
        own = order[places]
        more = [c[own] for c in (edges.delays_ms, edges.weights) if c is not None]
        order[places] = own[np.lexsort([*more, pairs[own]])]
    return order


def _changed(path: Path, n: int, got: int) -> InputFileError:
    limit = f"as it was when it was first read, with {n} edges onto these neurons"
    return refused(path, limit, got, "Write the file only before a run.")
