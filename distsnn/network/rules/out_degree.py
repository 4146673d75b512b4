"""The same number of synapses from every source, onto targets chosen at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared
from distsnn.kernels.draw.out_degree import LEAF_NUMBER, place_out_degree
from distsnn.kernels.draw.total import STACK_ROWS
from distsnn.kernels.numbers.threefry import CHUNK
from distsnn.network.rules.ends import (
    MAX_TARGETS,
    Ends,
    Streams,
    random_bound,
    require_options,
)


@dataclass(frozen=True)
class FixedOutDegree:
    """``k`` synapses from every source.

    multapses: a target may be chosen several times. autapses: a neuron may be its own target.
    """

    k: int
    multapses: bool = True
    autapses: bool = True

    def __post_init__(self) -> None:
        declared(self, limits={"k": (0, MAX_TARGETS)})

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        options = ends.n_target - ends.excludes_self(self.autapses)
        require_options(f"{ends.name}: FixedOutDegree.k", self.k, options, self, ends)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.most_synapses(ends))

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        return int(self.k) * ends.n_source

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that no target's synapses exceed (mean + 10 deviations)."""
        # A target gets Binomial(k n_source, 1 / n_target) synapses: the mean is k n_source / n_target.
        options = ends.n_target - ends.excludes_self(self.autapses)
        most = random_bound(self.most_synapses(ends), 1.0 / max(1, options))
        return most if self.multapses else min(most, ends.n_options(self.autapses))

    def _arrays(self, ends: Ends, streams: Streams, start: int) -> tuple[np.ndarray, ...]:
        """Return the parameters and the scratch arrays of the kernel."""
        # The targets of a source are drawn together, so any range of targets walks over all sources.
        low, high = streams.key("targets")
        without_self = ends.excludes_self(self.autapses)
        numbers = (low, high, int(self.k), ends.n_source, ends.n_target, without_self)
        return (
            np.array([*numbers, int(self.multapses), start], dtype=np.int64),
            np.empty((STACK_ROWS, 4), dtype=np.int64),
            np.empty(4 * LEAF_NUMBER, dtype=np.uint32),
            np.empty(CHUNK, dtype=np.uint32),
            np.empty(int(self.k) + 1, dtype=np.uint32),
            np.empty(int(self.k) + 1, dtype=np.uint32),
        )

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        # First pass: the same draws, of which only the number per target is kept.
        counts = np.zeros(stop - start, dtype=np.int64)
        nowhere = np.empty(0, dtype=np.uint32)
        place_out_degree(*self._arrays(ends, streams, start), counts, nowhere)
        return counts.astype(np.int32)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on, ascending for each target."""
        if out.size:
            # Second pass: position of the next source of each target in ``out``.
            places = np.cumsum(counts, dtype=np.int64) - counts
            place_out_degree(*self._arrays(ends, streams, start), places, out)
