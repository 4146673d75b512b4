"""Has lists of synapses keep those onto a rank's own neurons."""

from __future__ import annotations

from collections.abc import Sequence

from distsnn.mapping.plan import Slice
from distsnn.network import Network
from distsnn.network.rules.listing import Listing


def hold_own_edges(network: Network, cores: Sequence[Sequence[Slice]]) -> None:
    """Have every list of a network read and keep the synapses onto the slices of a rank's cores."""
    # population -> ranges of its neurons on this rank
    ranges: dict[int, list[tuple[int, int]]] = {}
    for pieces in cores:
        for piece in pieces:
            ranges.setdefault(piece.population, []).append((piece.start, piece.stop))
    # A rule may serve several projections.
    of_rule: dict[int, tuple[Listing, list[tuple[int, int]]]] = {}
    for projection in network.projections:
        rule = projection.rule
        if isinstance(rule, Listing):
            own = of_rule.setdefault(id(rule), (rule, []))[1]
            own += ranges.get(projection.target.index, [])
    for rule, own in of_rule.values():
        rule.hold(own)
