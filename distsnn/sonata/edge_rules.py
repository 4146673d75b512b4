"""Connection rules of the edges between the populations that two populations of nodes became."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distsnn.network.edges.summary import EdgeBlock, EdgeTally
from distsnn.network.rules.edges_of_file import EdgesOfFile
from distsnn.sonata.edges import Edges
from distsnn.sonata.nodes import Nodes


@dataclass(frozen=True, eq=False)
class End:
    """A population of nodes: for each node the population of the network and its index there."""

    nodes: Nodes
    part: np.ndarray
    index: np.ndarray


@dataclass(frozen=True, eq=False)
class PartReader:
    """The edges from one part of the sources onto one part of the targets."""

    edges: Edges
    source: End
    target: End
    parts: tuple[int, int]

    @property
    def path(self) -> Path:
        """The file."""
        return self.edges.path

    def blocks(self, wanted: np.ndarray | None) -> Iterator[EdgeBlock]:
        """Yield the edges onto wanted targets (bool [targets]; None: all). Raises InputFileError."""
        targets = None
        # index in a part -> node id
        if wanted is not None:
            is_own = self.target.part == self.parts[1]
            is_own[is_own] = wanted[self.target.index[is_own]]
            targets = np.sort(self.target.nodes.ids[is_own])
        for block in self.edges.blocks(targets):
            pre, post = (
                end.nodes.index_of(ids)
                for end, ids in ((self.source, block.pre), (self.target, block.post))
            )
            own = self.source.part[pre] == self.parts[0]
            own &= self.target.part[post] == self.parts[1]
            yield _renumbered(block, pre, post, self.source, self.target).chosen(own)


def edge_rules(edges: Edges, source: End, target: End) -> dict[tuple[int, int], EdgesOfFile]:
    """Return the rules for all pairs of parts with edges. Raises InputFileError.

    All edges are read and checked once, in blocks; a rule reads them again for a rank's neurons.
    """
    tallies: dict[tuple[int, int], EdgeTally] = {}
    n_source_parts = int(source.part.max(initial=0)) + 1
    in_degrees = np.zeros(target.nodes.size, dtype=np.int64)
    for block in edges.blocks():
        pre, post = source.nodes.index_of(block.pre), target.nodes.index_of(block.post)
        in_degrees += np.bincount(post, minlength=in_degrees.size)
        mapped = _renumbered(block, pre, post, source, target)
        # Populations of several templates are parted: one rule for each pair of parts that has edges.
        pair = target.part[post] * n_source_parts + source.part[pre]
        for number in np.unique(pair).tolist():
            parts = number % n_source_parts, number // n_source_parts
            tally = tallies.setdefault(parts, EdgeTally(has_weights=True, has_delays=True))
            tally.add(mapped.chosen(pair == number))
    has_edges = np.flatnonzero(in_degrees)
    edges.require_index(target.nodes.ids[has_edges], in_degrees[has_edges])
    return {
        parts: EdgesOfFile(PartReader(edges, source, target, parts), tally.summary())
        for parts, tally in tallies.items()
    }


def _renumbered(
    block: EdgeBlock, pre: np.ndarray, post: np.ndarray, source: End, target: End
) -> EdgeBlock:
    """Return edges between places of nodes as edges between indices in populations."""
    return EdgeBlock(source.index[pre], target.index[post], block.weights, block.delays_ms)
