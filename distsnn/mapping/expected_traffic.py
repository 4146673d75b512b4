"""Expected traffic of a network by its connection rules, before any synapse is drawn.

A neuron sends one packet to each core on which it has a synapse. Deterministic rules and those by
distance (independent pairs) are exact; otherwise the number of synapses onto a core is taken as
Poisson, which is close if many sources each contribute little:

    P(synapse on the core) = 1 - exp(-mean number of synapses)
"""

from __future__ import annotations

import numpy as np

from distsnn.mapping.plan import Slice
from distsnn.network import (
    AllToAll,
    Distance,
    DistanceDependent,
    Network,
    OneToOne,
    PatchInDegree,
    Projection,
)
from distsnn.network.rules.listing import Listing

NUMBERS_AT_ONCE = 1 << 22  # of neurons times blocks
POINTS_AT_ONCE = 1 << 20  # of neurons times targets


class ExpectedTraffic:
    """Expected packets from block to block, one source block at a time."""

    def __init__(self, network: Network, slices: tuple[Slice, ...], n_blocks: int) -> None:
        self.n_blocks = n_blocks
        self._of_block: dict[int, list[Slice]] = {}
        self._onto: dict[int, list[Slice]] = {}
        for piece in slices:
            self._of_block.setdefault(piece.block, []).append(piece)
            self._onto.setdefault(piece.population, []).append(piece)
        self._from: dict[int, list[Projection]] = {}
        for projection in network.projections:
            self._from.setdefault(projection.source.index, []).append(projection)
        self._blocks: dict[int, np.ndarray] = {}
        self._lists: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def reach(self, piece: Slice) -> np.ndarray:
        """Return the fraction of the neurons of ``piece`` that have a synapse on each block.

        float64 [n_blocks]; for one neuron chosen at random, the probability that it has one.
        """
        # Projections under which all neurons of the piece are alike: one mean per block.
        alike = np.zeros(self.n_blocks)
        differing = []
        for projection in self._from.get(piece.population, []):
            if _is_alike(projection, piece):
                for target in self._onto.get(projection.target.index, []):
                    alike[target.block] += _mean_synapses(projection, piece, target)
            else:
                differing.append(projection)
        if not differing:
            # P(at least one synapse) = 1 - exp(-mean)
            return -np.expm1(-alike)
        # The others: a mean per neuron and block, in batches that bound the memory.
        reached = np.zeros(self.n_blocks)
        n_at_once = max(1, NUMBERS_AT_ONCE // self.n_blocks)
        for first in range(piece.start, piece.stop, n_at_once):
            stop = min(piece.stop, first + n_at_once)
            mean = np.repeat(alike[np.newaxis], stop - first, axis=0)
            for projection in differing:
                self._add_means(projection, first, stop, mean)
            reached -= np.expm1(-mean).sum(axis=0)
        return reached / piece.size

    def packets_from(self, block: int) -> np.ndarray:
        """Return the expected packets to each block if every neuron of ``block`` spikes once."""
        packets = np.zeros(self.n_blocks)
        for piece in self._of_block.get(block, []):
            packets += piece.size * self.reach(piece)
        return packets

    def _add_means(self, projection: Projection, first: int, stop: int, mean: np.ndarray) -> None:
        """Add the expected synapses of sources first .. stop - 1 on each block to mean[sources].

        exp(-mean) is the probability that there is no synapse; infinity: a synapse is certain.
        """
        rule, onto = projection.rule, self._block_of(projection.target.index)
        if isinstance(rule, OneToOne):
            mean[np.arange(stop - first), onto[first:stop]] = np.inf
        elif isinstance(rule, Listing):
            pre, block = self._listed(projection, rule)
            here = slice(*np.searchsorted(pre, [first, stop]))
            mean[pre[here] - first, block[here]] = np.inf
        elif isinstance(rule, AllToAll):  # all others
            # Onto the own population without autapses: a block is certain to be reached unless the
            # neuron itself is the only target on it.
            n_others = np.bincount(onto, minlength=self.n_blocks)
            own = np.arange(first, stop)
            mean[:, n_others > 1] = np.inf
            mean[np.ix_(np.arange(stop - first), n_others == 1)] += np.where(
                onto[own][:, np.newaxis] == np.flatnonzero(n_others == 1), 0.0, np.inf
            )
        elif isinstance(rule, PatchInDegree):
            self._add_means_of_patches(projection, first, stop, mean)
        elif isinstance(rule, DistanceDependent):
            self._add_means_by_distance(projection, rule, first, stop, mean)
        elif isinstance(rule, Distance):
            rule.expect_none(projection.ends, first, onto, mean)

    def _add_means_of_patches(
        self, projection: Projection, first: int, stop: int, mean: np.ndarray
    ) -> None:
        size = projection.source.size // projection.source.patches
        for patch in range(first // size, -(-stop // size)):
            start, end = max(first, patch * size), min(stop, (patch + 1) * size)
            piece = Slice(projection.source.index, start, end, 0, 0)
            for target in self._onto.get(projection.target.index, []):
                rows = slice(start - first, end - first)
                mean[rows, target.block] += _mean_synapses(projection, piece, target)

    def _add_means_by_distance(
        self, projection: Projection, rule: DistanceDependent, first: int, stop: int,
        mean: np.ndarray,
    ) -> None:  # fmt: skip
        onto = self._block_of(projection.target.index)
        points = np.asarray(rule.from_points[first:stop], dtype=np.float64)
        targets = np.asarray(rule.onto_points, dtype=np.float64)
        # Candidates: targets in the bounding box of the sources, widened by the rule's reach.
        near = (targets >= points.min(axis=0) - rule.reach).all(axis=1)
        near &= (targets <= points.max(axis=0) + rule.reach).all(axis=1)
        candidates = np.flatnonzero(near)
        candidates = candidates[np.argsort(onto[candidates], kind="stable")]
        blocks, starts = np.unique(onto[candidates], return_index=True)
        n_at_once = max(1, POINTS_AT_ONCE // max(1, candidates.size))
        for k in range(0, points.shape[0] if candidates.size else 0, n_at_once):
            batch = points[k : k + n_at_once]
            # p = c exp(-d^2 / length^2) within reach, else 0
            square = ((batch[:, np.newaxis] - targets[candidates]) ** 2).sum(axis=2)
            probability = np.where(
                square <= rule.reach**2, rule.c * np.exp(-square / rule.length**2), 0.0
            )
            if projection.source is projection.target:  # no neuron is its own source
                own = np.arange(first + k, first + k + len(batch))
                probability[own[:, np.newaxis] == candidates] = 0.0
            # mean such that exp(-mean) = product over targets of (1 - p): sum of -log(1 - p), here of
            # all targets on a block; p < 1 keeps it finite.
            none = -np.log1p(-np.minimum(probability, 1.0 - 2.0**-53))  # each pair is drawn
            mean[k : k + n_at_once, blocks] += np.add.reduceat(none, starts, axis=1)

    def _block_of(self, population: int) -> np.ndarray:
        """Return the block of each neuron of a population, int64."""
        if population not in self._blocks:
            pieces = sorted(self._onto[population], key=lambda piece: piece.start)
            blocks = [piece.block for piece in pieces]
            self._blocks[population] = np.repeat(blocks, [piece.size for piece in pieces])
        return self._blocks[population]

    def _listed(self, projection: Projection, rule: Listing) -> tuple[np.ndarray, np.ndarray]:
        """Return source and block of the target of all synapses of a list, sorted by source."""
        if projection.index not in self._lists:
            pre, post = (np.asarray(end, dtype=np.int64) for end in rule.ends_of())
            block = self._block_of(projection.target.index)[post]
            order = np.argsort(pre, kind="stable")
            self._lists[projection.index] = pre[order], block[order]
        return self._lists[projection.index]


def packets_per_spike(network: Network, slices: tuple[Slice, ...], n_blocks: int) -> np.ndarray:
    """Return expected packets from block to block if every neuron spikes once.

    float64 [n_blocks, n_blocks]: the expected number of neurons of a block that have at least one
    synapse on another.
    """
    traffic = ExpectedTraffic(network, slices, n_blocks)
    return np.array([traffic.packets_from(block) for block in range(n_blocks)])


def _is_alike(projection: Projection, piece: Slice) -> bool:
    """Return whether all neurons of ``piece`` may expect the same synapses on every block."""
    rule, source = projection.rule, projection.source
    if isinstance(rule, PatchInDegree):
        size = source.size // source.patches
        return piece.start // size == (piece.stop - 1) // size
    if isinstance(rule, AllToAll):
        return not projection.ends.excludes_self(rule.autapses)
    return not isinstance(rule, OneToOne | Listing | Distance | DistanceDependent)


def _mean_synapses(projection: Projection, source: Slice, target: Slice) -> float:
    """Return the expected synapses of one neuron of ``source`` onto all of ``target``.

    All neurons of ``source`` are alike. Infinity if a synapse is certain.
    """
    rule = projection.rule
    if isinstance(rule, AllToAll):
        return float("inf")
    if isinstance(rule, PatchInDegree):
        return _mean_of_patches(projection, rule, source, target)
    # Synapses spread evenly over targets and sources.
    share = target.size / projection.target.size
    return projection.expected_synapses() * share / projection.source.size


def _mean_of_patches(
    projection: Projection, rule: PatchInDegree, source: Slice, target: Slice
) -> float:
    from_size = projection.source.size // projection.source.patches
    onto_size = projection.target.size // projection.target.patches
    mean = 0.0
    for patch in range(target.start // onto_size, -(-target.stop // onto_size)):
        n_targets = min(target.stop, (patch + 1) * onto_size) - max(target.start, patch * onto_size)
        for from_patch in rule.source_patches[patch]:
            first = max(source.start, from_patch * from_size)
            stop = min(source.stop, (from_patch + 1) * from_size)
            # k synapses per target, drawn evenly from its source patches; share of this source piece.
            mean += rule.k * n_targets * max(0, stop - first) / from_size / source.size
    return mean
