"""Rules without chance: all to all, one to one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.checks import declared
from distsnn.errors import NetworkError
from distsnn.kernels.draw.distinct import fill_everyone
from distsnn.network.rules.ends import Ends, Streams


@dataclass(frozen=True)
class AllToAll:
    """Every source to every target; without autapses not from a neuron to itself."""

    autapses: bool = True

    def __post_init__(self) -> None:
        declared(self)

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations; it always can."""

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.most_synapses(ends))

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        # n_target n_source, less the diagonal if it is left out
        return ends.n_target * ends.n_options(self.autapses)

    def most_in_degree(self, ends: Ends) -> int:
        """Return the number of synapses of each target."""
        return ends.n_options(self.autapses)

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        return np.full(stop - start, ends.n_options(self.autapses), dtype=np.int32)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on, ascending for each target."""
        fill_everyone(start, ends.n_source, ends.excludes_self(self.autapses), counts, out)


@dataclass(frozen=True)
class OneToOne:
    """Neuron i of the source to neuron i of the target; both have the same size."""

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        if ends.n_source != ends.n_target:
            raise NetworkError(
                f"{ends.name}: OneToOne must have as many sources as targets, {ends.n_target}, got "
                f"{ends.n_source}. Make both populations the same size."
            )

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(ends.n_target)

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        return ends.n_target

    def most_in_degree(self, ends: Ends) -> int:
        """Return the number of synapses of each target."""
        return 1

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        return np.ones(stop - start, dtype=np.int32)

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        # source = target
        out[:] = np.arange(start, start + counts.size, dtype=np.uint32)
