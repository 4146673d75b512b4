"""The edges of a file that a rank keeps in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from distsnn.errors import InputFileError
from distsnn.input_files.limits import refused
from distsnn.network.edges.summary import EdgeBlock, EdgeReader, EdgeSummary


class HeldEdges:
    """The edges that a rank keeps. starts, stops: the ranges of their targets, ascending."""

    def __init__(self, path: Path, summary: EdgeSummary) -> None:
        self._path, self._summary = path, summary
        self.starts, self.stops = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.edges = self._empty(0)

    def covers(self, start: int, stop: int) -> bool:
        """Return whether the edges onto the targets start .. stop - 1 are held."""
        # the last range that begins at ``start`` or before
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
            # A part of what is held is copied, so that the rest is let go.
            self.edges = _concatenated([self.onto(*limits) for limits in ranges], self._empty(0))
        else:
            self.edges = self._empty(0)  # what was held makes room before more is read
            self.edges = self._read(reader, ranges)
        self.starts, self.stops = starts, stops

    def _read(self, reader: EdgeReader, ranges: list[tuple[int, int]]) -> EdgeBlock:
        # Stage 1: which targets, and how many edges end at them.
        last = self._summary.largest[1]
        wanted = None
        if ranges != [(0, last + 1)]:
            wanted = np.zeros(max([last + 1, *(stop for _, stop in ranges)]), dtype=bool)
            for start, stop in ranges:
                wanted[start:stop] = True
        n = self._n_onto(wanted)
        # Stage 2: their edges go into arrays of that size, so that none is kept twice.
        out, at = self._empty(n), 0
        for block in reader.blocks(wanted) if n else ():
            stop = at + block.post.size
            if stop > n:
                raise _changed(self._path, n, stop)
            for column, values in _columns(out, block):
                column[at:stop] = values
            at = stop
        # Stage 3: the order of a list. The file may have changed since it was summarised.
        ordered = out.chosen(_order(out)) if at == n else out
        if at != n or not self._has_degrees(ordered.post, wanted):
            raise _changed(self._path, n, at)
        return ordered

    def _has_degrees(self, post: np.ndarray, wanted: np.ndarray | None) -> bool:
        """Return whether sorted targets occur as often as the summary says."""
        # where another target begins, the first one included
        starts = np.flatnonzero(np.diff(post, prepend=post[:1] + 1))
        is_own = slice(None) if wanted is None else wanted[self._summary.targets]
        return np.array_equal(post[starts], self._summary.targets[is_own]) and np.array_equal(
            np.diff(starts, append=post.size), self._summary.in_degrees[is_own]
        )

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


def joined_ranges(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in ascending order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        elif stop > start:
            joined.append((start, stop))
    return joined


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


def _order(edges: EdgeBlock) -> np.ndarray:
    """Return the order of edges by target, then source, then weight, then delay."""
    pairs = edges.post.astype(np.uint64) << np.uint64(32) | edges.pre
    order = np.argsort(pairs)
    ranked = pairs[order]
    is_same = ranked[1:] == ranked[:-1]
    if not is_same.any():
        return order
    # Only edges between the same two neurons need more than the pair to tell them apart.
    is_double = np.zeros(order.size, dtype=bool)
    is_double[1:] |= is_same
    is_double[:-1] |= is_same
    places = np.flatnonzero(is_double)
    # Equal pairs stand together, so that they change places among themselves.
    own = order[places]
    more = [c[own] for c in (edges.delays_ms, edges.weights) if c is not None]
    order[places] = own[np.lexsort([*more, pairs[own]])]
    return order


def _changed(path: Path, n: int, got: int) -> InputFileError:
    # The number may be right, and edges be onto other targets.
    limit = f"as it was when it was first read, with {n} edges onto these neurons"
    return refused(path, limit, got if got != n else "others", "Write the file only before a run.")
