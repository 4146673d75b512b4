"""What a network must know of all edges of a file, gathered block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

FEW = 1 << 16  # different weights or delays that are kept
DENSE = 1 << 24  # targets below it are counted in an array
HASHED_AT_ONCE = 1 << 14
MIX = tuple(np.uint64(k) for k in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True, eq=False)
class EdgeBlock:
    """Some edges. pre, post: whole numbers [n]. weights, delays_ms: float64 [n], None without."""

    pre: np.ndarray
    post: np.ndarray
    weights: np.ndarray | None
    delays_ms: np.ndarray | None

    def chosen(self, which: np.ndarray | slice) -> EdgeBlock:
        """Return some of the edges."""
        weights = None if self.weights is None else self.weights[which]
        delays_ms = None if self.delays_ms is None else self.delays_ms[which]
        return EdgeBlock(self.pre[which], self.post[which], weights, delays_ms)


class EdgeReader(Protocol):
    """A file of edges that is read again, in blocks."""

    @property
    def path(self) -> Path:
        """The file."""

    def blocks(self, wanted: np.ndarray | None) -> Iterator[EdgeBlock]:
        """Yield the edges onto wanted targets (bool [targets]; None: all). Raises InputFileError."""


@dataclass(frozen=True, eq=False)
class ColumnSummary:
    """Weights or delays of all edges.

    values, counts: the different values, ascending, and how many edges have each; None if there are
    more than ``FEW``.
    """

    low: float
    high: float
    mean: float
    values: np.ndarray | None
    counts: np.ndarray | None


@dataclass(frozen=True, eq=False)
class EdgeSummary:
    """All edges of a file, whatever their order.

    largest: source and target with the largest numbers. targets, in_degrees: uint32 and int64, the
    targets that have edges, ascending, and how many. digest: sum of a hash of each edge.
    """

    n: int
    largest: tuple[int, int]
    targets: np.ndarray
    in_degrees: np.ndarray
    weights: ColumnSummary | None
    delays_ms: ColumnSummary | None
    digest: int

    def counts(self, start: int, stop: int) -> np.ndarray:
        """Return the number of edges onto each target start .. stop - 1, int32."""
        here = slice(*np.searchsorted(self.targets, np.array([start, stop], dtype=np.uint32)))
        counts = np.zeros(stop - start, dtype=np.int32)
        counts[self.targets[here].astype(np.int64) - start] = self.in_degrees[here]
        return counts

    def renumbered(self, source: np.ndarray | None, target: np.ndarray) -> EdgeSummary:
        """Return the summary with source[i] and target[j] in the place of i and j.

        source: None leaves them. Both must be ascending where there are edges.
        """
        # Targets in new numbers, put back into ascending order.
        order = np.argsort(target[self.targets])
        targets = target[self.targets][order].astype(np.uint32)
        first, last = self.largest
        if self.n:
            first = first if source is None else int(source[first])
            last = int(targets[-1])
        return replace(
            self, largest=(first, last), targets=targets, in_degrees=self.in_degrees[order]
        )


class _ColumnTally:
    """Gathers a column of numbers."""

    def __init__(self) -> None:
        self.n, self.total, self.low, self.high = 0, 0.0, np.inf, -np.inf
        self.values: np.ndarray | None = np.zeros(0)
        self.counts = np.zeros(0, dtype=np.int64)

    def add(self, values: np.ndarray) -> None:
        if not values.size:
            return
        self.n += values.size
        # The sum depends on the order of blocks, which is the same on every rank.
        self.total += float(values.sum())
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        if self.values is None:
            return
        # Different values of this block among those of the blocks before.
        kinds, counts = np.unique(values, return_counts=True)
        both = np.concatenate([self.values, kinds])
        self.values, place = np.unique(both, return_inverse=True)
        merged = np.zeros(self.values.size, dtype=np.int64)
        np.add.at(merged, place, np.concatenate([self.counts, counts]))
        self.counts = merged
        # Continuous weights would grow with the file, not with what a rank owns.
        if self.values.size > FEW:
            self.values = None

    def summary(self) -> ColumnSummary:
        if not self.n:
            return ColumnSummary(0.0, 0.0, 0.0, np.zeros(0), np.zeros(0, dtype=np.int64))
        if self.values is None:
            return ColumnSummary(self.low, self.high, self.total / self.n, None, None)
        # Of the different values, so that the mean does not depend on the order of edges.
        mean = float(self.values @ self.counts) / self.n
        return ColumnSummary(self.low, self.high, mean, self.values, self.counts)


class EdgeTally:
    """Gathers what ``EdgeSummary`` says of edges; has: which of weights and delays there are."""

    def __init__(self, has_weights: bool, has_delays: bool) -> None:
        self._n, self._digest = 0, 0
        self._largest = [0, 0]
        self._dense = np.zeros(0, dtype=np.int64)
        self._sparse = np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64)
        self._weights = _ColumnTally() if has_weights else None
        self._delays = _ColumnTally() if has_delays else None

    def add(self, block: EdgeBlock, keys: tuple[np.ndarray, np.ndarray] | None = None) -> None:
        """Add edges. keys: uint64, what stands for source and target in the digest, if not they."""
        if not block.post.size:
            return
        self._n += block.post.size
        for place, ends in enumerate((block.pre, block.post)):
            self._largest[place] = max(self._largest[place], int(ends.max()))
        self._count(block.post)
        for tally, values in ((self._weights, block.weights), (self._delays, block.delays_ms)):
            if tally is not None and values is not None:
                tally.add(values)
        pre, post = keys or (block.pre.astype(np.uint64), block.post.astype(np.uint64))
        self._digest = (self._digest + _hash_sum(pre, post, block)) & 0xFFFFFFFFFFFFFFFF

    def summary(self) -> EdgeSummary:
        """Return the summary of all edges that were added."""
        # Large numbers follow the others, so that targets stay ascending.
        dense = np.flatnonzero(self._dense)
        targets, counts = self._sparse
        return EdgeSummary(
            self._n,
            (self._largest[0], self._largest[1]),
            np.concatenate([dense.astype(np.uint32), targets]),
            np.concatenate([self._dense[dense], counts]),
            None if self._weights is None else self._weights.summary(),
            None if self._delays is None else self._delays.summary(),
            self._digest,
        )

    def _count(self, post: np.ndarray) -> None:
        """Count the edges onto each target; large numbers, which no network has, are kept apart."""
        is_large = post >= DENSE
        if is_large.any():
            kinds, counts = np.unique(post[is_large].astype(np.uint32), return_counts=True)
            both = np.concatenate([self._sparse[0], kinds])
            targets, place = np.unique(both, return_inverse=True)
            merged = np.zeros(targets.size, dtype=np.int64)
            np.add.at(merged, place, np.concatenate([self._sparse[1], counts]))
            self._sparse = targets, merged
            post = post[~is_large]
        # The array grows with the largest target that was met.
        counts = np.bincount(post, minlength=self._dense.size)
        counts[: self._dense.size] += self._dense
        self._dense = counts


def _hash_sum(pre: np.ndarray, post: np.ndarray, block: EdgeBlock) -> int:
    """Return the sum of a hash of each edge, modulo 2^64: the same in any order of edges."""
    total = 0
    columns = [c for c in (pre, post, block.weights, block.delays_ms) if c is not None]
    # Short pieces, whose intermediate results stay in the cache.
    for start in range(0, pre.size, HASHED_AT_ONCE):
        piece = slice(start, start + HASHED_AT_ONCE)
        state = np.zeros(pre[piece].size, dtype=np.uint64)
        # x = (x ^ column) m1 + m0; x ^= x >> 29; x *= m2; x ^= x >> 32: the steps of splitmix64, once
        # for each column; -0.0 is 0.0
        for column in columns:
            own = column[piece]
            state ^= (own + 0.0).view(np.uint64) if own.dtype.kind == "f" else own
            state *= MIX[1]
            state += MIX[0]
            state ^= state >> np.uint64(29)
            state *= MIX[2]
            state ^= state >> np.uint64(32)
        total += int(state.sum(dtype=np.uint64))
    return total
