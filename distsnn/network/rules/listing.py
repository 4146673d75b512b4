"""What rules have in common whose synapses are given one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules.ends import Ends, Streams

SUBJECT = "ExplicitList"


class Listing(ABC):
    """A rule whose synapses are a list, sorted by target."""

    @property
    @abstractmethod
    def n_synapses(self) -> int:
        """Number of synapses."""

    @abstractmethod
    def largest(self) -> tuple[int, int]:
        """Return the largest index of a source and that of a target, 0 for an empty list."""

    @abstractmethod
    def ends_of(self) -> tuple[np.ndarray, np.ndarray]:
        """Return source and target of all synapses, uint32."""

    @abstractmethod
    def own_values(self, what: str) -> Listed | None:
        """Return the list's own weights or delays (``what``: weights, delays_ms), None without."""

    @abstractmethod
    def values_onto(self, values: Listed, start: int, stop: int) -> np.ndarray:
        """Return those of the targets start .. stop - 1, float64."""

    @abstractmethod
    def renumbered(self, source: np.ndarray, target: np.ndarray) -> Listing:
        """Return the list with source[i] and target[j] in the place of i and j (both ascending)."""

    @abstractmethod
    def most_in_degree(self, ends: Ends) -> int:
        """Return the largest number of synapses of a target."""

    @abstractmethod
    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""

    @abstractmethod
    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""

    def hold(self, ranges: Sequence[tuple[int, int]]) -> None:  # noqa: B027 - a list in memory is all
        """Keep the synapses onto the targets start .. stop - 1 of each range, where they are read."""

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where an index lies outside its population."""
        sizes = ends.n_source, ends.n_target
        for name, size, largest in zip(("pre", "post"), sizes, self.largest(), strict=True):
            if largest >= size:
                remedy = "Count neurons from 0 within their population."
                subject = f"{ends.name}: {SUBJECT}.{name}"
                raise NetworkError(must_be(subject, f"at most {size - 1}", largest, remedy))

    def expected_synapses(self, ends: Ends) -> float:
        """Return the number of synapses."""
        return float(self.n_synapses)

    def most_synapses(self, ends: Ends) -> int:
        """Return the number of synapses."""
        return self.n_synapses
