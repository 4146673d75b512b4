"""What a connection rule knows of the populations that it connects, and must say about itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.numbers.threefry import stream_key
from distsnn.network.space.placed import Placed


@dataclass(frozen=True)
class Ends:
    """Sizes of source and target population; ``is_same``: they are one and the same.

    spaces: the positions of sources and of targets, None where they have none.
    """

    name: str
    n_source: int
    n_target: int
    is_same: bool
    source_patches: int = 1
    target_patches: int = 1
    spaces: tuple[Placed | None, Placed | None] = (None, None)

    def n_options(self, autapses: bool) -> int:
        """Return the number of sources that a target may have."""
        return self.n_source - int(self.is_same and not autapses)

    def excludes_self(self, autapses: bool) -> int:
        """Return 1 where a neuron must not be its own source."""
        return int(self.is_same and not autapses)


@dataclass(frozen=True)
class Streams:
    """The random streams of one projection."""

    seed: int
    projection: int

    def key(self, purpose: str) -> tuple[int, int]:
        """Return the low and the high word of the key for a purpose."""
        key = stream_key(self.seed, purpose, self.projection)
        return key & 0xFFFFFFFF, key >> 32


@runtime_checkable
class Rule(Protocol):
    """A connection rule: plain data with closed forms, and its draws for a range of targets.

    Draws depend on the streams and each target's index only, never on ``start`` and ``stop``.
    """

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""

    def expected_synapses(self, ends: Ends) -> float:
        """Return the expected number of synapses."""

    def most_synapses(self, ends: Ends) -> int:
        """Return the largest number of synapses that can occur."""

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that no target's synapses exceed (10 deviations where it is random)."""

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources (uint32) of ``counts.size`` targets from ``start`` on, in turn."""


def require_options(subject: str, n: int, n_options: int, rule: Any, ends: Ends) -> None:
    """Raise NetworkError if ``n`` synapses have fewer than ``n`` partners to choose among.

    rule: says ``multapses`` and ``autapses``; with multapses one partner is enough.
    """
    if n <= n_options or (rule.multapses and n_options > 0):
        return
    could_be_own = bool(ends.excludes_self(rule.autapses))
    if n_options == 0:
        remedy = "Allow autapses, or connect more neurons." if could_be_own else "Give 0."
    else:
        remedy = f"Lower it, or allow multapses{' or autapses' if could_be_own else ''}."
    raise NetworkError(must_be(subject, f"at most {n_options}", n, remedy))


def random_bound(n_trials: int, p: float) -> int:
    """Return what a binomial count practically never exceeds: mean + 10 deviations."""
    mean = n_trials * p
    return min(n_trials, math.ceil(mean + 10.0 * math.sqrt(mean * (1.0 - p)) + 10.0))


MAX_TARGETS = 2**31 - 1
