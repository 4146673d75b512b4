"""A fixed total number of synapses between pairs chosen at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared
from distsnn.kernels.draw.total import STACK_ROWS, share_total
from distsnn.network.rules.ends import Ends, Streams, random_bound, require_options
from distsnn.network.rules.fillers import fill_distinct, fill_repeating

MAX_SYNAPSES = 2**53  # exact in the float64 that the splits are drawn with


@dataclass(frozen=True)
class FixedTotalNumber:
    """``n`` synapses in all.

    multapses: a pair may be chosen several times. autapses: a neuron may be its own source.
    """

    n: int
    multapses: bool = True
    autapses: bool = True

    def __post_init__(self) -> None:
        declared(self, limits={"n": (0, MAX_SYNAPSES)})

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        pairs = ends.n_options(self.autapses) * ends.n_target
        require_options(f"{ends.name}: FixedTotalNumber.n", self.n, pairs, self, ends)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.n)

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        return int(self.n)

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that no target's synapses exceed (mean + 10 deviations)."""
        # A target gets Binomial(n, 1 / n_target) of the n synapses.
        most = random_bound(int(self.n), 1.0 / ends.n_target)
        return most if self.multapses else min(most, ends.n_options(self.autapses))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        # The n synapses are shared out by halving the range of targets: binomial with repeats,
        # hypergeometric over distinct pairs; each half depends on its own random block alone.
        low, high = streams.key("counts")
        places = 0 if self.multapses else ends.n_options(self.autapses)
        counts = np.empty(stop - start, dtype=np.int32)
        stack = np.empty((STACK_ROWS, 4), dtype=np.int64)
        share_total(low, high, int(self.n), places, ends.n_target, start, stack, counts)
        return counts

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        # Given its number, the sources of a target are independent of those of all others.
        fill_any = fill_repeating if self.multapses else fill_distinct
        fill_any(ends, streams, start, counts, self.autapses, out)
