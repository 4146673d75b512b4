"""What the rules of a network let one expect of its traffic, before any synapse is drawn."""

from __future__ import annotations

import numpy as np

from distsnn.mapping.plan import Slice
from distsnn.network import (
    ExplicitList,
    Network,
    OneToOne,
    PatchInDegree,
    Projection,
)


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

    def reach(self, piece: Slice) -> np.ndarray:
        """Return the probability that a neuron of ``piece`` has a synapse on each block.

        float64 [n_blocks]; the number of its synapses there is taken as Poisson.
        """
        mean = np.zeros(self.n_blocks)
        for projection in self._from.get(piece.population, []):
            for target in self._onto.get(projection.target.index, []):
                mean[target.block] += _mean_synapses(projection, piece, target)
        return -np.expm1(-mean)

    def packets_from(self, block: int) -> np.ndarray:
        """Return the expected packets to each block if every neuron of ``block`` spikes once."""
        packets = np.zeros(self.n_blocks)
        for piece in self._of_block.get(block, []):
            packets += piece.size * self.reach(piece)
        return packets


def packets_per_spike(network: Network, slices: tuple[Slice, ...], n_blocks: int) -> np.ndarray:
    """Return expected packets from block to block if every neuron spikes once.

    float64 [n_blocks, n_blocks]: the expected number of neurons of a block that have at least one
    synapse on another.
    """
    traffic = ExpectedTraffic(network, slices, n_blocks)
    return np.array([traffic.packets_from(block) for block in range(n_blocks)])


def _mean_synapses(projection: Projection, source: Slice, target: Slice) -> float:
    """Return the expected synapses of one neuron of ``source`` onto all of ``target``."""
    rule = projection.rule
    if isinstance(rule, OneToOne):
        overlap = min(source.stop, target.stop) - max(source.start, target.start)
        return 20.0 * max(0, overlap) / source.size
    if isinstance(rule, ExplicitList):
        pre, post = np.asarray(rule.pre), np.asarray(rule.post)
        inside = (pre >= source.start) & (pre < source.stop)
        inside &= (post >= target.start) & (post < target.stop)
        return float(np.count_nonzero(inside)) / source.size
    if isinstance(rule, PatchInDegree):
        return _mean_of_patches(projection, rule, source, target)
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
            mean += rule.k * n_targets * max(0, stop - first) / from_size / source.size
    return mean
