"""Every pair with the same probability, independently."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared
from distsnn.kernels.draw.total import count_trials
from distsnn.network.rules.ends import Ends, Streams, random_bound
from distsnn.network.rules.fillers import fill_distinct


@dataclass(frozen=True)
class FixedProbability:
    """A synapse for every pair with probability ``p``; without autapses none onto itself.

    Drawn as a binomial number of sources for each target, then that many different ones, which is
    the same distribution as a coin for every pair.
    """

    p: float
    autapses: bool = True

    def __post_init__(self) -> None:
        declared(self, limits={"p": (0.0, 1.0)}, remedy="Give a probability.")

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations; it always can."""

    def expected_synapses(self, ends: Ends) -> float:
        """Return the expected number of synapses."""
        # p for each pair
        return self.p * self.most_synapses(ends)

    def most_synapses(self, ends: Ends) -> int:
        """Return the largest number of synapses that can occur."""
        return ends.n_target * ends.n_options(self.autapses)

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that no target's synapses exceed (mean + 10 deviations)."""
        return random_bound(ends.n_options(self.autapses), float(self.p))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        # count ~ Binomial(n_options, p), one random block per target
        low, high = streams.key("counts")
        counts = np.empty(stop - start, dtype=np.int32)
        p = np.array([self.p], dtype=np.float64)
        count_trials(low, high, start, ends.n_options(self.autapses), p, counts)
        return counts

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        # Given its number, all sets of sources are equally likely.
        fill_distinct(ends, streams, start, counts, self.autapses, out)
