"""Synapses by distance, between populations that have positions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from distsnn.checks import MAX_INT32, declared, must_be, number, whole
from distsnn.errors import NetworkError
from distsnn.network.rules.ends import Ends, Streams
from distsnn.network.space.between import ROUNDING, Between, between
from distsnn.network.space.neighbours import Neighbours, table_of
from distsnn.network.space.placed import MAX_LENGTH, MIN_LENGTH
from distsnn.network.space.profiles import LENGTH_REMEDY, OwnProfile, as_profile

N_ENTRIES = 4097  # of the table of a profile, from distance 0 to the reach


@dataclass(frozen=True, eq=False)
class Distance:
    """A synapse for every pair with the probability profile(d) at distance d, independently.

    profile: such as Gaussian, Exponential, Disc or SampledProfile, or a function of an array of
    distances. It is read at 4,097 distances up to the reach and linear in between. wrap: opposite
    sides of the extent are joined (a torus). max_range: no synapses beyond; at it there are. in_degree:
    so many different sources of each target instead, each next one chosen with a probability
    proportional to the profile. Without autapses no neuron is its own source.
    """

    profile: Any
    wrap: bool = False
    max_range: float | None = None
    in_degree: int | None = None
    autapses: bool = False

    def __post_init__(self) -> None:
        declared(self)
        object.__setattr__(self, "profile", as_profile("Distance.profile", self.profile))
        if self.max_range is not None:
            subject = "Distance.max_range"
            number(subject, self.max_range, MIN_LENGTH, MAX_LENGTH, remedy=LENGTH_REMEDY)
        if self.in_degree is not None:
            whole("Distance.in_degree", self.in_degree, 0, MAX_INT32)

    def check(self, ends: Ends) -> None:
        """Raise NetworkError where the rule cannot connect such populations."""
        neighbours = self.neighbours(ends)
        if not self.in_degree:
            return
        fewest = int(neighbours.expected[2].min())
        if fewest < self.in_degree:
            self._refuse_in_degree(ends, f"the {fewest} sources within reach of some target")

    def expect_none(self, ends: Ends, start: int, labels: np.ndarray, total: np.ndarray) -> None:
        """Add -log P(no synapse onto any target with a label) to total[source - start, label].

        labels: int64 [targets]; total: float64 [sources, labels]. With in_degree, the pairs
        are taken as independent, each with in_degree times its share of the target's profile.
        """
        neighbours = self.neighbours(ends)
        factors = np.ones(ends.n_target)
        if self.in_degree is not None:
            factors = self.in_degree / np.maximum(neighbours.totals, np.finfo(float).tiny)
        neighbours.reversed.expect_none(start, factors, labels, total)

    def _refuse_in_degree(self, ends: Ends, limit: str) -> NoReturn:
        remedy = "Lower it, or widen the profile or max_range."
        subject = f"{ends.name}: Distance.in_degree"
        raise NetworkError(must_be(subject, f"at most {limit}", self.in_degree, remedy))

    def reach(self, space: Between) -> float:
        """Return the distance beyond which there are no synapses."""
        limits = [self.profile.reach, space.bounds[1]]
        if self.max_range is not None:
            limits.append(float(self.max_range))
        return min(limits) * (1.0 + ROUNDING)

    def neighbours(self, ends: Ends) -> Neighbours:
        """Return the pairs within reach; NetworkError where there is no space or no probability."""
        known = self._of_ends.get(id(ends))
        if known is None:
            subject = f"{ends.name}: Distance"
            space = between(subject, *ends.spaces, self.wrap)
            reach = self.reach(space)
            table = self._table(f"{subject}.profile", reach)
            n_own = ends.n_target if ends.excludes_self(self.autapses) else 0
            own = np.arange(n_own, dtype=np.int64)
            known = self._of_ends[id(ends)] = ends, Neighbours(space, reach, table, own)
        return known[1]

    @cached_property
    def _of_ends(self) -> dict[int, tuple[Ends, Neighbours]]:
        """What is known of each pair of populations; ends are kept, so that identities stay theirs."""
        return {}

    def _table(self, subject: str, reach: float) -> np.ndarray:
        if isinstance(self.profile, OwnProfile):
            self.profile.require_elementwise(reach)
        values = self.profile.at(np.linspace(0.0, reach, N_ENTRIES))
        least, most = float(values.min()), float(values.max())
        if self.in_degree is not None:
            if least < 0.0:
                raise NetworkError(must_be(subject, "of at least 0", least, "Change it."))
            # Only ratios matter in a race; the largest becomes 1.
            return table_of(values / most if most > 0.0 else values)
        for value in (least, most):
            remedy = "Scale the profile, as with peak=0.1."
            number(f"{subject} as a probability", value, 0.0, 1.0, remedy=remedy)
        return table_of(values)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the expected number of synapses."""
        if self.in_degree is not None:
            return float(self.in_degree * ends.n_target)
        return float(self.neighbours(ends).expected[0].mean()) * ends.n_target

    def most_synapses(self, ends: Ends) -> int:
        """Return the largest number of synapses that can occur."""
        if self.in_degree is not None:
            return self.in_degree * ends.n_target
        return ends.n_target * ends.n_options(self.autapses)

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that no target's synapses exceed (mean + 10 deviations)."""
        if self.in_degree is not None:
            return int(self.in_degree)
        mean, variance, _ = self.neighbours(ends).expected
        bound = math.ceil(float((mean + 10.0 * np.sqrt(variance)).max()) + 10.0)
        return min(bound, ends.n_options(self.autapses))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        counts = np.full(stop - start, self.in_degree or 0, dtype=np.int32)
        if self.in_degree is None:
            key = streams.key("sources")
            self.neighbours(ends).join(key, start, counts, np.empty(0, dtype=np.uint32))
        return counts

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        key = streams.key("sources")
        if self.in_degree is not None:
            lacking = self.neighbours(ends).race(key, start, self.in_degree, out)
            if lacking >= 0:
                self._refuse_in_degree(ends, f"the sources within reach of target {lacking}")
        elif out.size:
            self.neighbours(ends).join(key, start, np.zeros_like(counts), out)
