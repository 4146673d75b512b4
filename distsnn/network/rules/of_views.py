"""A rule between views: it connects the chosen neurons as if they were populations of their own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network.rules.dense import AllToAll, OneToOne
from distsnn.network.rules.distance import DistanceDependent
from distsnn.network.rules.ends import Ends, Rule, Streams
from distsnn.network.rules.explicit import ExplicitList
from distsnn.network.rules.in_degree import FixedInDegree
from distsnn.network.rules.in_space import Distance
from distsnn.network.rules.listing import Listing
from distsnn.network.rules.out_degree import FixedOutDegree
from distsnn.network.rules.probability import FixedProbability

# Rules that decide about each pair of neurons by itself.
BY_PAIR = (AllToAll, FixedProbability, DistanceDependent, Distance)


@dataclass(frozen=True, eq=False)
class ViewRule:
    """``rule`` between the neurons ``source`` and ``target`` of two populations, int64, ascending.

    Draws are made for the place of a neuron in its view, so they do not depend on the neurons that are
    left out.
    """

    rule: Rule
    source: np.ndarray
    target: np.ndarray

    def __repr__(self) -> str:
        return f"{self.rule!r} from {self.source.size} onto {self.target.size} neurons"

    def inner(self, ends: Ends) -> Ends:
        """Return the ends that the rule sees, the same object each time."""
        known = self._of_ends.get(id(ends))
        if known is None:
            is_same = ends.is_same and np.array_equal(self.source, self.target)
            spaces = (
                None if space is None else space.chosen(index)
                for space, index in zip(ends.spaces, (self.source, self.target), strict=True)
            )
            from_space, onto_space = spaces
            inner = Ends(
                ends.name, self.source.size, self.target.size, is_same,
                spaces=(from_space, onto_space),
            )  # fmt: skip
            known = self._of_ends[id(ends)] = ends, inner
        return known[1]

    @cached_property
    def _of_ends(self) -> dict[int, tuple[Ends, Ends]]:
        """What the rule sees of pairs of populations; ends are kept, so that identities stay theirs."""
        return {}

    def check(self, ends: Ends) -> None:
        """Raise NetworkError if the rule cannot connect such views."""
        inner = self.inner(ends)
        is_overlapping = (
            ends.is_same and not inner.is_same and np.intersect1d(self.source, self.target).size
        )
        excludes_self = isinstance(self.rule, DistanceDependent)
        excludes_self = excludes_self or not vars(self.rule).get("autapses", True)
        if is_overlapping and excludes_self:
            limit = "between the same neurons, or neurons of which none is on both sides"
            remedy = "Allow autapses, or choose other views."
            raise NetworkError(must_be(f"{ends.name}: rule", limit, self.rule, remedy))
        self.rule.check(inner)

    def expected_synapses(self, ends: Ends) -> float:
        """Return the expected number of synapses."""
        return self.rule.expected_synapses(self.inner(ends))

    def most_synapses(self, ends: Ends) -> int:
        """Return the largest number of synapses that can occur."""
        return self.rule.most_synapses(self.inner(ends))

    def most_in_degree(self, ends: Ends) -> int:
        """Return a number that the synapses of no target exceed."""
        return self.rule.most_in_degree(self.inner(ends))

    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """Return the number of synapses of each target start .. stop - 1, int32."""
        counts = np.zeros(stop - start, dtype=np.int32)
        # Targets of the view among start .. stop - 1 have consecutive places in it.
        first, end = np.searchsorted(self.target, [start, stop])
        if end > first:
            chosen = self.target[first:end] - start
            counts[chosen] = self.rule.counts(self.inner(ends), streams, int(first), int(end))
        return counts

    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """Write the sources of the targets from ``start`` on."""
        first, end = np.searchsorted(self.target, [start, start + counts.size])
        if end > first:
            of_chosen = np.ascontiguousarray(counts[self.target[first:end] - start])
            self.rule.fill(self.inner(ends), streams, int(first), of_chosen, out)
            out[:] = self.source[out]  # places in the view -> neurons of the population


def rule_of_views(name: str, rule: Any, source: np.ndarray, target: np.ndarray) -> Rule:
    """Return the rule that connects neurons of two populations as ``rule`` connects the views.

    Lists of synapses and pairs stay lists, in the numbering of the populations. Raises NetworkError if
    a list names a neuron that a view does not have.
    """
    if isinstance(rule, OneToOne):
        # The k-th neuron of one view to the k-th of the other.
        rule.check(Ends(name, source.size, target.size, False))
        return ExplicitList(source, target)
    if isinstance(rule, Listing):
        rule.check(Ends(name, source.size, target.size, False))
        # Indices in a view become neurons of its population.
        return rule.renumbered(source, target)
    return ViewRule(rule, source, target)


def require_by_pair(rule: Any, over_sources: bool, over_targets: bool) -> None:
    """Raise NetworkError if a rule would have to count synapses over several parts of an assembly."""
    counted = ""
    if over_sources and not isinstance(rule, (FixedOutDegree, *BY_PAIR)):
        counted = "sources"
    elif over_targets and not isinstance(rule, (FixedInDegree, *BY_PAIR)):
        counted = "targets"
    elif over_sources and isinstance(rule, Distance) and rule.in_degree is not None:
        counted = "sources"
    if counted:
        limit = "one that decides about each pair of neurons, such as FixedProbability"
        subject = f"assembly: rule over several {counted}"
        raise NetworkError(must_be(subject, limit, rule, "Connect the parts."))
