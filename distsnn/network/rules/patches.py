"""A fixed number of sources from each of several patches: dense locally, sparse globally."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared, must_be, whole
from distsnn.errors import NetworkError
from distsnn.kernels.draw.sources import fill_patch_sources
from distsnn.kernels.numbers.threefry import CHUNK
from distsnn.network.rules.ends import MAX_TARGETS, Ends, Streams

FROM_0 = "Patches count from 0."


@dataclass(frozen=True)
class PatchInDegree:
    """``k`` sources from each patch listed for the target's own patch, repeats allowed.

    source_patches[p]: indices of patches of the source population, for the targets of patch p; a
    patch listed twice gives 2 k. autapses: a neuron may be its own source.
    """

    k: int
    source_patches: Sequence[Sequence[int]]
    autapses: bool = True

    def __post_init__(self) -> None:
        declared(self, limits={"k": (0, MAX_TARGETS)})
        try:
            rows = tuple(tuple(row) for row in self.source_patches)
        except TypeError:
            limit, remedy = "a list of lists", "Give the source patches of each target patch."
            subject = "PatchInDegree.source_patches"
            raise NetworkError(must_be(subject, limit, self.source_patches, remedy)) from None
        listed = tuple(
            tuple(
                whole("PatchInDegree.source_patches", patch, 0, MAX_TARGETS, remedy=FROM_0)
                for patch in row
            )
            for row in rows
        )
        object.__setattr__(self, "source_patches", listed)

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        subject = f"{ends.name}: PatchInDegree"
        if len(self.source_patches) != ends.target_patches:
            limit = f"{ends.target_patches} rows, one for each patch of the target"
            got = len(self.source_patches)
            raise NetworkError(must_be(f"{subject}.source_patches", limit, got, "Change it."))
        for row in self.source_patches:
            for patch in row:
                most = ends.source_patches - 1
                whole(f"{subject}.source_patches", patch, 0, most, remedy=FROM_0)
        if self._is_impossible(ends):
            raise NetworkError(
                f"{subject}: a patch must have a source that is not the target itself, got one "
                "neuron. Allow autapses or make patches larger."
            )

    def _is_impossible(self, ends: Ends) -> bool:
        # Only a patch of one neuron that is listed for itself leaves no source.
        is_single = ends.n_source // ends.source_patches == 1
        own = any(patch in row for patch, row in enumerate(self.source_patches))
        return bool(self.k and ends.excludes_self(self.autapses) and is_single and own)

    def _n_listed(self) -> np.ndarray:
        return np.array([len(row) for row in self.source_patches], dtype=np.int64)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.most_synapses(ends))

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        # k for each target and each patch listed for its own patch
        return int(self.k) * int(self._n_listed().sum()) * (ends.n_target // ends.target_patches)

    def most_in_degree(self, ends: Ends) -> int:
        """Return the largest number of synapses of a target."""
        return int(self.k) * int(self._n_listed().max(initial=0))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        # patch of a target = target // (targets per patch)
        patch = np.arange(start, stop) // (ends.n_target // ends.target_patches)
        return (self._n_listed()[patch] * int(self.k)).astype(np.int32)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on, listed patch by listed patch."""
        low, high = streams.key("sources")
        target_size = ends.n_target // ends.target_patches
        source_size = ends.n_source // ends.source_patches
        # The lists of the patches that hold these targets, one after the other.
        first = start // target_size
        last = -(-(start + counts.size) // target_size)
        rows = self.source_patches[first:last]
        row_start = np.concatenate([[0], np.cumsum(self._n_listed()[first:last])])
        patches = np.array([patch for row in rows for patch in row], dtype=np.int64)
        numbers = np.array(
            [low, high, self.k, target_size, source_size, ends.excludes_self(self.autapses), first],
            dtype=np.int64,
        )
        spare = np.empty(CHUNK, dtype=np.uint32)
        fill_patch_sources(start, start + counts.size, numbers, row_start, patches, spare, out)
