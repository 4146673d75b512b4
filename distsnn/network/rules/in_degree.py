"""The same number of synapses onto every target, from sources chosen at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared
from distsnn.network.rules.ends import MAX_TARGETS, Ends, Streams, require_options
from distsnn.network.rules.fillers import fill_distinct, fill_repeating


@dataclass(frozen=True)
class FixedInDegree:
    """``k`` synapses onto every target.

    multapses: a source may be chosen several times. autapses: a neuron may be its own source.
    """

    k: int
    multapses: bool = True
    autapses: bool = True

    def __post_init__(self) -> None:
        declared(self, limits={"k": (0, MAX_TARGETS)})

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        options = ends.n_options(self.autapses)
        require_options(f"{ends.name}: FixedInDegree.k", self.k, options, self, ends)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.most_synapses(ends))

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        # k per target, whatever the sources
        return int(self.k) * ends.n_target

    def most_in_degree(self, ends: Ends) -> int:
        """Return the number of synapses of each target."""
        return int(self.k)

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        return np.full(stop - start, self.k, dtype=np.int32)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        # With repeats each draw is uniform over the sources; without, a set of k, all equally likely.
        fill_any = fill_repeating if self.multapses else fill_distinct
        fill_any(ends, streams, start, counts, self.autapses, out)
