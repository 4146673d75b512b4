"""The same number of synapses onto every target, from sources chosen at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.network.rules.ends import MOST_TARGETS, Ends, Streams
from distsnn.network.rules.fillers import fill_distinct, fill_repeating
from distsnn.stimuli.checks import require_count, require_flag


@dataclass(frozen=True)
class FixedInDegree:
    """``k`` synapses onto every target.

    multapses: a source may be chosen several times. autapses: a neuron may be its own source.
    """

    k: int
    multapses: bool = True
    autapses: bool = True

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        thing = f"{ends.name}: FixedInDegree"
        require_flag(thing, "multapses", self.multapses)
        require_flag(thing, "autapses", self.autapses)
        options = ends.n_options(self.autapses)
        most = options if not self.multapses or options == 0 else MOST_TARGETS
        remedy = "Lower k" + (", or allow multapses." if most == options else ".")
        require_count(thing, "k", self.k, 0, most, remedy)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.most_synapses(ends))

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
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
        fill_any = fill_repeating if self.multapses else fill_distinct
        fill_any(ends, streams, start, counts, self.autapses, out)
