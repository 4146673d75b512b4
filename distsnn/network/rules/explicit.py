"""Synapses given one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import array, must_be
from distsnn.errors import NetworkError
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules.ends import Ends, Streams
from distsnn.network.rules.listing import SUBJECT, Listing

MAX_INDEX = 0xFFFFFFFE


@dataclass(frozen=True, eq=False)
class ExplicitList(Listing):
    """One synapse from pre[i] to post[i]; optionally with its own weight and delay.

    Any sequences are taken. They are kept sorted by post, for each target in the given order: pre,
    post uint32 [n]; weights (in the receptor's unit) and delays_ms float64 [n], or None where the
    projection says them.
    """

    pre: Any
    post: Any
    weights: Any = None
    delays_ms: Any = None

    def __post_init__(self) -> None:
        pre, post = (
            array(f"{SUBJECT}.{name}", values, "i", low=0, high=MAX_INDEX).astype(np.uint32)
            for name, values in (("pre", self.pre), ("post", self.post))
        )
        # Stable: synapses of a target keep the order in which they were given.
        order = np.argsort(post, kind="stable")
        columns: dict[str, np.ndarray | None] = {"pre": pre, "post": post}
        for name in ("weights", "delays_ms"):
            values = getattr(self, name)
            columns[name] = None if values is None else array(f"{SUBJECT}.{name}", values, "f")
        for name, column in columns.items():
            if column is not None and column.size != post.size:
                limit = f"of {post.size} entries, as post has"
                raise NetworkError(
                    must_be(f"{SUBJECT}.{name}", limit, column.size, "Give one per synapse.")
                )
            object.__setattr__(self, name, None if column is None else column[order])

    @property
    def n_synapses(self) -> int:
        """Number of synapses."""
        return int(self.post.size)

    def largest(self) -> tuple[int, int]:
        """Return the largest index of a source and that of a target, 0 for an empty list."""
        return int(self.pre.max(initial=0)), int(self.post.max(initial=0))

    def ends_of(self) -> tuple[np.ndarray, np.ndarray]:
        """Return source and target of all synapses, uint32."""
        return self.pre, self.post

    def own_values(self, what: str) -> Listed | None:
        """Return the list's own weights or delays (``what``: weights, delays_ms), None without."""
        values = self.weights if what == "weights" else self.delays_ms
        return None if values is None else Listed(values)

    def values_onto(self, values: Listed, start: int, stop: int) -> np.ndarray:
        """Return those of the targets start .. stop - 1, float64."""
        return values.values[self.places(start, stop)]

    def renumbered(self, source: np.ndarray, target: np.ndarray) -> ExplicitList:
        """Return the list with source[i] and target[j] in the place of i and j."""
        pre, post = source[self.pre.astype(np.int64)], target[self.post.astype(np.int64)]
        return ExplicitList(pre, post, self.weights, self.delays_ms)

    def most_in_degree(self, ends: Ends) -> int:
        """Return the largest number of synapses of a target."""
        if not self.post.size:
            return 0
        # The list is sorted by target: runs of equal targets, of which the longest counts.
        starts = np.flatnonzero(np.concatenate([[True], self.post[1:] != self.post[:-1]]))
        return int(np.diff(np.append(starts, self.post.size)).max())

    def places(self, start: int, stop: int) -> slice:
        """Return where the synapses of the targets start .. stop - 1 are in the sorted list."""
        # Sorted by target, so that a range of targets is a range of the list. Numbers of another type
        # would have the whole list converted.
        first, end = np.searchsorted(self.post, np.array([start, stop], dtype=np.uint32))
        return slice(int(first), int(end))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        targets = self.post[self.places(start, stop)].astype(np.int64) - start
        return np.bincount(targets, minlength=stop - start).astype(np.int32)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        out[:] = self.pre[self.places(start, start + counts.size)]
